"""Nobody is called outside the hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import trio
from attrs import define, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from callengine.dialer import Assignment, AttemptLife, CallingHours, ContactList, Dialer, Gate, Gates, Hours, ReadyScenario
from callengine.dialer.hours import ZoneClock
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


UTC_CLOCK = ZoneClock(ZoneInfo("UTC"))
QUARTER = timedelta(minutes=15)
CHANGING = ("Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Tehran", "America/Havana")
YEARS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
CHANGES = (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2018, 11, 4, 2, tzinfo=UTC))
NEAR_CHANGES = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-900, 900)
)
DAYS = st.lists(st.integers(0, 6), max_size=3).map(tuple)
QUARTERS = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@pytest.mark.parametrize(
    ("start", "end", "clock", "seconds"),
    [
        (NINE, FIVE, "09:00", 0),
        (NINE, FIVE, "16:59", 0),
        (NINE, FIVE, "17:00", 16 * 3600),
        (NINE, FIVE, "08:59", 60),
        (time(22), time(5), "23:00", 0),
        (time(22), time(5), "03:00", 0),
        (time(22), time(5), "05:00", 17 * 3600),
    ],
)
def test_the_hours_of_a_day(start: time, end: time, clock: str, seconds: float) -> None:
    now = datetime.combine(datetime(2026, 3, 2), time.fromisoformat(clock), tzinfo=UTC)
    assert Hours(start, end).opens_at(UTC_CLOCK, now) == now + timedelta(seconds=seconds)


@given(st.one_of(YEARS, NEAR_CHANGES), st.sampled_from(CHANGING), QUARTERS, QUARTERS, DAYS)
def test_the_opening_is_the_first_moment_that_is_open(
    now: datetime, zone: str, start: time, end: time, days: tuple[int, ...]
) -> None:
    """Also on days whose clock is changed: an hour that is skipped is not waited for, and one that comes twice counts twice."""
    hours, clock = Hours(start, end, days), ZoneClock(ZoneInfo(zone))
    now = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    opening = hours.opens_at(clock, now)
    if opening is None:
        raise AssertionError("there is such a moment every week")
    assert hours.within(clock.local(opening))
    assert opening >= now
    moment = now
    while moment < min(opening, now + timedelta(days=3)):
        assert not hours.within(clock.local(moment))
        moment += QUARTER


def test_a_start_that_the_clock_skips_is_the_moment_of_the_change() -> None:
    night = datetime(2026, 3, 29, 0, tzinfo=UTC)
    hours = Hours(time(2, 30), time(12))
    assert hours.opens_at(ZoneClock(ZoneInfo("Europe/Berlin")), night) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_days_and_holidays_go_by_the_same_clock() -> None:
    tehran = ZoneClock(ZoneInfo("Asia/Tehran"))
    hours = Hours(NINE, FIVE, days=(5, 6, 0, 1, 2), holidays=frozenset({date(2026, 3, 21), date(2026, 3, 22)}))
    thursday = datetime(2026, 3, 19, 3, tzinfo=UTC)
    assert hours.opens_at(tehran, thursday) == datetime(2026, 3, 23, 5, 30, tzinfo=UTC)


def test_hours_that_no_day_has_never_open() -> None:
    assert Hours(days=(0,), holidays=Mondays()).opens_at(UTC_CLOCK, datetime(2026, 3, 2, tzinfo=UTC)) is None


class Mondays:
    """All of them are holidays."""

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day.weekday() == 0


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
