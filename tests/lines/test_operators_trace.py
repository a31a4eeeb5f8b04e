"""Random traces against a naive model: nobody serves two customers at once, and nobody is stuck, whatever happens.

The model knows nothing of desks or turns. It keeps a list of customers and counts again each time.
"""

import math

import trio
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.lines import Operators, OperatorState, Reservation
from callengine.model import Operator, OperatorId, Passage, Rosters

ALL = tuple(Operator(OperatorId(name), f"PJSIP/{name}", over_trunk=False) for name in ("anna", "boris", "cem"))
EPSILON = 1e-6


@frozen
class Ask:
    """Waits end between whole seconds, at which nothing else happens."""

    candidates: tuple[Operator, ...]
    wait: float


@frozen
class Ring:
    which: int


@frozen
class Connect:
    which: int


@frozen
class Leave:
    """A customer leaves, perhaps while they wait; with `also`, another leaves in the same instant."""

    which: int
    also: int | None


@frozen
class Release:
    """The channel of a customer's operator is gone, and perhaps said so before."""

    which: int


@frozen
class Pause:
    operator: Operator


@frozen
class Resume:
    operator: Operator


@frozen
class Replace:
    listed: tuple[Operator, ...]


@frozen
class Pass:
    seconds: float


Action = Ask | Ring | Connect | Leave | Release | Pause | Resume | Replace | Pass

some = st.lists(st.sampled_from(ALL), unique=True, max_size=3).map(tuple)
which = st.integers(0, 20)
asks = st.builds(Ask, some, st.sampled_from([0.0, 2.5, 7.5, 60.5]))
actions: st.SearchStrategy[Action] = st.one_of(
    asks,
    asks,
    st.builds(Ring, which),
    st.builds(Connect, which),
    st.builds(Leave, which, st.none() | which),
    st.builds(Release, which),
    st.builds(Pause, st.sampled_from(ALL)),
    st.builds(Resume, st.sampled_from(ALL)),
    st.builds(Replace, some),
    st.builds(Pass, st.sampled_from([1.0, 3.0, 20.0])),
)


class Channel:
    """The passage of an operator's channel."""

    async def turn(self) -> None:
        await trio.lowlevel.checkpoint()

    def yield_turn(self) -> None: ...

    def placed(self) -> None: ...

    def release(self) -> None: ...


@define(eq=False)
class Customer:
    """Someone who asks for an operator, may have them rung and talk with them, and leaves."""

    asked: Ask
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    reservation: Reservation | None = None
    passage: Passage | None = None
    answered: bool = False
    gone: bool = False
    rings: bool = False
    talked: bool = False

    async def live(self, operators: Operators) -> None:
        with self.scope:
            async with operators.reserve(self.asked.candidates, wait=self.asked.wait) as self.reservation:
                self.answered = True
                if self.reservation is not None:
                    await trio.sleep_forever()
                states = {load.operator: load.state for load in operators.snapshot()}
                ready = [operator for operator in self.asked.candidates if states.get(operator) is OperatorState.READY]
                assert not ready, f"refused, though {ready} could be had"
        self.gone = True

    @property
    def waits(self) -> bool:
        return not self.answered and not self.gone

    @property
    def operator(self) -> Operator | None:
        """Who is kept for them."""
        return self.reservation.operator if self.reservation and (self.rings or not self.gone) else None


@define(eq=False)
class World:
    operators: Operators
    wrap_up: float
    nursery: trio.Nursery
    listed: tuple[Operator, ...] = ALL
    paused: set[Operator] = field(factory=set)
    writes_until: dict[Operator, float] = field(factory=dict)
    customers: list[Customer] = field(factory=list)

    def with_(self, operator: Operator) -> list[Customer]:
        return [customer for customer in self.customers if customer.operator == operator]

    def state(self, operator: Operator) -> OperatorState:
        for customer in self.with_(operator):
            return OperatorState.IN_CALL if customer.talked else OperatorState.RESERVED
        if operator in self.paused:
            return OperatorState.PAUSED
        writes = self.writes_until.get(operator, -math.inf) > trio.current_time() + EPSILON
        return OperatorState.WRAP_UP if writes else OperatorState.READY

    async def perform(self, action: Action) -> None:
        before = {customer: customer.operator for customer in self.customers}
        match action:
            case Ask():
                self.customers.append(Customer(action))
                self.nursery.start_soon(self.customers[-1].live, self.operators)
            case Leave(which, also) if self.customers:
                for chosen in {which, which if also is None else also}:
                    self.customers[chosen % len(self.customers)].scope.cancel()
            case Ring(which) | Connect(which) | Release(which) if self.customers:
                self.tell(self.customers[which % len(self.customers)], action)
            case Pause(operator) | Resume(operator) if operator in self.listed:
                self.pause_or_resume(operator, action)
            case Replace(listed):
                self.listed = listed
                self.operators.replace(Rosters(inbound=listed, outbound=listed[:1]))
            case Pass(seconds):
                await trio.sleep(seconds)
        await wait_all_tasks_blocked()
        for customer, kept in before.items():
            if kept is not None and customer.operator is None and customer.talked:
                self.writes_until[kept] = trio.current_time() + self.wrap_up

    def tell(self, customer: Customer, action: Ring | Connect | Release) -> None:
        here = customer.reservation is not None and not customer.gone
        match action:
            case Ring() if here and customer.reservation and customer.passage is None:
                customer.passage = customer.reservation.occupying(Channel())
                customer.rings = True
            case Connect() if here and customer.reservation and not customer.talked:
                customer.reservation.connected()
                customer.talked = True
            case Release() if customer.passage is not None:
                customer.rings = False
                customer.passage.release()

    def pause_or_resume(self, operator: Operator, action: Pause | Resume) -> None:
        if isinstance(action, Pause):
            self.operators.pause(operator.id)
            self.paused.add(operator)
            return
        self.operators.resume(operator.id)
        if operator in self.paused:
            self.paused.remove(operator)
            self.writes_until.pop(operator, None)

    def check(self) -> None:
        for operator in ALL:
            assert len(self.with_(operator)) <= 1, f"{operator.id} serves two customers"
        states = {load.operator: load.state for load in self.operators.snapshot()}
        assert states == {operator: self.state(operator) for operator in self.listed}
        for customer in self.customers:
            ready = [each for each in customer.asked.candidates if states.get(each) is OperatorState.READY]
            assert not (customer.waits and ready), f"a customer waits, though {ready} could serve them"

    def check_order(self, before: list[Customer]) -> None:
        """Nobody who was served by this action overtook somebody who still waits for the same operator."""
        for customer in before:
            ahead = self.customers[: self.customers.index(customer)]
            overtaken = [other for other in ahead if other.waits and customer.operator in other.asked.candidates]
            assert not (customer.operator and overtaken)


async def run_trace(wrap_up: float, trace: list[Action]) -> None:
    async with trio.open_nursery() as nursery:
        operators = Operators(Rosters(inbound=ALL), wrap_up=wrap_up)
        await nursery.start(operators.run)
        world = World(operators, wrap_up, nursery)
        for action in trace:
            waiting = [customer for customer in world.customers if customer.waits]
            await world.perform(action)
            world.check()
            world.check_order(waiting)
        await everyone_leaves(world)
        nursery.cancel_scope.cancel()


async def everyone_leaves(world: World) -> None:
    for number in range(len(world.customers)):
        await world.perform(Leave(number, None))
        await world.perform(Release(number))
    await world.perform(Replace(ALL))
    await trio.sleep(100)
    world.check()
    for operator in ALL:
        await world.perform(Resume(operator))
        async with world.operators.reserve((operator,)) as reservation:
            assert reservation is not None, f"{operator.id} is stuck"


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([0.0, 4.0]), st.lists(actions, min_size=10, max_size=40))
def test_no_trace_gives_an_operator_two_customers_or_leaves_anybody_stuck(wrap_up: float, trace: list[Action]) -> None:
    trio.run(run_trace, wrap_up, trace, clock=MockClock(autojump_threshold=0))
