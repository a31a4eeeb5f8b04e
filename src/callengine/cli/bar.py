"""A progress bar that appears when it has become worth while."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

SHOWS_AFTER = 2.0
"""Seconds of work without a bar."""


@define(eq=False)
class Bar:
    """Moves with the work; only a terminal shows it."""

    _progress: Progress
    _task: TaskID
    _began: float = field(factory=time.monotonic, init=False)
    _shown: bool = field(default=False, init=False)

    def advance(self, steps: int = 1) -> None:
        """One more is done, or several."""
        self._progress.advance(self._task, steps)
        if not self._shown and time.monotonic() - self._began > SHOWS_AFTER:
            self._progress.start()
            self._shown = True
        if self._shown:
            self._progress.refresh()


@contextmanager
def bar_over(total: int, words: str) -> Iterator[Bar]:
    """A bar for so many of something, gone at the end of the block."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    progress = Progress(*columns, console=console, auto_refresh=False, transient=True, disable=not console.is_terminal)
    try:
        yield Bar(progress, progress.add_task(words, total=total))
    finally:
        progress.stop()
