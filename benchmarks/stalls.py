"""How long the event loop goes without looking at its sockets."""

import time

import trio
from attrs import define, field


@define(eq=False)
class Stalls(trio.abc.Instrument):
    """An instrument of trio's.

    Attributes:
        longest: wall seconds between two looks.
    """

    longest: float = field(default=0.0, init=False)
    _looked: float = field(factory=time.perf_counter, init=False)

    def after_io_wait(self, timeout: float) -> None:  # noqa: ARG002  trio's signature
        self._looked = time.perf_counter()

    def before_io_wait(self, timeout: float) -> None:  # noqa: ARG002  trio's signature
        self.longest = max(self.longest, time.perf_counter() - self._looked)
