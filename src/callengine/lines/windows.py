"""Windows: how many calls were placed lately, and when there is room for another.

A token is pending from `take` until `date` or `give_back`. Pending tokens count in the window that is open, whenever that
is. `date` is called when the PBX has answered the request, at or after the moment it acted on it; a token dated then
leaves the window no earlier than the PBX's own count would let it. So no window the PBX can look at ever holds more than
the limit, and the price is the time the PBX takes to answer: a limit of N a second is reached as N calls in
1 s + answer time.

After a restart windows are filled again from the placements that were written down. Their times are those of a wall clock, so
they are kept `CLOCKS_DIFFER` longer than the figures say.
"""

import math
from collections import Counter, deque
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

import trio
from attrs import define, field

GUARD = 1e-6
"""Seconds a token stays longer than its window: the difference of two rounded clock readings may fall short by a bit."""

CLOCKS_DIFFER = 0.1
"""Seconds that a restored token stays longer: a wall clock that is slewed gains 0.03 s a minute, and times may be rounded."""

OPEN = -math.inf
"""The answer of `opens_at` when there is room now."""

LONGEST_DAY = timedelta(hours=26)
"""What has been placed longer ago counts on no zone's day: the longest one, in Troll, is that long."""

_BUCKET = 60
"""Seconds. Calls of a day are remembered by the minute: zones differ by whole ones."""


class Clock(Protocol):
    """A wall clock, and the zone in which days begin; `callengine.model.Ambient` is one."""

    def wall(self) -> datetime: ...

    def moment(self, local: datetime) -> datetime: ...


def day_began(now: datetime, zone: tzinfo) -> datetime:
    """When the calendar day began that it is now in a zone; where clocks there skip midnight, at the first time after."""
    return datetime.combine(now.astimezone(zone).date(), time.min, tzinfo=zone).astimezone(UTC).astimezone(zone)


class Window(Protocol):
    """A limit on calls in some span of time. A limit of zero is no limit."""

    limit: int

    def used(self) -> int:
        """Tokens that count now, pending ones included."""
        ...

    def opens_at(self) -> float:
        """When there is room for one more, on trio's clock: OPEN if there is now, infinity if time alone will not help."""
        ...

    def take(self) -> None:
        """Count one more token, as pending."""
        ...

    def date(self) -> None:
        """Turn a pending token into one of this moment."""
        ...

    def give_back(self) -> None:
        """Drop a pending token: its call was never placed."""
        ...


@define(eq=False)
class SlidingWindow:
    """At most `limit` calls in any span of `seconds`, on trio's clock."""

    seconds: float
    limit: int
    _pending: int = field(default=0, init=False)
    _leave_at: deque[float] = field(factory=deque, init=False)

    def used(self) -> int:
        now = trio.current_time()
        while self._leave_at and self._leave_at[0] <= now:
            self._leave_at.popleft()
        return self._pending + len(self._leave_at)

    def opens_at(self) -> float:
        excess = self.used() - self.limit
        if not self.limit or excess < 0:
            return OPEN
        return self._leave_at[excess] if excess < len(self._leave_at) else math.inf

    def take(self) -> None:
        self._pending += 1

    def date(self) -> None:
        self._pending -= 1
        self._leave_at.append(trio.current_time() + self.seconds + GUARD)

    def give_back(self) -> None:
        self._pending -= 1

    def restore(self, ages: Iterable[float]) -> None:
        """Count tokens that were dated so many seconds ago, before a restart."""
        now, stays = trio.current_time(), self.seconds + CLOCKS_DIFFER
        restored = (now + stays - max(age, 0.0) for age in ages if age < stays)
        self._leave_at = deque(sorted([*self._leave_at, *restored]))


def _began(day: date, clock: Clock) -> float:
    """Seconds since the epoch."""
    return clock.moment(datetime.combine(day, time.min)).timestamp()


@define(eq=False)
class DayCount:
    """At most `limit` calls on one calendar day of a wall clock.

    A call asked for before midnight and answered after it counts on both days. A wall clock set back does not reopen a
    day that is over.
    """

    _clock: Clock
    limit: int
    _pending: int = field(default=0, init=False)
    _dated: int = field(default=0, init=False)
    _day: date = field(default=date.min, init=False)
    _minutes: Counter[int] = field(factory=Counter, init=False)
    """Calls by the minute, counted from the epoch, in which they were dated; for days that begin at another hour."""

    def used(self) -> int:
        today = self._clock.wall().date()
        if today > self._day:
            self._day = today
            self._recount()
        return self._pending + self._dated

    def opens_at(self) -> float:
        if not self.limit or self.used() < self.limit:
            return OPEN
        if self._pending >= self.limit:
            return math.inf
        tomorrow = _began(self._day + timedelta(days=1), self._clock)
        return trio.current_time() + tomorrow - self._clock.wall().timestamp() + GUARD

    def take(self) -> None:
        self._pending += 1

    def date(self) -> None:
        self.used()
        self._pending -= 1
        self._count_today(self._clock.wall().timestamp())
        self._dated += 1

    def give_back(self) -> None:
        self._pending -= 1

    def restore(self, ages: Iterable[float]) -> None:
        """Count calls that were dated so many seconds ago, before a restart; those of earlier days count when days move."""
        self.used()
        now = self._clock.wall().timestamp()
        for age in ages:
            if age > 0.0:
                self._minutes[int((now - age) // _BUCKET)] += 1
            else:
                self._count_today(now)
        self._recount()

    def rezone(self) -> None:
        """Days begin at another hour now."""
        self._day = self._clock.wall().date()
        self._recount()

    def _count_today(self, now: float) -> None:
        """Today is a later day than the clock's where that was set back."""
        self._minutes[int(max(now, _began(self._day, self._clock)) // _BUCKET)] += 1

    def _recount(self) -> None:
        began = _began(self._day, self._clock)
        oldest = began - LONGEST_DAY.total_seconds()
        self._minutes = Counter({minute: calls for minute, calls in self._minutes.items() if minute * _BUCKET > oldest})
        self._dated = sum(calls for minute, calls in self._minutes.items() if (minute + 1) * _BUCKET > began)


@define(eq=False)
class Tokens:
    """The pending tokens of one call, in all the windows that count it."""

    _windows: list[Window] = field(factory=list, init=False)

    def take(self, *windows: Window) -> None:
        for window in windows:
            window.take()
            self._windows.append(window)

    def add(self, taken: "Tokens") -> None:
        """Make the tokens of another step of the same call ours."""
        self._windows += taken._windows
        taken._windows.clear()

    def date(self) -> None:
        for window in self._windows:
            window.date()
        self._windows.clear()

    def give_back(self) -> None:
        for window in self._windows:
            window.give_back()
        self._windows.clear()
