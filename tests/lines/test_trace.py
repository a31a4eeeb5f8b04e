"""Random traces against a naive model: whatever people do with leases, no limit is ever exceeded and nobody is forgotten.

The model knows nothing of windows or queues. It keeps a list of what was granted and when requests reached the PBX, and
counts it again each time.
"""

from datetime import UTC, datetime, timedelta

import trio
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.lines import LinePool, SlotLease
from callengine.model import LeaseRequest, LineId, LineLimits, LineSpec, Purpose, SeededAmbient

LINES = (LineId("1001"), LineId("1002"))
EPOCH = datetime(2026, 3, 2, 23, 58, tzinfo=UTC)


@frozen
class Rules:
    """The limits over all lines."""

    per_second: int
    outbound: int
    inbound: int
    reserve: int


@frozen
class Ask:
    want: LeaseRequest


@frozen
class Place:
    """A holder takes its turn; the PBX gets the request after `there` seconds and answers after `back` more."""

    which: int
    there: float
    back: float


@frozen
class Leave:
    """A holder or a waiter leaves; with `also`, a waiter leaves in the same instant, perhaps the one just served."""

    which: int
    also: int | None


@frozen
class Resize:
    line: LineId
    limits: LineLimits


@frozen
class Pass:
    seconds: float


Action = Ask | Place | Leave | Resize | Pass

limits = st.builds(
    LineLimits,
    concurrent=st.sampled_from([2, 1, 3, 0]),
    per_minute=st.sampled_from([0, 2, 3, 1]),
    per_day=st.sampled_from([0, 6, 3]),
    per_second=st.integers(0, 2),
)
requests = st.builds(LeaseRequest, st.sampled_from([Purpose.OUTBOUND, Purpose.OPERATOR]), st.sampled_from([None, *LINES])) | (
    st.builds(LeaseRequest, st.just(Purpose.INBOUND), st.sampled_from(LINES))
)
delays = st.sampled_from([0.0, 0.0, 0.3, 1.0, 7.0])
actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(Ask, requests),
    st.builds(Ask, requests),
    st.builds(Place, st.integers(0, 50), delays, delays),
    st.builds(Leave, st.integers(0, 50), st.none() | st.integers(0, 50)),
    st.builds(Resize, st.sampled_from(LINES), limits),
    st.builds(Pass, st.sampled_from([0.1, 0.5, 1.0, 20.0, 60.0, 130.0])),
)
rules = st.builds(
    Rules, per_second=st.integers(0, 2), outbound=st.integers(0, 3), inbound=st.integers(0, 2), reserve=st.integers(0, 2)
)


@define(eq=False)
class Person:
    """Someone who asks for a lease, may place a call on it, and leaves."""

    want: LeaseRequest
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    orders: trio.Event = field(factory=trio.Event)
    how: Place | None = None
    lease: SlotLease | None = None
    gone: bool = False
    has_turn: bool = False
    arrived: float | None = None
    answered: float | None = None

    async def live(self, pool: LinePool) -> None:
        with self.scope:
            self.lease = await pool.lease(self.want)
            await self.orders.wait()
            await self.lease.turn()
            self.has_turn = True
            await self._post(self.lease)
            await trio.sleep_forever()
        if self.lease is not None:
            self.lease.release()
        self.gone = True

    async def _post(self, lease: SlotLease) -> None:
        assert self.how is not None
        with trio.CancelScope(shield=True):
            await trio.sleep(self.how.there)
            self.arrived = trio.current_time()
            await trio.sleep(self.how.back)
            self.answered = trio.current_time()
            lease.placed()

    @property
    def waits(self) -> bool:
        return self.lease is None and not self.gone

    @property
    def holds(self) -> bool:
        return self.lease is not None and not self.gone

    @property
    def line(self) -> LineId | None:
        return self.lease.line.id if self.lease else None

    def passed_the_gate(self, since: float) -> bool:
        """Whether they hold a token of the gate in a second that reaches back to `since`."""
        return self.has_turn and self.counts(since)

    def counts(self, since: float) -> bool:
        """Whether their call counts in a window that reaches back to `since`: answered in it, or still to be."""
        if self.want.purpose is Purpose.INBOUND:
            return False
        return self.answered > since if self.answered is not None else self.holds


@define(eq=False)
class World:
    pool: LinePool
    limits: dict[LineId, LineLimits]
    rules: Rules
    nursery: trio.Nursery
    people: list[Person] = field(factory=list)

    def on(self, line: LineId | None, *purposes: Purpose) -> list[Person]:
        """Who holds a slot of this line (of any, for None), for these purposes (for any, without)."""
        held = [person for person in self.people if person.holds and line in (None, person.line)]
        return [person for person in held if person.want.purpose in (purposes or tuple(Purpose))]

    def placed_since(self, line: LineId, since: float) -> int:
        return sum(person.counts(since) for person in self.people if person.line == line)

    def midnight(self) -> float:
        """When today began, on trio's clock."""
        wall = EPOCH + timedelta(seconds=trio.current_time())
        return (wall.replace(hour=0, minute=0, second=0, microsecond=0) - EPOCH).total_seconds()

    def could_take(self, want: LeaseRequest, line: LineId) -> bool:
        limits, now = self.limits[line], trio.current_time()
        if want.line not in (None, line) or len(self.on(line)) >= limits.concurrent:
            return False
        if want.purpose is Purpose.INBOUND:
            return not self.rules.inbound or len(self.on(None, Purpose.INBOUND)) < self.rules.inbound
        if limits.per_minute and self.placed_since(line, now - 60.001) >= limits.per_minute:
            return False
        if limits.per_day and self.placed_since(line, self.midnight() - 0.001) >= limits.per_day:
            return False
        return want.purpose is Purpose.OPERATOR or self.could_start_outbound(line)

    def could_start_outbound(self, line: LineId) -> bool:
        slots = sum(limits.concurrent for limits in self.limits.values())
        customers = len(self.on(None, Purpose.OUTBOUND, Purpose.INBOUND))
        callers = [person for person in self.people if person.waits and person.want == LeaseRequest(Purpose.INBOUND, line)]
        capped = self.rules.outbound and len(self.on(None, Purpose.OUTBOUND)) >= self.rules.outbound
        return not callers and not capped and customers < slots - min(self.rules.reserve, slots - 1)

    async def perform(self, action: Action) -> None:
        present = [person for person in self.people if not person.gone]
        match action:
            case Ask(want):
                self.people.append(Person(want))
                self.nursery.start_soon(self.people[-1].live, self.pool)
            case Place(which) if present:
                chosen = present[which % len(present)]
                chosen.how = chosen.how or action
                chosen.orders.set()
            case Leave(which, also) if present:
                self.leave(present[which % len(present)], also)
            case Resize(line, limits):
                self.limits[line] = limits
                self.pool.resize(line, limits)
            case Pass(seconds):
                await trio.sleep(seconds)
        await wait_all_tasks_blocked()

    def leave(self, person: Person, also: int | None) -> None:
        person.scope.cancel()
        if person.lease and not person.orders.is_set():
            person.lease.release()
        waiting = [other for other in self.people if other.waits]
        if also is not None and waiting:
            waiting[also % len(waiting)].scope.cancel()


def check_nobody_is_forgotten(world: World) -> None:
    for person in world.people:
        if person.waits:
            able = [line for line in LINES if world.could_take(person.want, line)]
            assert not able, f"{person.want} waits, though {able} could take it"


def check_the_gate(world: World) -> None:
    """Nobody stands at the per-second gate who could go."""
    second_ago = trio.current_time() - 1.001
    for person in world.people:
        if person.holds and person.orders.is_set() and not person.has_turn:
            assert person.line is not None
            per_second = world.limits[person.line].per_second
            overall = sum(other.passed_the_gate(second_ago) for other in world.people)
            of_line = sum(other.passed_the_gate(second_ago) for other in world.people if other.line == person.line)
            full = (per_second and of_line >= per_second) or (world.rules.per_second and overall >= world.rules.per_second)
            assert full, f"{person.want} stands at an open gate"


def check_seconds(world: World, most: dict[LineId | None, int]) -> None:
    """No second of the PBX's own time holds a request too many; `most` is the largest limit that ever held, 0 for none."""
    for line, limit in most.items():
        arrivals = sorted(
            person.arrived
            for person in world.people
            if person.arrived is not None and person.want.purpose is not Purpose.INBOUND and line in (None, person.line)
        )
        for early, late in zip(arrivals, arrivals[limit:], strict=False) if limit else ():
            assert late - early >= 1.0


async def run_trace(first: tuple[LineLimits, LineLimits], rules: Rules, trace: list[Action]) -> None:
    specs = [LineSpec(line, caller_id=line, limits=each) for line, each in zip(LINES, first, strict=True)]
    pool = LinePool(
        specs,
        SeededAmbient(1, trio.current_time, EPOCH),
        overall_per_second=rules.per_second,
        max_outbound=rules.outbound,
        max_inbound=rules.inbound,
        reserve=rules.reserve,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(pool.run)
        world = World(pool, dict(zip(LINES, first, strict=True)), rules, nursery)
        seconds = {line: [limits.per_second] for line, limits in world.limits.items()}
        for action in trace:
            before = [person for person in world.people if person.holds]
            await world.perform(action)
            if isinstance(action, Resize):
                seconds[action.line].append(action.limits.per_second)
            check_limits_of(world, [person for person in world.people if person.holds and person not in before])
            check_nobody_is_forgotten(world)
            check_the_gate(world)
        most: dict[LineId | None, int] = {line: max(each) if all(each) else 0 for line, each in seconds.items()}
        check_seconds(world, most | {None: rules.per_second})
        await everyone_leaves(world)
        nursery.cancel_scope.cancel()


def check_limits_of(world: World, fresh: list[Person]) -> None:
    """A line that has just admitted somebody is within each of its limits."""
    now = trio.current_time()
    for person in fresh:
        line = person.line
        assert line is not None
        limits = world.limits[line]
        assert len(world.on(line)) <= limits.concurrent
        if person.want.purpose is not Purpose.INBOUND:
            assert not limits.per_minute or world.placed_since(line, now - 60) <= limits.per_minute
            assert not limits.per_day or world.placed_since(line, world.midnight()) <= limits.per_day
        if person.want.purpose is Purpose.OUTBOUND:
            ahead = [other for other in world.people if other.waits and other.want == LeaseRequest(Purpose.INBOUND, line)]
            assert not ahead, "an outbound call overtook a caller"
    for purpose, cap in ((Purpose.OUTBOUND, world.rules.outbound), (Purpose.INBOUND, world.rules.inbound)):
        assert not cap or len(world.on(None, purpose)) <= cap


async def everyone_leaves(world: World) -> None:
    for person in world.people:
        person.scope.cancel()
    await trio.sleep(100)
    await wait_all_tasks_blocked()
    load = world.pool.snapshot()
    assert set(load.in_use.values()) == {0}, "a slot did not return"
    assert set(load.waiting.values()) == {0}
    assert [line.in_use for line in load.lines] == [0, 0]
    assert [line.minute for line in load.lines] == [0, 0], "a token stayed pending"


@settings(max_examples=250, deadline=None)
@given(st.tuples(limits, limits), rules, st.lists(actions, min_size=15, max_size=50))
def test_no_trace_breaks_a_limit_or_forgets_a_waiter(
    first: tuple[LineLimits, LineLimits], rules: Rules, trace: list[Action]
) -> None:
    trio.run(run_trace, first, rules, trace, clock=MockClock(autojump_threshold=0))
