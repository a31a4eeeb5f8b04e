"""People on a real pool, moved one step at a time; after every step the naive model looks at everything.

Time stands still unless somebody waits, and then it goes from one instant at which something is due to the next.
"""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

import trio
from attrs import define, field
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.lines import LinePool
from callengine.model import LeaseRequest, LineId, LineLimits, LineSpec, Passage, Purpose, SeededAmbient
from tests.lines.contract import check, compare
from tests.lines.model import SEATED, Book, Person, Rules, Stage
from tests.lines.pbx import PbxView

LINES = (LineId("1001"), LineId("1002"))
ZONE = ZoneInfo("Europe/Berlin")
EPOCH = datetime(2026, 3, 27, 22, 58, tzinfo=UTC)
"""Two minutes before midnight, and a day before the hour that is left out."""

CROWD = 7
"""As many people as are ever about: enough for every queue, few enough to be counted again after each step."""

ONE_AT_A_TIME = LineLimits(concurrent=1, per_minute=0, per_day=0, per_second=1)


@define(eq=False)
class Actor(Person):
    """A person who acts: what they hold, the scope of the wait they are in, and whether a request is under way."""

    lease: Passage | None = None
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    sends: bool = False
    leaves: bool = False

    def holding(self) -> Passage:
        assert self.lease is not None
        return self.lease


@define
class WallClock:
    """A wall clock that can be set."""

    shift: float = 0.0

    def elapsed(self) -> float:
        return trio.current_time() + self.shift


@define(eq=False)
class World:
    """A pool and the people on it.

    Every step is a method. Whom it concerns is told by a plain figure, counted around; with nobody to do it, it does nothing.
    """

    pool: LinePool
    book: Book
    pbx: PbxView
    clock: MockClock
    wall: WallClock
    ambient: SeededAmbient
    nursery: trio.Nursery
    _actors: list[Actor] = field(factory=list)
    _due: list[tuple[float, int, Callable[[Actor], None], Actor]] = field(factory=list)

    async def ask(self, want: LeaseRequest | None) -> None:
        """Somebody asks for a slot; without a wish, for the right to a leg over no line."""
        if len(self.book.people) >= CROWD:
            return
        actor = Actor(self.book.count(), want)
        self._actors.append(actor)
        self.book.people.append(actor)
        if want is None:
            actor.lease, actor.stage = self.pool.passage(), Stage.HOLDS
        else:
            self.nursery.start_soon(self._wait_for_slot, actor, want)
        await self._settle()

    async def take_turn(self, which: int, there: float | None, back: float) -> None:
        """A holder goes to the gate.

        The PBX gets the request after `there` seconds and answers after `back` more; for None, no request is ever sent.
        """
        actor = self._choose(which, {Stage.HOLDS})
        if actor and actor.purpose is not Purpose.INBOUND:
            actor.stage, actor.place = Stage.AT_GATE, self.book.count()
            self.nursery.start_soon(self._pass_gate, actor, there, back)
            await self._settle()

    async def leave(self, which: int) -> None:
        """Somebody leaves, whatever they wait for or hold; a request under way is waited for first."""
        if actor := self._choose(which, {*Stage}):
            self._leave(actor)
            await self._settle()

    async def vie(self, which: int, whom: int, first: bool) -> None:
        """A holder leaves, and in the same instant somebody who waits, perhaps the one just served."""
        holder = self._choose(which, {Stage.HOLDS, Stage.THROUGH, Stage.ANSWERED})
        waiter = self._choose(whom, {Stage.WAITS, Stage.AT_GATE})
        if holder and waiter:
            for actor in (waiter, holder) if first else (holder, waiter):
                self._leave(actor)
            await self._settle(one_admission=False)

    async def resize(self, line: LineId, limits: LineLimits) -> None:
        self.book.limits[line] = limits
        self.pool.resize(line, limits)
        await self._settle()

    async def set_wall(self, seconds: float) -> None:
        """Set the wall clock by so much. The figures are looked at before and after: a day the pool saw is over for good."""
        compare(self.book, self.pool.snapshot())
        self.wall.shift += seconds
        self.book.clock_set = trio.current_time()
        self._look_at_clock()
        compare(self.book, self.pool.snapshot())
        await self._settle()

    async def wait(self, seconds: float) -> None:
        """Let time pass, from one instant at which somebody acts to the next."""
        end = trio.current_time() + seconds
        stood_still = 0
        while (now := trio.current_time()) < end:
            alarm = now + max(0.0, trio.lowlevel.current_statistics().seconds_to_next_deadline)
            then = min([end, alarm, *(when for when, *_ in self._due[:1])])
            stood_still = 0 if then > now else stood_still + 1
            assert stood_still < 5, "the alarm rings without end"
            self.clock.jump(then - now)
            self._look_at_clock()
            await self._settle()

    async def look(self) -> None:
        """Compare the pool's figures with the book."""
        compare(self.book, self.pool.snapshot())

    async def close(self) -> None:
        """Everybody is served in the end, without another limit than the slots, and everything comes back."""
        for line in LINES:
            await self.resize(line, ONE_AT_A_TIME)
        for _ in range(CROWD + 1):
            for actor in [actor for actor in self._actors if actor.stage in SEATED and not actor.leaves]:
                self._leave(actor)
                await self._settle()
            await self.wait(61)
        assert not self.book.people, f"{self.book.people} were never served"
        compare(self.book, self.pool.snapshot())
        load = self.pool.snapshot()
        assert [line.minute for line in load.lines] == [0, 0], "a token stayed pending"
        for want in (None, *(LeaseRequest(Purpose.OPERATOR, line) for line in LINES)):
            await self.ask(want)
            await self.take_turn(0, 0.0, 0.0)
            await self.leave(0)
            await self.wait(2)
        assert not self.book.people, "the gate stayed shut"

    def _choose(self, which: int, stages: Collection[Stage]) -> Actor | None:
        able = [actor for actor in self._actors if actor.stage in stages and not actor.leaves]
        return able[which % len(able)] if able else None

    def _leave(self, actor: Actor) -> None:
        if actor.stage in (Stage.WAITS, Stage.AT_GATE):
            actor.scope.cancel()
        elif actor.sends:
            actor.leaves = True
        else:
            self._release(actor)

    def _release(self, actor: Actor) -> None:
        """Give back; a second time does nothing."""
        actor.holding().release()
        actor.holding().release()
        self._go(actor)

    def _go(self, actor: Actor) -> None:
        self._actors.remove(actor)
        self.book.gone(actor)

    async def _wait_for_slot(self, actor: Actor, want: LeaseRequest) -> None:
        with actor.scope:
            actor.lease = lease = await self.pool.lease(want)
            self.book.served(actor, lease.line.id)
            return
        self._go(actor)

    async def _pass_gate(self, actor: Actor, there: float | None, back: float) -> None:
        with trio.CancelScope() as actor.scope:
            await actor.holding().turn()
            self.book.passed(actor)
            if there is not None:
                actor.sends = True
                self._later(there, self._arrive, actor)
                self._later(there + back, self._answer, actor)
            return
        self._release(actor)

    def _arrive(self, actor: Actor) -> None:
        self.pbx.arrived(actor, self.book.now, self.book.today)

    def _answer(self, actor: Actor) -> None:
        actor.sends = False
        actor.holding().placed()
        self.book.answered(actor)
        if actor.leaves:
            self._later(0.0, self._release, actor)

    def _later(self, seconds: float, act: Callable[[Actor], None], actor: Actor) -> None:
        heappush(self._due, (trio.current_time() + seconds, self.book.count(), act, actor))

    def _look_at_clock(self) -> None:
        self.book.at(trio.current_time(), self.ambient.wall().astimezone(ZONE).date())

    async def _settle(self, *, one_admission: bool = True) -> None:
        """Let everybody do what they can in this instant, and check; then what is due in it, one thing after another."""
        await wait_all_tasks_blocked()
        check(self.book, one_admission=one_admission)
        while self._due and self._due[0][0] <= trio.current_time():
            _, _, act, actor = heappop(self._due)
            act(actor)
            await wait_all_tasks_blocked()
            check(self.book, one_admission=True)


@asynccontextmanager
async def opened(clock: MockClock, rules: Rules, limits: tuple[LineLimits, LineLimits]) -> AsyncIterator[World]:
    """A world with a running pool of two lines."""
    wall = WallClock()
    ambient = SeededAmbient(1, wall.elapsed, EPOCH)
    pool = LinePool(
        [LineSpec(line, caller_id=line, limits=each) for line, each in zip(LINES, limits, strict=True)],
        ambient,
        overall_per_second=rules.per_second,
        max_outbound=rules.outbound,
        max_inbound=rules.inbound,
        reserve=rules.reserve,
        zone=ZONE,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(pool.run)
        world = World(
            pool, Book(rules, dict(zip(LINES, limits, strict=True))), PbxView(rules.per_second), clock, wall, ambient, nursery
        )
        await world.wait(0.1)
        yield world
        nursery.cancel_scope.cancel()
