"""`callengine simulate`: a whole campaign of random people, in virtual time."""

import secrets
import sys
from pathlib import Path

from cyclopts.types import PositiveInt
from rich.console import Console
from rich.progress import Progress, TaskID

from callengine import logs
from callengine.cli import summary
from callengine.cli.complaint import complain
from callengine.errors import ConfigError
from callengine.model import Attempt, CallId, Moment, MomentKind, Received
from callengine.scenarios import load_scenarios
from callengine.settings import LogSettings
from callengine.testing import simulate as simulate_campaign


class _Bar:
    """A timeline that moves a progress bar: one step for each person called whose call is over."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._under_way: set[CallId] = set()

    def begin(self, attempt: Attempt) -> None:
        self._under_way.add(attempt.call)

    def receive(self, received: Received) -> None:
        """Nobody knows how many will call us: they do not count."""

    def note(self, moment: Moment) -> None:
        if moment.kind is MomentKind.RESULT and moment.call in self._under_way:
            self._under_way.remove(moment.call)
            self._progress.advance(self._task)
            self._progress.refresh()


def simulate(flow: Path, /, *, calls: PositiveInt = 100, seed: int | None = None, report: Path | None = None) -> int:
    """Call random people on the simulated PBX, in virtual time, and judge the run by the PBX's own log.

    People answer, are busy, talk, stay silent and hang up at any moment; some call us meanwhile. The same seed gives the
    same campaign, event for event. The exit code is 0 if nobody was left alone, nothing left over and no limit exceeded, 1 if
    the run shows otherwise, 2 if FLOW cannot be used.

    Parameters
    ----------
    flow
        A scenario file, or a folder of them.
    calls
        How many people are called.
    seed
        Of everything random; a fresh one, which is printed, if left out.
    report
        Where to write the figures as JSON; `draw --counts` draws those of the flows.
    """
    logs.configure(LogSettings(level="ERROR"))
    seed = secrets.randbelow(2**32) if seed is None else seed
    console = Console(stderr=True)
    try:
        if report is not None:
            summary.reserve(report)
        scenarios = load_scenarios(flow, tell=lambda finding: print(finding, file=sys.stderr))
        with Progress(console=console, auto_refresh=False, transient=True) as progress:
            bar = _Bar(progress, progress.add_task(f"seed {seed}", total=calls))
            campaign = simulate_campaign(scenarios, calls=calls, seed=seed, timeline=bar)
        summary.show(campaign.report, Console())
        print(f"trace {campaign.trace}")
        if report is not None:
            summary.write(campaign.report, report)
    except ConfigError as error:
        complain(str(error))
        return 2
    return 0 if campaign.report.leaked.nothing and not campaign.report.violations else 1
