"""A figure, and how figures are taken: CPU time, warmed up, medians over rounds."""

import time
from collections.abc import Awaitable, Callable, Iterable
from statistics import median, quantiles

from attrs import frozen

MICRO = 1e6
MILLI = 1e3


@frozen
class Figure:
    """One line of a table.

    Attributes:
        budget: in words, such as `<= 150`; empty where there is none.
    """

    what: str
    value: float
    unit: str
    budget: str = ""


def cpu_of(work: Callable[[], object], *, times: int = 1, rounds: int = 7) -> float:
    """CPU seconds of one `work()`: the median over rounds of `times` each, after a round that does not count."""
    seconds = []
    for _ in range(rounds + 1):
        began = time.process_time()
        for _ in range(times):
            work()
        seconds.append((time.process_time() - began) / times)
    return median(seconds[1:])


async def cpu_of_async(work: Callable[[], Awaitable[object]], *, times: int, rounds: int = 7) -> float:
    """As `cpu_of`, for work that is awaited; waiting itself costs nothing."""
    seconds = []
    for _ in range(rounds + 1):
        began = time.process_time()
        for _ in range(times):
            await work()
        seconds.append((time.process_time() - began) / times)
    return median(seconds[1:])


def percentile(values: Iterable[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]
