"""What the PBX sees of the lines: when requests arrive, by its own clock."""

from collections.abc import Iterable
from datetime import date

from attrs import define, field

from callengine.model import LineId, LineLimits
from tests.lines.model import Person


@define(eq=False)
class PbxView:
    """Requests as they arrive. No second, minute or day of the PBX may hold one too many.

    A window is held to the limits that its latest member was let in by: smaller ones may have come while it was on its way.
    """

    per_second: int
    _arrivals: list[tuple[float, Person]] = field(factory=list)
    _today: tuple[date, list[Person]] = (date.min, [])

    def arrived(self, person: Person, now: float, today: date) -> None:
        self._arrivals = [(when, other) for when, other in self._arrivals if when > now - 60]
        self._arrivals.append((now, person))
        if today != self._today[0]:
            self._today = today, []
        self._today[1].append(person)
        last_second = [other for when, other in self._arrivals if when > now - 1]
        assert not self.per_second or len(last_second) <= self.per_second, "too many requests in a second"
        if person.line is not None:
            self._check(person.line, last_second, (other for _, other in self._arrivals), self._today[1])

    def _check(self, line: LineId, second: Iterable[Person], minute: Iterable[Person], day: Iterable[Person]) -> None:
        of_second, of_minute, of_day = ([other for other in window if other.line == line] for window in (second, minute, day))
        limit = latest(other.passed for other in of_second).per_second
        assert not limit or len(of_second) <= limit, "too many requests in a second of a line"
        limit = latest(other.seated for other in of_minute).per_minute
        assert not limit or len(of_minute) <= limit, "too many requests in a minute"
        limit = latest(other.seated for other in of_day).per_day
        assert not limit or len(of_day) <= limit, "too many requests in a day"


def latest(marks: Iterable[tuple[int, LineLimits]]) -> LineLimits:
    return max(marks, key=lambda mark: mark[0])[1]
