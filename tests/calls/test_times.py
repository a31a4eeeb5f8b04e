"""When a time of day comes next."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.calls.times import next_time
from callengine.model import SeededAmbient, SystemAmbient

ZONES = ("Asia/Tehran", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


def at(moment: datetime) -> SeededAmbient:
    """A world whose clocks show this."""
    return SeededAmbient(1, lambda: 0.0, moment)


@pytest.mark.parametrize(
    ("now", "clock", "zone", "then"),
    [
        ("2026-03-02T09:00+00:00", "09:30", None, "2026-03-02T09:30+00:00"),
        ("2026-03-02T09:30+00:00", "09:30", None, "2026-03-03T09:30+00:00"),
        ("2026-03-02T09:00+00:00", "09:30", "Asia/Tehran", "2026-03-03T06:00+00:00"),
        ("2026-03-02T23:00+00:00", "02:45", "Asia/Tehran", "2026-03-02T23:15+00:00"),
        # Berlin skips 02:00 to 03:00 on 29 March: 02:30 comes an hour later, once.
        ("2026-03-29T00:00+00:00", "02:30", "Europe/Berlin", "2026-03-29T01:30+00:00"),
        ("2026-03-29T01:30+00:00", "02:30", "Europe/Berlin", "2026-03-30T00:30+00:00"),
        ("2026-03-28T12:00+00:00", "09:00", "Europe/Berlin", "2026-03-29T07:00+00:00"),
        # and shows 02:00 to 03:00 twice on 25 October.
        ("2026-10-24T23:00+00:00", "02:30", "Europe/Berlin", "2026-10-25T00:30+00:00"),
        ("2026-10-25T00:30+00:00", "02:30", "Europe/Berlin", "2026-10-25T01:30+00:00"),
        ("2026-10-25T01:30+00:00", "02:30", "Europe/Berlin", "2026-10-26T01:30+00:00"),
        # Samoa had no 30 December in 2011.
        ("2011-12-30T09:00+00:00", "23:30", "Pacific/Apia", "2011-12-30T09:30+00:00"),
        ("2011-12-30T09:30+00:00", "00:30", "Pacific/Apia", "2011-12-30T10:30+00:00"),
    ],
)
def test_the_next_such_moment(now: str, clock: str, zone: str | None, then: str) -> None:
    found = next_time(clock, at(datetime.fromisoformat(now)), zone)
    assert found.astimezone(UTC) == datetime.fromisoformat(then)
    assert found.tzinfo is not None


@given(
    now=st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_it_is_soon_and_the_same_for_a_zone_and_a_machine_in_it(now: datetime, zone: str, hour: int, minute: int) -> None:
    clock = f"{hour:02}:{minute:02}"
    found = next_time(clock, at(now), zone)
    assert timedelta(0) < found.astimezone(UTC) - now <= timedelta(hours=49)
    machine = at(now.astimezone(ZoneInfo(zone)))
    assert next_time(clock, machine).astimezone(UTC) == found.astimezone(UTC)


def test_the_zone_of_the_machine() -> None:
    ambient = SystemAmbient()
    found = next_time("09:30", ambient)
    assert ambient.wall() < found <= ambient.wall() + timedelta(hours=50)
    assert ambient.moment(datetime(2026, 7, 1, 9, 30)) == datetime(2026, 7, 1, 9, 30).astimezone()
