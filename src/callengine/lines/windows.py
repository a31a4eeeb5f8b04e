"""Windows: how many calls were placed lately, and when there is room for another.

A token is pending from `take` until `date` or `give_back`. Pending tokens count in the window that is open, whenever that
is. `date` is called when the PBX has answered the request, at or after the moment it acted on it; a token dated then
leaves the window no earlier than the PBX's own count would let it. So no window the PBX can look at ever holds more than
the limit, and the price is the time the PBX takes to answer: a limit of N a second is reached as N calls in
1 s + answer time.
"""

import math
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import trio
from attrs import define, field

GUARD = 1e-6
"""Seconds a token stays longer than its window: the difference of two rounded clock readings may fall short by a bit."""

OPEN = -math.inf
"""The answer of `opens_at` when there is room now."""


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


@define(eq=False)
class DayCount:
    """At most `limit` calls on one calendar day, by a wall clock that bears the zone.

    A call asked for before midnight and answered after it counts on both days. A wall clock set back does not reopen a
    day that is over.
    """

    _wall: Callable[[], datetime]
    limit: int
    _pending: int = field(default=0, init=False)
    _dated: int = field(default=0, init=False)
    _day: date = field(default=date.min, init=False)

    def used(self) -> int:
        today = self._wall().date()
        if today > self._day:
            self._day, self._dated = today, 0
        return self._pending + self._dated

    def opens_at(self) -> float:
        if not self.limit or self.used() < self.limit:
            return OPEN
        if self._pending >= self.limit:
            return math.inf
        return trio.current_time() + self._until_tomorrow() + GUARD

    def _until_tomorrow(self) -> float:
        wall = self._wall()
        midnight = datetime.combine(self._day + timedelta(days=1), time.min, tzinfo=wall.tzinfo)
        return (midnight.astimezone(UTC) - wall.astimezone(UTC)).total_seconds()

    def take(self) -> None:
        self._pending += 1

    def date(self) -> None:
        self.used()
        self._pending -= 1
        self._dated += 1

    def give_back(self) -> None:
        self._pending -= 1


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
