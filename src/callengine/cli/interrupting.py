"""Ctrl-C, for commands that do several things at once."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


@asynccontextmanager
async def interruptible() -> AsyncIterator[None]:
    """Cancel the block at Ctrl-C. Left to itself, Python interrupts whichever line it is at, in a library's clean-up too.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C, and the block has come to its end.
    """
    interrupted = False

    async def listen(task_status: trio.TaskStatus[None]) -> None:
        nonlocal interrupted
        with trio.open_signal_receiver(signal.SIGINT) as signals:
            task_status.started()
            async for _ in signals:
                interrupted = True
                nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        await nursery.start(listen)
        yield
        nursery.cancel_scope.cancel()
    if interrupted:
        raise KeyboardInterrupt
