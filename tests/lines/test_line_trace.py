"""Random traces of customers who queue, against a list: first come, first served, and everybody knows their place."""

from itertools import pairwise

import trio
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.lines import Operators, Place, Reservation
from callengine.model import Operator, OperatorId, Rosters

ALL = tuple(Operator(OperatorId(name), f"PJSIP/{name}", over_trunk=False) for name in ("anna", "boris", "cem"))
REST = 4.0
SLIVER = 1e-6


@frozen
class Come:
    """Patience ends between whole seconds, at which nothing else happens."""

    roster: tuple[Operator, ...]
    patience: float


@frozen
class Decline:
    """The operator who is rung for this customer does not take the call."""

    which: int


@frozen
class Take:
    """They do, and the customer leaves the line."""

    which: int


@frozen
class HangUp:
    """The customer does, whether they talk or wait."""

    which: int


@frozen
class Pass:
    seconds: float


Action = Come | Decline | Take | HangUp | Pass

which = st.integers(0, 20)
rosters = st.lists(st.sampled_from(ALL), unique=True, min_size=1).map(tuple)
comes = st.builds(Come, rosters, st.sampled_from([2.5, 7.5, 60.5]))
actions: st.SearchStrategy[Action] = st.one_of(
    comes,
    comes,
    st.builds(Decline, which),
    st.builds(Take, which),
    st.builds(HangUp, which),
    st.builds(Pass, st.sampled_from([1.0, 3.0, 20.0])),
)


@define(eq=False)
class Customer:
    """Stands in line, is offered one operator after the other, and talks with the one who takes the call.

    Attributes:
        decision: of the operator who is rung: whether they take the call.
    """

    come: Come
    until: float
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    place: Place | None = None
    offered: Reservation | None = None
    talks: bool = False
    gone: bool = False
    tried: list[tuple[float, Operator]] = field(factory=list)
    decided: trio.Event = field(factory=trio.Event)
    leg: trio.CancelScope = field(factory=trio.CancelScope)

    async def live(self, operators: Operators, nursery: trio.Nursery) -> None:
        with self.scope:
            with operators.in_line(self.come.roster, patient=True) as self.place, trio.move_on_at(self.until):
                while not self.talks:
                    await nursery.start(self.offer, operators)
            self.place = None
            if self.talks:
                await trio.sleep_forever()
        self.gone = True

    async def offer(self, operators: Operators, task_status: trio.TaskStatus[None]) -> None:
        """Lives on beside the customer once they talk, as an operator's leg does."""
        with trio.CancelScope() as self.leg:
            async with operators.reserve(self.come.roster, wait=1000.0, place=self.place) as self.offered:
                assert self.offered is not None
                self.tried.append((trio.current_time(), self.offered.operator))
                self.decided = trio.Event()
                try:
                    await self.decided.wait()
                    if self.talks:
                        self.offered.connected()
                        task_status.started()
                        await trio.sleep_forever()
                    self.offered.pass_over(REST)
                finally:
                    self.offered = None
        if not self.talks:
            task_status.started()

    @property
    def stands(self) -> bool:
        return self.place is not None and not self.gone


@define(eq=False)
class World:
    operators: Operators
    nursery: trio.Nursery
    customers: list[Customer] = field(factory=list)

    async def perform(self, action: Action) -> None:
        match action:
            case Come(_, patience):
                self.customers.append(Customer(action, trio.current_time() + patience))
                self.nursery.start_soon(self.customers[-1].live, self.operators, self.nursery)
            case Decline(which) | Take(which) if offered := [
                each for each in self.customers if each.offered and not each.talks
            ]:
                chosen = offered[which % len(offered)]
                chosen.talks = isinstance(action, Take)
                chosen.decided.set()
            case HangUp(which) if here := [each for each in self.customers if not each.gone]:
                chosen = here[which % len(here)]
                chosen.leg.cancel()
                chosen.scope.cancel()
            case Pass(seconds):
                await trio.sleep(seconds)
        await wait_all_tasks_blocked()

    def check(self) -> None:
        line = [customer for customer in self.customers if customer.stands]
        for number, customer in enumerate(line):
            ahead = [other for other in line[:number] if set(other.come.roster) & set(customer.come.roster)]
            assert customer.place is not None
            assert customer.place.position == len(ahead) + 1
            assert trio.current_time() <= customer.until + SLIVER
        kept = [customer.offered.operator for customer in self.customers if customer.offered]
        assert len(kept) == len(set(kept))

    def check_order(self, waited: list[Customer]) -> None:
        """Nobody who was served just now overtook somebody who still waits for the same operator."""
        for customer in [each for each in waited if each.offered]:
            assert customer.offered is not None
            ahead = waited[: waited.index(customer)]
            overtaken = [
                each for each in ahead if each.stands and not each.offered and customer.offered.operator in each.come.roster
            ]
            assert not overtaken


async def run_trace(trace: list[Action]) -> None:
    async with trio.open_nursery() as nursery:
        operators = Operators(Rosters(inbound=ALL))
        await nursery.start(operators.run)
        world = World(operators, nursery)
        for action in trace:
            waited = [customer for customer in world.customers if customer.stands and not customer.offered]
            await world.perform(action)
            world.check()
            world.check_order(waited)
        for customer in world.customers:
            customer.leg.cancel()
            customer.scope.cancel()
        await trio.sleep(REST + 1)
        for operator in ALL:
            async with operators.reserve((operator,)) as reservation:
                assert reservation is not None, f"{operator.id} is stuck"
        for tried in (customer.tried for customer in world.customers):
            again = [(now - before) for (before, who), (now, next_) in pairwise(tried) if who == next_]
            assert all(seconds >= REST - SLIVER for seconds in again)
        nursery.cancel_scope.cancel()


@settings(max_examples=250, deadline=None)
@given(st.lists(actions, min_size=10, max_size=40))
def test_nobody_overtakes_and_everybody_knows_their_place(trace: list[Action]) -> None:
    trio.run(run_trace, trace, clock=MockClock(autojump_threshold=0))
