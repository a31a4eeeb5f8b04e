"""A trio run that a synchronous caller moves on, one job at a time.

It is trio's guest mode with the caller as host. Between two jobs nothing runs and no time passes, so a synchronous state
machine may drive what lives in the run.
"""

from collections import deque
from collections.abc import Awaitable, Callable

import outcome
import trio
from trio.abc import Clock

Job = Callable[[], Awaitable[None]]


class SteppedRun:
    """Does jobs inside one trio run; a job's exception reaches the caller, and the run goes on.

    Attributes:
        failed: whether a job has raised.
    """

    def __init__(self, clock: Clock) -> None:
        self._ticks: deque[Callable[[], object]] = deque()
        self._jobs: deque[Job] = deque()
        self._results: deque[outcome.Outcome[None]] = deque()
        self._open = True
        self.failed = False
        trio.lowlevel.start_guest_run(
            self._serve,
            run_sync_soon_threadsafe=self._ticks.append,
            done_callback=self._results.append,
            host_uses_signal_set_wakeup_fd=True,
            clock=clock,
        )

    def do(self, job: Job) -> None:
        self._jobs.append(job)
        self._run_until_result()

    def close(self) -> None:
        """End the run. Nothing of the jobs may be left in it."""
        self._open = False
        self._run_until_result()

    async def _serve(self) -> None:
        while self._open:
            if self._jobs:
                self._results.append(await outcome.acapture(self._jobs.popleft()))
            await trio.lowlevel.checkpoint()

    def _run_until_result(self) -> None:
        while not self._results:
            self._ticks.popleft()()
        result = self._results.popleft()
        self.failed |= isinstance(result, outcome.Error)
        result.unwrap()
