"""A line: its slots and its windows. It counts; the pool decides."""

from collections.abc import Callable
from datetime import datetime

import attrs
import trio

from callengine.lines.choice import LineLoad
from callengine.lines.windows import DayCount, SlidingWindow
from callengine.model import LineLimits, LineSpec

MINUTE = 60.0
SECOND = 1.0


class Line:
    """What one line carries now.

    The slots are a trio limiter used as a counter: a lease borrows on its own behalf, so any task may give the slot back.
    """

    def __init__(self, spec: LineSpec, wall: Callable[[], datetime]) -> None:
        limits = spec.limits
        self.spec = spec
        self.minute = SlidingWindow(MINUTE, limits.per_minute)
        self.day = DayCount(wall, limits.per_day)
        self.second = SlidingWindow(SECOND, limits.per_second)
        self._slots = trio.CapacityLimiter(limits.concurrent)
        self._peak = 0

    def __repr__(self) -> str:
        return f"<Line {self.spec.id} {self._slots.borrowed_tokens}/{self._slots.total_tokens}>"

    @property
    def has_slot(self) -> bool:
        return self._slots.available_tokens > 0

    def opens_at(self) -> float:
        """When minute and day both have room for another call."""
        return max(self.minute.opens_at(), self.day.opens_at())

    def take_slot(self, holder: object) -> None:
        """Raises trio.WouldBlock when no slot is free."""
        self._slots.acquire_on_behalf_of_nowait(holder)
        self._peak = max(self._peak, self._slots.borrowed_tokens)

    def return_slot(self, holder: object) -> None:
        self._slots.release_on_behalf_of(holder)

    def resize(self, limits: LineLimits) -> None:
        """Change the limits. Calls beyond smaller ones finish; none is admitted until the line is below them."""
        self.spec = attrs.evolve(self.spec, limits=limits)
        self.minute.limit = limits.per_minute
        self.day.limit = limits.per_day
        self.second.limit = limits.per_second
        self._slots.total_tokens = limits.concurrent

    def load(self, waiting: int = 0) -> LineLoad:
        return LineLoad(
            line=self.spec,
            in_use=self._slots.borrowed_tokens,
            minute=self.minute.used(),
            day=self.day.used(),
            waiting=waiting,
            peak=self._peak,
        )
