"""CSV files of numbers, read in a thread, with a progress bar for whoever looks on."""

from collections.abc import AsyncGenerator
from contextlib import closing
from itertools import islice
from pathlib import Path

import trio
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from callengine.dialer.contacts import Row, read_rows

AT_ONCE = 1000
"""Rows in one batch, and so in one transaction: an engine that runs beside waits no longer than for so many."""


async def batches(path: Path, what: str) -> AsyncGenerator[list[Row], None]:
    """The rows of a file, so many at once. It is read through once before, so that the bar knows how long it is.

    Args:
        what: is done with them, for the bar.

    Raises:
        ConfigError: as `read_rows`.
    """
    limiter = trio.CapacityLimiter(1)
    total = await trio.to_thread.run_sync(lambda: sum(1 for _ in read_rows(path)), limiter=limiter)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        closing(read_rows(path)) as rows,
        Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as progress,
    ):
        task = progress.add_task(what, total=total)
        while batch := await trio.to_thread.run_sync(lambda: list(islice(rows, AT_ONCE)), limiter=limiter):
            yield batch
            progress.update(task, advance=len(batch), refresh=True)
