"""The dialler with a PBX of a few lines: `place` waits, speaks and hangs up as a script says."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
import trio
from attrs import define, field, frozen
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.dialer import Assignment, AttemptLife, ContactList, ContactSource, Dialer, ReadyScenario
from callengine.errors import ConfigError, StoreError
from callengine.lines import LinePool
from callengine.model import (
    Attempt,
    AttemptState,
    Book,
    CallResult,
    Cause,
    ChartId,
    Contact,
    Digits,
    Lease,
    LineId,
    LineLimits,
    LineSpec,
    Result,
    SeededAmbient,
)
from callengine.store import MemoryBook, MemoryWriter

T = TypeVar("T")

EVENING = datetime(2026, 3, 2, 22, 0, tzinfo=ZoneInfo("Asia/Tehran"))
ROOMY = LineLimits(concurrent=3, per_minute=0, per_day=0, per_second=0)


@frozen
class Flow:
    id: ChartId


@define
class FakePbx:
    """Answers each request after a tenth of a second and ends each call after `talk` seconds."""

    talk: Callable[[Attempt], float]
    book: MemoryBook
    dialled: list[tuple[float, Digits]] = field(factory=list)
    live: int = 0
    most: int = 0
    faulty: frozenset[str] = frozenset()

    async def place(self, attempt: Attempt, lease: Lease, chart: Flow, life: AttemptLife) -> CallResult:
        try:
            await lease.turn()
            life.placed()
            with trio.CancelScope(shield=True):
                assert self.book.attempt(attempt.id) is not None, "the intent is written before the request"
                self.dialled.append((trio.current_time(), attempt.contact.number))
                self.live += 1
                self.most = max(self.most, self.live)
                await trio.sleep(0.1)
                lease.placed()
            if attempt.contact.number in self.faulty:
                raise ValueError("a step broke")
            life.answered()
            await trio.sleep(self.talk(attempt))
            return CallResult(Result("hangup"), Cause.CUSTOMER_GONE, answered=True)
        finally:
            self.live -= life.was_placed
            lease.release()


@define
class Campaign:
    dialer: Dialer[Flow]
    pbx: FakePbx
    book: MemoryBook
    pool: LinePool
    assignment: Assignment[Flow]

    def outcomes(self) -> Counter[str]:
        return Counter(attempt.state.value for attempt in self.book.attempts())

    def called(self) -> list[str]:
        return [number for _, number in self.pbx.dialled]


def numbers(count: int) -> list[str]:
    return [f"0912{at:07}" for at in range(count)]


Launch = Callable[..., Awaitable[Campaign]]


@pytest.fixture
async def campaign(nursery: trio.Nursery) -> Launch:
    async def launch(
        contacts: int | ContactSource,
        limits: LineLimits = ROOMY,
        *,
        talk: Callable[[Attempt], float] = lambda attempt: 10.0,
        per_second: int = 0,
        blocked: tuple[str, ...] = (),
    ) -> Campaign:
        ambient = SeededAmbient(1, trio.current_time, EVENING)
        pool = LinePool([LineSpec(LineId("1001"), "1001", limits)], ambient, overall_per_second=per_second)
        await nursery.start(pool.run)
        book = MemoryBook(Digits(number) for number in blocked)
        assignment = Assignment([ReadyScenario(name, Flow(ChartId(name))) for name in ("sales", "survey")], ambient)
        pbx = FakePbx(talk, book)
        dialer = Dialer(
            contacts=ContactList(numbers(contacts), ambient) if isinstance(contacts, int) else contacts,
            lines=pool,
            writer=MemoryWriter(book),
            assignment=assignment,
            place=pbx.place,
            ambient=ambient,
        )
        return Campaign(dialer, pbx, book, pool, assignment)

    return launch


def everything_returned(campaign: Campaign) -> bool:
    return campaign.pool.snapshot().lines[0].in_use == 0 and campaign.dialer.live == ()


async def test_everyone_is_called_once_within_the_quotas(campaign: Launch, autojump_clock: MockClock) -> None:
    random = Random(7)
    run = await campaign(
        40, LineLimits(concurrent=3, per_minute=8, per_second=1), talk=lambda attempt: random.uniform(1, 30), per_second=1
    )
    await run.dialer.run()
    assert sorted(run.called()) == numbers(40)
    assert run.outcomes() == {"settled": 40}
    assert run.pbx.most == 3
    times = [at for at, _ in run.pbx.dialled]
    assert all(late - early >= 60 for early, late in zip(times, times[8:], strict=False))
    assert all(late - early >= 1 for early, late in pairwise(times))
    assert Counter(attempt.scenario for attempt in run.book.attempts()) == {"sales": 20, "survey": 20}
    assert everything_returned(run)


async def test_a_blocked_number_is_recorded_and_never_dialled(campaign: Launch, autojump_clock: MockClock) -> None:
    blocked = numbers(5)[2]
    run = await campaign(5, blocked=(blocked,))
    await run.dialer.run()
    assert blocked not in run.called()
    (declined,) = run.book.attempts(AttemptState.NEVER_PLACED)
    assert declined.contact.number == blocked
    assert declined.outcome is not None
    assert declined.outcome.result == "failed:do_not_dial"
    assert run.outcomes() == {"settled": 4, "never_placed": 1}
    assert everything_returned(run)


async def test_a_call_that_breaks_pays_alone(campaign: Launch, autojump_clock: MockClock) -> None:
    run = await campaign(6)
    run.pbx.faulty = frozenset(numbers(6)[1:3])
    await run.dialer.run()
    causes = Counter(attempt.outcome.cause for attempt in run.book.attempts() if attempt.outcome)
    assert causes == {Cause.CUSTOMER_GONE: 4, Cause.BUG: 2}
    assert everything_returned(run)


async def test_stop_lets_calls_end_and_withdraws_those_at_the_gate(campaign: Launch, autojump_clock: MockClock) -> None:
    run = await campaign(20, per_second=1, talk=lambda attempt: 100.0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run.dialer.run)
        await trio.sleep(1.5)
        run.dialer.stop()
    assert run.called() == numbers(2)
    assert run.outcomes() == {"settled": 2, "never_placed": 1}
    assert [contact.number for contact in run.dialer.waiting] == numbers(4)[3:], "taken from the source, not called, not lost"
    assert trio.current_time() > 100
    assert everything_returned(run)


async def test_stopped_before_it_began_it_calls_nobody(campaign: Launch, autojump_clock: MockClock) -> None:
    run = await campaign(3)
    run.dialer.stop()
    await run.dialer.run()
    assert run.called() == []


@pytest.mark.parametrize("after", [0.0, 0.05, 1.0, 5.0, 12.05])
async def test_cancelled_it_leaves_no_attempt_open(campaign: Launch, autojump_clock: MockClock, after: float) -> None:
    run = await campaign(20, per_second=1)
    with trio.move_on_after(after):
        await run.dialer.run()
    assert set(run.outcomes()) <= {"settled", "never_placed"}
    placed = [attempt.contact.number for attempt in run.book.attempts(AttemptState.SETTLED)]
    assert placed == run.called()
    assert everything_returned(run)


async def test_a_spent_day_goes_on_at_midnight_of_the_zone(campaign: Launch, autojump_clock: MockClock) -> None:
    run = await campaign(3, LineLimits(concurrent=3, per_day=2))
    await run.dialer.run()
    times = [at for at, _ in run.pbx.dialled]
    assert times[1] < 60
    assert times[2] == pytest.approx(2 * 3600, abs=0.01), "it is 22:00 when the campaign starts"


async def test_with_no_scenario_active_nobody_is_called_until_one_is(
    campaign: Launch, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    run = await campaign(2)
    run.assignment.set_active([])
    nursery.start_soon(run.dialer.run)
    await wait_all_tasks_blocked()
    assert run.called() == []
    assert run.pool.snapshot().lines[0].in_use == 0
    run.assignment.set_active(["survey"])
    await trio.sleep(20)
    assert {attempt.scenario for attempt in run.book.attempts()} == {"survey"}


async def test_a_scenario_switched_off_while_the_lines_are_full_is_not_started(
    campaign: Launch, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    run = await campaign(2, LineLimits(concurrent=1))
    nursery.start_soon(run.dialer.run)
    await trio.sleep(1)
    run.assignment.set_active([])
    await trio.sleep(60)
    assert len(run.called()) == 1
    assert run.pool.snapshot().lines[0].in_use == 0


class BrokenWriter:
    """Writes intents until its disk is full."""

    def __init__(self, book: MemoryBook, room: int) -> None:
        self._inner = MemoryWriter(book)
        self._room = room

    async def write(self, unit: Callable[[Book], T]) -> T:
        self._room -= 1
        if self._room < 0:
            raise StoreError("disk full")
        return await self._inner.write(unit)


class FailingSource:
    """Offers one contact, then fails as a file does that became unreadable."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    async def __aiter__(self) -> AsyncIterator[Contact]:
        yield self._contact
        raise ConfigError("people.csv cannot be read")


async def test_a_source_that_fails_ends_the_taking_not_the_calls(campaign: Launch, autojump_clock: MockClock) -> None:
    contact = await anext(ContactList(numbers(1), SeededAmbient(1, trio.current_time)))
    run = await campaign(FailingSource(contact))
    with pytest.raises(ConfigError, match="cannot be read"):
        await run.dialer.run()
    assert run.outcomes() == {"settled": 1}


async def test_without_a_written_intent_nobody_is_dialled(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    ambient = SeededAmbient(1, trio.current_time)
    pool = LinePool([LineSpec(LineId("1001"), "1001", ROOMY)], ambient)
    await nursery.start(pool.run)
    book = MemoryBook()
    pbx = FakePbx(lambda attempt: 10.0, book)
    dialer = Dialer(
        contacts=ContactList(numbers(5), ambient),
        lines=pool,
        writer=BrokenWriter(book, room=2),
        assignment=Assignment([ReadyScenario("sales", Flow(ChartId("sales")))], ambient),
        place=pbx.place,
        ambient=ambient,
    )
    with pytest.raises(StoreError, match="disk full"):
        await dialer.run()
    assert len(pbx.dialled) == 2
    assert [contact.number for contact in dialer.waiting] == numbers(3)[2:]
    assert {attempt.state for attempt in book.attempts()} == {AttemptState.INTENDED}, "open, since no outcome was written"
    assert pool.snapshot().lines[0].in_use == 0
