"""The audit against a naive recount of the same log."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from callengine.model import LineLimits
from callengine.simulator import Kind, Leaks, Record, audit, leaked, max_concurrent

Call = tuple[str, int, int]
"""Line, start and length in tenths of a second."""

calls_made = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 1500), st.integers(1, 400)), max_size=40)
limits_set = st.builds(LineLimits, st.integers(0, 6), st.integers(0, 8), st.integers(0, 15), st.integers(0, 3))


def log_of(calls: list[Call]) -> list[Record]:
    """A log in which each call is asked for, created and destroyed; ends come before beginnings of the same moment."""
    rows: list[tuple[float, int, Record]] = []
    for number, (line, start, length) in enumerate(calls):
        begin, end, name = start / 10, (start + length) / 10, str(number)
        rows.append((begin, 1, Record(begin, Kind.ORIGINATE, name, {"line": line, "endpoint": "PJSIP/1"})))
        rows.append((begin, 1, Record(begin, Kind.CREATED, name)))
        rows.append((end, 0, Record(end, Kind.DESTROYED, name, {"cause": "16"})))
    return [record for _, _, record in sorted(rows, key=lambda row: row[:2])]


def naive(calls: list[Call], line: str, limits: LineLimits) -> Counter[str]:
    """Which kinds of limit of a line are broken, counted by looking at every call from every other."""
    starts = sorted(start for owner, start, _ in calls if owner == line)
    mine = [(start, start + length) for owner, start, length in calls if owner == line]
    broken: Counter[str] = Counter()
    if any(sum(begin <= at < end for begin, end in mine) > limits.concurrent for at in starts):
        broken["at once"] = 1
    for name, allowed, window in (("within 1 s", limits.per_second, 10), ("within 60 s", limits.per_minute, 600)):
        if allowed and any(sum(at <= other < at + window for other in starts) > allowed for at in starts):
            broken[name] = 1
    if limits.per_day and max(Counter(at // 1000 for at in starts).values(), default=0) > limits.per_day:
        broken["on one day"] = 1
    return broken


@given(calls_made, limits_set, limits_set)
def test_quotas_are_judged_as_a_naive_recount_does(calls: list[Call], a: LineLimits, b: LineLimits) -> None:
    violations = audit(log_of(calls), {"a": a, "b": b}, day_of=lambda at: round(at * 10) // 1000)
    for line, limits in (("a", a), ("b", b)):
        found = Counter({name: 1 for v in violations for name in naive_names() if v.subject == line and name in v.message})
        assert found == naive(calls, line, limits)


def naive_names() -> tuple[str, ...]:
    return ("at once", "within 1 s", "within 60 s", "on one day")


@given(calls_made, st.integers(1, 4))
def test_the_overall_rate_counts_all_lines(calls: list[Call], allowed: int) -> None:
    starts = [start for _, start, _ in calls]
    exceeded = any(sum(at <= other < at + 10 for other in starts) > allowed for at in starts)
    assert bool(audit(log_of(calls), {}, overall_per_second=allowed)) == exceeded


@given(calls_made)
def test_the_most_calls_at_once(calls: list[Call]) -> None:
    expected = {
        line: max(sum(begin <= at < begin + long for owner, begin, long in calls if owner == line) for at in starts)
        for line in ("a", "b")
        if (starts := [start for owner, start, _ in calls if owner == line])
    }
    assert max_concurrent(log_of(calls)) == expected


def test_what_is_left_over_is_named() -> None:
    log = [
        Record(1.0, Kind.CREATED, "c1"),
        Record(1.0, Kind.CREATED, "c2"),
        Record(2.0, Kind.DESTROYED, "c1"),
        Record(3.0, Kind.BRIDGE_CREATED, "b"),
        Record(4.0, Kind.RECORDING, "r"),
        Record(5.0, Kind.RECORDING_ENDED, "r"),
        Record(5.0, Kind.RECORDING_STORED, "r"),
    ]
    assert leaked(log) == Leaks(("c2",), ("b",), ("r",))
    assert [str(violation) for violation in audit(log, {})] == [
        "I2 at 1.000 s: c2: this channel is left over",
        "I2 at 3.000 s: b: this bridge is left over",
        "I2 at 5.000 s: r: this stored recording is left over",
    ]


def test_a_refused_request_gives_its_slot_back_and_still_counts_as_placed() -> None:
    asked = {"line": "a", "endpoint": "PJSIP/1"}
    log = [
        Record(1.0, Kind.ORIGINATE, "c1", asked),
        Record(1.0, Kind.REFUSED, "c1", {"status": "500"}),
        Record(3.0, Kind.ORIGINATE, "c1", asked),
        Record(3.0, Kind.CREATED, "c1"),
    ]
    assert max_concurrent(log) == {"a": 1}
    assert [v.message for v in audit(log, {"a": LineLimits(1, 1, 0, 0)}) if v.rule == "I6"] == [
        "more than 1 calls placed within 60 s"
    ]


def test_a_caller_from_outside_takes_a_slot_when_answered() -> None:
    log = [
        Record(1.0, Kind.CREATED, "in", {"line": "a"}),
        Record(2.0, Kind.ORIGINATE, "out", {"line": "a", "endpoint": "PJSIP/1"}),
        Record(3.0, Kind.ANSWERED, "in"),
        Record(4.0, Kind.DESTROYED, "in"),
    ]
    assert [(v.at, v.message) for v in audit(log, {"a": LineLimits(1, 0, 0, 0)}) if v.rule == "I6"] == [
        (3.0, "2 calls at once, 1 allowed")
    ]
