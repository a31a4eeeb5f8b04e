"""Which line carries the next call. Pure: figures in, a decision out."""

from collections.abc import Iterable

from attrs import frozen

from callengine.model import LineId, LineSpec


@frozen
class LineLoad:
    """A line at one moment.

    Attributes:
        line: as configured, with the limits that hold now.
        in_use: slots held, by calls of any purpose.
        minute: calls placed in the last 60 seconds or about to be.
        day: calls placed today or about to be.
        waiting: requests that will take a slot of this line only.
        peak: the most slots ever held at once.
        in_force: whether calls may begin on it, or it only carries those it has to their end.
    """

    line: LineSpec
    in_use: int
    minute: int
    day: int
    waiting: int = 0
    peak: int = 0
    in_force: bool = True

    @property
    def occupancy(self) -> float:
        """Share of the line's slots that is held; above 1 after the line was made smaller."""
        concurrent = self.line.limits.concurrent
        return self.in_use / concurrent if concurrent else float("inf")


def least_loaded(eligible: Iterable[LineLoad]) -> LineId | None:
    """Choose among lines that have room; None if there is none.

    The smallest occupancy wins; then the fewest calls in the last minute, then the fewest today, then the line declared
    first.
    """
    best = min(eligible, key=lambda load: (load.occupancy, load.minute, load.day), default=None)
    return best.line.id if best else None
