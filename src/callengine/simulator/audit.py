"""Judging a run by the PBX's log alone: nothing left over, nobody left alone, no quota exceeded.

Pure: a log goes in, violations come out. Calls count against the line named by the channel variable `CALLENGINE_LINE`
of their originate request, else by its caller id.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from callengine.model import LineLimits
from callengine.simulator.company import left_alone
from callengine.simulator.log import Kind, Record
from callengine.simulator.violation import Violation

_DAY = 86_400.0

LONGEST_ALONE = 2.0
"""Seconds within which whoever is left alone must be hung up on."""


@frozen
class Leaks:
    """What exists at the end of a log, by id."""

    channels: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    """Live or stored."""


_LIVES: Mapping[Kind, tuple[str, bool]] = {
    Kind.CREATED: ("channel", True),
    Kind.DESTROYED: ("channel", False),
    Kind.BRIDGE_CREATED: ("bridge", True),
    Kind.BRIDGE_DELETED: ("bridge", False),
    Kind.RECORDING: ("live recording", True),
    Kind.RECORDING_ENDED: ("live recording", False),
    Kind.RECORDING_STORED: ("stored recording", True),
    Kind.RECORDING_DELETED: ("stored recording", False),
}
"""Which records begin and end the life of which objects."""


def audit(
    log: Sequence[Record],
    limits: Mapping[str, LineLimits],
    *,
    overall_per_second: int = 0,
    day_of: Callable[[float], Hashable] = lambda at: at // _DAY,
    longest_alone: float = LONGEST_ALONE,
) -> tuple[Violation, ...]:
    """Every violation of I2 and I6 in a finished run's log.

    Args:
        limits: by line; a line without an entry is not judged.
        overall_per_second: originate requests in any second, over all lines; 0 is no limit.
        day_of: the calendar day of a moment, in the line's zone.
        longest_alone: seconds a person may be left alone; more than the default where the PBX itself is slow to hang up.
    """
    return (
        *_left_over(log),
        *left_alone(log, longest_alone),
        *_too_many_at_once(log, limits),
        *_too_many_placed(log, limits, overall_per_second, day_of),
    )


def leaked(log: Iterable[Record]) -> Leaks:
    """What a run left behind."""
    remaining = _remaining(log)
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, name in remaining:
        by_kind[kind].append(name)
    recordings = (*by_kind["live recording"], *by_kind["stored recording"])
    return Leaks(tuple(by_kind["channel"]), tuple(by_kind["bridge"]), recordings)


def max_concurrent(log: Iterable[Record]) -> dict[str, int]:
    """The most calls each line ever carried at once."""
    most: dict[str, int] = {}
    for _, line, now in _concurrency(log):
        most[line] = max(now, most.get(line, 0))
    return most


def _remaining(log: Iterable[Record]) -> dict[tuple[str, str], float]:
    """Objects that live at the end, with the moment they came to be."""
    alive: dict[tuple[str, str], float] = {}
    for record in log:
        life = _LIVES.get(record.kind)
        if life is not None:
            kind, begins = life
            if begins:
                alive[kind, record.id] = record.at
            else:
                alive.pop((kind, record.id), None)
    return alive


def _left_over(log: Sequence[Record]) -> Iterator[Violation]:
    for (kind, name), since in _remaining(log).items():
        yield Violation("I2", since, name, f"this {kind} is left over")


def _concurrency(log: Iterable[Record]) -> Iterator[tuple[float, str, int]]:
    """Each time a line takes one more call: when, which line, how many calls it then carries.

    A call of ours counts from the arrival of its request, one from outside from its answer, until its channel is gone.
    """
    now: Counter[str] = Counter()
    asked: dict[str, list[str]] = defaultdict(list)
    inbound: dict[str, str] = {}
    for record in log:
        line = None
        if record.kind is Kind.ORIGINATE:
            line = record.detail["line"]
            asked[record.id].append(line)
        elif record.kind is Kind.CREATED and "line" in record.detail:
            inbound[record.id] = record.detail["line"]
        elif record.kind is Kind.ANSWERED and record.id in inbound:
            line = inbound.pop(record.id)
            asked[record.id].append(line)
        elif record.kind in (Kind.REFUSED, Kind.DESTROYED) and asked[record.id]:
            now[asked[record.id].pop()] -= 1
        if line is not None:
            now[line] += 1
            yield record.at, line, now[line]


def _too_many_at_once(log: Iterable[Record], limits: Mapping[str, LineLimits]) -> Iterator[Violation]:
    for at, line, calls in _concurrency(log):
        if line in limits and calls > limits[line].concurrent:
            yield Violation("I6", at, line, f"{calls} calls at once, {limits[line].concurrent} allowed")


def _too_many_placed(
    log: Iterable[Record], limits: Mapping[str, LineLimits], overall: int, day_of: Callable[[float], Hashable]
) -> Iterator[Violation]:
    placed: dict[str, list[float]] = defaultdict(list)
    everywhere: list[float] = []
    for record in log:
        if record.kind is Kind.ORIGINATE:
            everywhere.append(record.at)
            placed[record.detail["line"]].append(record.at)
    yield from _crowded(everywhere, overall, 1.0, "all lines")
    for line, times in placed.items():
        if line in limits:
            yield from _crowded(times, limits[line].per_second, 1.0, line)
            yield from _crowded(times, limits[line].per_minute, 60.0, line)
            yield from _crowded_days(times, limits[line].per_day, day_of, line)


def _crowded(times: Sequence[float], allowed: int, seconds: float, subject: str) -> Iterator[Violation]:
    """Requests that are one too many for the window [t, t + seconds) that ends with them; zero allows any number."""
    if not allowed:
        return
    for index, at in enumerate(times[allowed:]):
        if at - times[index] < seconds:
            yield Violation("I6", at, subject, f"more than {allowed} calls placed within {seconds:g} s")


def _crowded_days(
    times: Iterable[float], allowed: int, day_of: Callable[[float], Hashable], subject: str
) -> Iterator[Violation]:
    if not allowed:
        return
    days: Counter[Hashable] = Counter()
    for at in times:
        days[day_of(at)] += 1
        if days[day_of(at)] > allowed:
            yield Violation("I6", at, subject, f"more than {allowed} calls placed on one day")
