"""A run in virtual time that is the same again for the same seed.

Trio shuffles its run queue on purpose, so its generator is seeded and its order made repeatable through the hook its own
authors made for hypothesis; both are put back afterwards. Threads and child processes have no place in such a run: the
clock would jump while they work.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, TypeVarTuple

import trio
import trio.testing
from trio._core import _run

T = TypeVar("T")
Args = TypeVarTuple("Args")


def run_virtually(seed: int, async_fn: Callable[[*Args], Awaitable[T]], *args: *Args) -> T:
    """Run an async function to its end, in no time: the clock jumps to the next deadline whenever everybody waits.

    Args:
        seed: decides the order in which trio runs tasks that are ready at once. Randomness of your own comes from a
            `SeededAmbient`.
    """
    with _repeatable_order(seed):
        return trio.run(async_fn, *args, clock=trio.testing.MockClock(autojump_threshold=0))


@contextmanager
def _repeatable_order(seed: int) -> Iterator[None]:
    allowed, state = _run._ALLOW_DETERMINISTIC_SCHEDULING, _run._r.getstate()
    vars(_run)["_ALLOW_DETERMINISTIC_SCHEDULING"] = True
    _run._r.seed(seed)
    try:
        yield
    finally:
        _run._r.setstate(state)
        vars(_run)["_ALLOW_DETERMINISTIC_SCHEDULING"] = allowed
