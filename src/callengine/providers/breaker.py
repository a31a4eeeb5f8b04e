"""Leaving a service alone that keeps failing, so that no call waits for what will not come."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import trio
from attrs import define, field

from callengine.errors import ProviderError, ProviderThrottled, ProviderUnavailable

LONGEST_PATIENCE = 60.0
"""Seconds that a service is left alone at most because it asked for patience."""


@define(eq=False)
class Breaker:
    """A circuit breaker, on trio's clock.

    Closed, it lets every use through. After `most` uses in a row that the service did not deliver it is open for `rest`
    seconds: uses fail at once. Then one use is let through: if the service delivers, it is closed, otherwise open for as long
    again. A service that asks for patience is left alone for as long as it says.

    Attributes:
        service: its name, for messages.
        most: failures in a row; 0 for never.
        rest: seconds.
    """

    service: str
    most: int = 5
    rest: float = 30.0
    _failures: int = field(default=0, init=False)
    _until: float = field(default=-math.inf, init=False)
    _why: str = field(default="", init=False)
    _probing: bool = field(default=False, init=False)

    @property
    def resting(self) -> bool:
        """Whether the service is left alone at this moment."""
        return self._left > 0

    @property
    def _left(self) -> float:
        return self._until - trio.current_time()

    @property
    def _open(self) -> bool:
        return 0 < self.most <= self._failures

    @contextmanager
    def use(self) -> Iterator[None]:
        """Heed how one use of the service ends.

        Raises:
            ProviderUnavailable: the service is left alone; it is not asked.
            ProviderThrottled: likewise, because it asked for patience.
        """
        self._check()
        probe = self._open
        self._probing = self._probing or probe
        try:
            yield
        except ProviderUnavailable:
            self.failed()
            raise
        except ProviderThrottled as error:
            self._leave_alone(min(error.retry_after or 0.0, LONGEST_PATIENCE), "asked for patience")
            raise
        except ProviderError:  # it answered, and other callers' requests may well be served
            self._failures = 0
            raise
        else:
            self._failures = 0
        finally:
            if probe:
                self._probing = False

    def failed(self) -> None:
        """A use ended without the service having delivered."""
        self._failures += 1
        if self._open:
            self._leave_alone(self.rest, f"failed {self._failures} times in a row")

    def _leave_alone(self, seconds: float, why: str) -> None:
        self._until, self._why = trio.current_time() + seconds, why

    def _check(self) -> None:
        if self.resting:
            left = math.ceil(self._left)
            text = f"{self.service} {self._why} and is left alone for another {left} s"
            raise ProviderUnavailable(text) if self._open else ProviderThrottled(text, self._left)
        if self._open and self._probing:
            raise ProviderUnavailable(f"{self.service} {self._why} and is being tried again by another call")
