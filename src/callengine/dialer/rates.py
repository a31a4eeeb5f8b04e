"""How many calls a scenario may have in a minute and on a day."""

from collections.abc import Callable, Sequence

from attrs import define, field

from callengine.fsm import RateLimits
from callengine.lines.windows import Clock, DayCount, SlidingWindow, Tokens
from callengine.model import Lease, LineSpec

MINUTE = 60.0


class Rates:
    """The calls of one scenario, and its limits on them. A day is one of the wall clock."""

    def __init__(self, clock: Clock) -> None:
        self._minute = SlidingWindow(MINUTE, 0)
        self._day = DayCount(clock, 0)

    def limit(self, limits: RateLimits) -> None:
        """Set the limits; what has been counted stays counted."""
        self._minute.limit = limits.max_calls_per_minute or 0
        self._day.limit = limits.max_calls_per_day or 0

    def opens_at(self) -> float:
        """When there is room for one more call, in the words of `callengine.lines.windows.Window`."""
        return max(self._minute.opens_at(), self._day.opens_at())

    def restore(self, ages: Sequence[float]) -> None:
        """Count calls of so many seconds ago, before a restart."""
        self._minute.restore(ages)
        self._day.restore(ages)

    def take(self) -> Tokens:
        """Count one more call, as pending until the tokens are dated or given back."""
        tokens = Tokens()
        tokens.take(self._minute, self._day)
        return tokens


@define(eq=False)
class Charge:
    """What one call counts in its scenario's limits: it may still be taken back until the call was placed."""

    _tokens: Tokens
    _changed: Callable[[], None]

    def placed(self) -> None:
        """The PBX has answered the originate request: the call counts from now on."""
        self._tokens.date()
        self._changed()

    def release(self) -> None:
        """The call counts no longer if it was never placed; otherwise this does nothing."""
        self._tokens.give_back()
        self._changed()


@define(eq=False)
class ChargedLease:
    """A lease that counts in its scenario's limits too; see `callengine.model.Lease` for the contract.

    Attributes:
        on_placed: is called when the PBX has answered the originate request.
    """

    _lease: Lease
    _charge: Charge
    on_placed: Callable[[], None] = field(default=lambda: None)

    @property
    def line(self) -> LineSpec:
        return self._lease.line

    async def turn(self) -> None:
        await self._lease.turn()

    def yield_turn(self) -> None:
        self._lease.yield_turn()

    def placed(self) -> None:
        self._lease.placed()
        self._charge.placed()
        self.on_placed()

    def release(self) -> None:
        self._lease.release()
        self._charge.release()
