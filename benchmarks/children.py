"""Processes of our own that play the other side, so that its CPU is not counted."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from subprocess import PIPE

import trio

READY_WITHIN = 20.0


@asynccontextmanager
async def child(module: str, *arguments: str) -> AsyncIterator[int]:
    """Run `python -m MODULE ARGUMENTS` for the time of the block; yields the port that it prints first."""
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(_run, module, arguments)
        assert process.stdout is not None, "its output is a pipe"
        with trio.fail_after(READY_WITHIN):
            line = await process.stdout.receive_some(100)
        yield int(line)
        nursery.cancel_scope.cancel()


async def _run(module: str, arguments: Sequence[str], task_status: trio.TaskStatus[trio.Process]) -> None:
    await trio.run_process([sys.executable, "-m", module, *arguments], stdout=PIPE, task_status=task_status)
