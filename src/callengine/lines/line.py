"""A line: its slots and its windows. It counts; the pool decides."""

from collections import Counter
from collections.abc import Sequence

import attrs
import trio

from callengine.lines.choice import LineLoad
from callengine.lines.windows import Clock, DayCount, SlidingWindow
from callengine.model import LineLimits, LineSpec, Purpose

MINUTE = 60.0
SECOND = 1.0


class Line:
    """What one line carries now.

    The slots are a trio limiter used as a counter: a lease borrows on its own behalf, so any task may give the slot back.
    Channels that were found alive count besides where the limiter has nothing left to lend.

    Attributes:
        in_force: whether calls may begin on it; one that was replaced carries those it has to their end.
    """

    def __init__(self, spec: LineSpec, clock: Clock, *, in_force: bool = True) -> None:
        limits = spec.limits
        self.spec = spec
        self.in_force = in_force
        self.minute = SlidingWindow(MINUTE, limits.per_minute)
        self.day = DayCount(clock, limits.per_day)
        self.second = SlidingWindow(SECOND, limits.per_second)
        self._slots = trio.CapacityLimiter(limits.concurrent)
        self._surplus: set[object] = set()
        self._carried: Counter[Purpose] = Counter()
        self._peak = 0

    def __repr__(self) -> str:
        return f"<Line {self.spec.id} {self.in_use}/{self.spec.limits.concurrent}>"

    @property
    def in_use(self) -> int:
        """Slots held; more than the line has after it was made smaller, or where channels were found alive."""
        return self._slots.borrowed_tokens + len(self._surplus)

    @property
    def was_used(self) -> bool:
        """Whether it has ever carried a call."""
        return self._peak > 0

    @property
    def customers(self) -> int:
        """Slots held for customers' calls."""
        return self._carried[Purpose.INBOUND] + self._carried[Purpose.OUTBOUND]

    @property
    def has_slot(self) -> bool:
        return self.in_use < self.spec.limits.concurrent

    def opens_at(self) -> float:
        """When minute and day both have room for another call."""
        return max(self.minute.opens_at(), self.day.opens_at())

    def take_slot(self, holder: object, purpose: Purpose) -> None:
        """Raises trio.WouldBlock when no slot is free."""
        self._slots.acquire_on_behalf_of_nowait(holder)
        self._carry(purpose)

    def occupy(self, holder: object, purpose: Purpose) -> None:
        """Take a slot that is in fact used, whether or not the line has one."""
        try:
            self._slots.acquire_on_behalf_of_nowait(holder)
        except trio.WouldBlock:
            self._surplus.add(holder)
        self._carry(purpose)

    def _carry(self, purpose: Purpose) -> None:
        self._carried[purpose] += 1
        self._peak = max(self._peak, self.in_use)

    def return_slot(self, holder: object, purpose: Purpose) -> None:
        self._carried[purpose] -= 1
        if holder in self._surplus:
            self._surplus.remove(holder)
        else:
            self._slots.release_on_behalf_of(holder)

    def resize(self, limits: LineLimits) -> None:
        """Change the limits. Calls beyond smaller ones finish; none is admitted until the line is below them."""
        self.respecify(attrs.evolve(self.spec, limits=limits))

    def respecify(self, spec: LineSpec) -> None:
        """Change everything but what has been counted, and who holds what."""
        limits = spec.limits
        self.spec = spec
        self.minute.limit = limits.per_minute
        self.day.limit = limits.per_day
        self.second.limit = limits.per_second
        self._slots.total_tokens = limits.concurrent

    def restore(self, ages: Sequence[float]) -> None:
        """Count calls that were placed so many seconds ago, before a restart."""
        for window in (self.second, self.minute, self.day):
            window.restore(ages)

    def load(self, waiting: int = 0) -> LineLoad:
        return LineLoad(
            line=self.spec,
            in_use=self.in_use,
            minute=self.minute.used(),
            day=self.day.used(),
            waiting=waiting,
            peak=self._peak,
            in_force=self.in_force,
        )
