"""Work that makes hundreds of thousands of objects, hardly any of them garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Leave Python's collector of cycles off meanwhile: going through a long file's nodes again and again doubles its time.

    For work of a bounded size, such as that on one file. It is the whole process's collector, which may lie still for that
    long; where two threads do such work, the first to end switches it on again.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
