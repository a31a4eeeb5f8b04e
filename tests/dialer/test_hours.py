"""Nobody is called outside the hours."""

from datetime import UTC, datetime, time, timedelta

import pytest
import trio
from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from callengine.dialer import Assignment, AttemptLife, CallingHours, ContactList, Dialer, Gate, Gates, Hours, ReadyScenario
from callengine.lines import LinePool
from callengine.model import (
    Attempt,
    CallResult,
    Cause,
    ChartId,
    Lease,
    LineId,
    LineLimits,
    LineSpec,
    Result,
    SeededAmbient,
)
from callengine.store import MemoryBook, MemoryWriter

NINE, FIVE = time(9), time(17)


def closed_for(now: datetime, start: time, end: time) -> float:
    """Seconds until hours begin, by a clock that shows `now`."""
    return CallingHours(SeededAmbient(1, lambda: 0.0, now), Hours(start, end)).closed_for


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [("09:00", 0), ("16:59", 0), ("17:00", 16 * 3600), ("08:59", 60), ("00:00", 9 * 3600)],
)
def test_the_hours_of_a_day(clock: str, seconds: float) -> None:
    now = datetime.combine(datetime(2026, 3, 2, tzinfo=UTC), time.fromisoformat(clock), tzinfo=UTC)
    assert closed_for(now, NINE, FIVE) == seconds


@pytest.mark.parametrize(("clock", "seconds"), [("23:00", 0), ("03:00", 0), ("12:00", 10 * 3600), ("05:00", 17 * 3600)])
def test_hours_past_midnight(clock: str, seconds: float) -> None:
    now = datetime.combine(datetime(2026, 3, 2, tzinfo=UTC), time.fromisoformat(clock), tzinfo=UTC)
    assert closed_for(now, time(22), time(5)) == seconds


@given(now=st.datetimes(timezones=st.just(UTC)), start=st.times(), end=st.times())
def test_after_the_wait_it_is_open(now: datetime, start: time, end: time) -> None:
    if start != end and now < datetime(9999, 12, 30, tzinfo=UTC):
        assert closed_for(now + timedelta(seconds=closed_for(now, start, end)), start, end) == 0.0


@frozen
class Flow:
    id: ChartId


@define
class Rings:
    """When somebody's phone rang, in seconds of the test."""

    times: list[float] = field(factory=list)

    async def place(self, attempt: Attempt, lease: Lease, flow: Flow, life: AttemptLife) -> CallResult:
        await lease.turn()
        life.placed()
        self.times.append(trio.current_time())
        lease.placed()
        lease.release()
        return CallResult(Result("missed"), Cause.CUSTOMER_GONE, answered=False)


async def test_a_slot_that_comes_free_at_night_waits_for_the_morning(autojump_clock: MockClock) -> None:
    """The day's limit is used up at noon; its next slot opens at midnight, when nobody may be called."""
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    ambient = SeededAmbient(1, trio.current_time, epoch=noon)
    pool = LinePool([LineSpec(LineId("1"), "1", LineLimits(concurrent=1, per_minute=0, per_day=1))], ambient)
    rings, hours = Rings(), CallingHours(ambient, Hours(NINE, FIVE))
    dialer = Dialer(
        contacts=ContactList(["0912111000", "0912111001"], ambient),
        lines=pool,
        writer=MemoryWriter(MemoryBook()),
        assignment=Assignment([ReadyScenario("x", Flow(ChartId("x")))], ambient),
        place=rings.place,
        ambient=ambient,
        gates=Gates((Gate("the hours", lambda: not hours.closed_for, hours.wait_open),)),
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(pool.run)
        await dialer.run()
        nursery.cancel_scope.cancel()
    first, second = rings.times
    assert first == pytest.approx(0, abs=1)
    assert second == pytest.approx(21 * 3600, abs=61)
