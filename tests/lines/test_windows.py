import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import trio
from attrs import define
from trio.testing import MockClock

from callengine.lines.windows import OPEN, DayCount, SlidingWindow
from callengine.model import SeededAmbient

TEHRAN = ZoneInfo("Asia/Tehran")
BERLIN = ZoneInfo("Europe/Berlin")


@define
class Stopped:
    """A wall clock that shows what it is set to."""

    now: datetime

    def wall(self) -> datetime:
        return self.now

    def moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.now.tzinfo)


async def test_a_token_leaves_one_window_after_it_was_dated(autojump_clock: MockClock) -> None:
    window = SlidingWindow(60.0, limit=1)
    window.take()
    assert window.opens_at() == math.inf, "pending: no time alone opens it"
    await trio.sleep(5)
    window.date()
    dated = trio.current_time()
    assert window.opens_at() == pytest.approx(dated + 60, abs=1e-5)
    await trio.sleep(59.9)
    assert window.used() == 1
    await trio.sleep_until(window.opens_at())
    assert window.used() == 0
    assert trio.current_time() - dated >= 60


async def test_a_token_given_back_never_was(autojump_clock: MockClock) -> None:
    window = SlidingWindow(60.0, limit=1)
    window.take()
    window.give_back()
    assert window.opens_at() == OPEN


async def test_a_smaller_limit_waits_until_enough_have_left(autojump_clock: MockClock) -> None:
    window = SlidingWindow(60.0, limit=3)
    for _ in range(3):
        window.take()
        window.date()
        await trio.sleep(10)
    window.limit = 1
    assert window.opens_at() == pytest.approx(80, abs=1e-4), "when the third has left"


async def test_zero_is_no_limit(autojump_clock: MockClock) -> None:
    window = SlidingWindow(1.0, limit=0)
    for _ in range(100):
        window.take()
    assert window.opens_at() == OPEN


async def test_a_day_ends_at_midnight_of_its_zone(autojump_clock: MockClock) -> None:
    epoch = datetime(2026, 3, 2, 23, 0, tzinfo=TEHRAN)
    ambient = SeededAmbient(1, trio.current_time, epoch)
    day = DayCount(ambient, limit=1)
    day.take()
    day.date()
    assert day.opens_at() == pytest.approx(3600, abs=1e-4)
    await trio.sleep_until(day.opens_at())
    assert day.opens_at() == OPEN


async def test_a_call_asked_for_before_midnight_counts_on_both_days(autojump_clock: MockClock) -> None:
    ambient = SeededAmbient(1, trio.current_time, datetime(2026, 3, 2, 23, 59, 59, tzinfo=TEHRAN))
    day = DayCount(ambient, limit=1)
    day.take()
    await trio.sleep(2)
    assert day.opens_at() == math.inf
    day.date()
    assert day.used() == 1


async def test_a_night_with_a_clock_change_has_its_own_length(autojump_clock: MockClock) -> None:
    spring = datetime(2026, 3, 29, 0, 30, tzinfo=BERLIN)
    day = DayCount(Stopped(spring), limit=1)
    day.take()
    day.date()
    assert day.opens_at() == pytest.approx(trio.current_time() + 22.5 * 3600, abs=1e-4)


async def test_a_wall_clock_set_back_does_not_reopen_a_day(autojump_clock: MockClock) -> None:
    now = datetime(2026, 3, 2, 0, 10, tzinfo=TEHRAN)
    clock = Stopped(now)
    day = DayCount(clock, limit=1)
    day.take()
    day.date()
    clock.now = now - timedelta(minutes=20)
    assert day.used() == 1
