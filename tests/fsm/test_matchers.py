"""Tests of what is known and of the time: what holds when."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.fsm.matchers import DAYS, Day, Hours, Test, is_number

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


def on(day: int, clock: str) -> datetime:
    """A time of the week, 0 for its Monday."""
    at = time.fromisoformat(clock)
    return MONDAY + timedelta(days=day, hours=at.hour, minutes=at.minute, seconds=at.second)


def holds(test: Test, **known: str) -> bool:
    return test.holds(known, MONDAY)


@pytest.mark.parametrize(("clock", "open_"), [("08:59:59", False), ("09:00", True), ("16:59:59", True), ("17:00", False)])
def test_hours_begin_with_their_first_minute_and_end_before_their_last(clock: str, open_: bool) -> None:
    assert Hours(start="09:00", end="17:00").hold(on(0, clock)) is open_


@pytest.mark.parametrize(
    ("day", "clock", "open_"),
    [
        (4, "21:59", False),
        (4, "22:00", True),
        (5, "00:00", True),
        (5, "01:59", True),
        (5, "02:00", False),
        (5, "22:00", False),
        (6, "01:00", False),
        (4, "01:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_begin(day: int, clock: str, open_: bool) -> None:
    assert Hours(start="22:00", end="02:00", days=("friday",)).hold(on(day, clock)) is open_


def test_hours_of_a_zone_follow_its_clocks() -> None:
    tehran = Hours(start="08:00", end="09:00", days=("saturday",), zone="Asia/Tehran")
    assert tehran.hold(on(5, "04:30"))
    assert not tehran.hold(on(5, "08:30"))
    assert Hours(start="00:00", end="01:00", days=("sunday",), zone="Asia/Tehran").hold(on(5, "20:30")), "Sunday there already"


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (datetime(2026, 3, 28, 8, 30, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 7, 30, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 8, 30, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 8, 30, tzinfo=UTC), True),
    ],
)
def test_hours_move_with_summer_time(moment: datetime, open_: bool) -> None:
    assert Hours(start="09:00", end="10:00", zone="Europe/Berlin").hold(moment) is open_


def test_an_hour_that_comes_twice_holds_twice_and_one_that_is_left_out_never() -> None:
    night = Hours(start="02:00", end="03:00", zone="Europe/Berlin")
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)
    spring = datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert sum(night.hold(autumn + timedelta(minutes=minute)) for minute in range(12 * 60)) == 120
    assert not any(night.hold(spring + timedelta(minutes=minute)) for minute in range(12 * 60))


@given(MINUTES, MINUTES, st.sets(st.sampled_from(DAYS)), st.integers(0, 7 * 24 * 60 - 1))
def test_hours_and_the_hours_between_them_share_the_day(start: str, end: str, days: set[Day], minute: int) -> None:
    if start == end:
        with pytest.raises(ValueError, match="same time"):
            Hours(start=start, end=end)
        return
    now = MONDAY + timedelta(minutes=minute)
    assert Hours(start=start, end=end).hold(now) is not Hours(start=end, end=start).hold(now)
    chosen = tuple(day for day in DAYS if day in days)
    here = Hours(start=start, end=end, days=chosen)
    if not chosen:
        assert here.hold(now) is Hours(start=start, end=end).hold(now)
    else:
        assert here.hold(now) is any(Hours(start=start, end=end, days=(day,)).hold(now) for day in chosen)


@given(MINUTES, MINUTES, st.integers(0, 7 * 24 * 60 - 1), st.sampled_from(["Asia/Tehran", "America/New_York", "UTC"]))
def test_the_zone_in_which_a_moment_is_told_does_not_matter(start: str, end: str, minute: int, zone: str) -> None:
    if start == end:
        return
    now = MONDAY + timedelta(minutes=minute)
    hours = Hours(start=start, end=end, zone="Asia/Tehran")
    assert hours.hold(now) is hours.hold(now.astimezone(ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("10", True),
        (" 10 ", True),
        ("20.0", True),
        ("9.999", False),
        ("20.01", False),
        ("۱۵", True),
        ("1۲.۵", True),
        ("", False),
    ]
    + [(text, False) for text in ("ten", "nan", "inf", "-10", "10%", "1,0", "1e1", "1_0", "+10", "10.", ".5", "²", "1" * 41)]
    + [("10." + "0" * 37, True), ("0" * 39 + "15", False)],
)
def test_numbers_are_compared_as_numbers_and_nothing_else_is_one(text: str, within: bool) -> None:
    assert holds(Test(name="debt", at_least=10, at_most=20), debt=text) is within


@given(st.from_regex(r"[ -]?\d+\.?\d*", fullmatch=True))
def test_what_is_a_number_can_be_compared(text: str) -> None:
    low, high = Test(name="n", at_least=0), Test(name="n", at_most=0)
    assert is_number(text) is (holds(low, n=text) or holds(high, n=text))


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_one_of_two_bounds_holds_for_every_number(number: int, bound: int) -> None:
    low, high = (holds(test, n=str(number)) for test in (Test(name="n", at_least=bound), Test(name="n", at_most=bound)))
    assert low is (number >= bound)
    assert high is (number <= bound)


@given(st.text(max_size=20))
def test_no_text_makes_a_test_of_numbers_fail(text: str) -> None:
    assert holds(Test(name="n", at_least=-1e15, at_most=1e15), n=text) in (True, False)
    assert is_number(text) or not holds(Test(name="n", at_least=-1e15), n=text)


@pytest.mark.parametrize(("text", "is_empty"), [("", True), (" ", False), ("x", False)])
def test_empty_is_what_is_not_there(text: str, is_empty: bool) -> None:
    assert holds(Test(name="city", empty=True), city=text) is is_empty
    assert holds(Test(name="city", empty=False), city=text) is not is_empty
    assert holds(Test(name="city", empty=True), other=text)


def test_texts_are_compared_as_they_are_written() -> None:
    assert holds(Test(name="city", equals="Tehran"), city="Tehran")
    assert not holds(Test(name="city", equals="Tehran"), city="tehran ")
    assert holds(Test(name="city", one_of=("Karaj", "Tehran")), city="Tehran")
    assert not holds(Test(name="city", one_of=()), city="")
    assert holds(Test(name="city", contains="ehr"), city="Tehran")
    assert not holds(Test(name="city", contains="Teheran"), city="Tehran")


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"name": "city"},
        {"equals": "x"},
        {"name": "city", "equals": "x", "contains": "y"},
        {"name": "city", "at_least": 1.0, "empty": True},
    ],
)
def test_a_test_tests_one_thing(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs"):
        Test(**keys)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two tests"):
        Test(name="city", time=Hours(start="09:00", end="10:00"))
