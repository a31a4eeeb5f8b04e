"""`callengine pacing`: how many calls are placed for the operators there are, tried out."""

import secrets
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.types import PositiveInt
from rich.console import Console

from callengine.cli.bar import bar_over
from callengine.cli.complaint import complain
from callengine.cli.pacing_report import json_of, plot_of, show
from callengine.dialer.pacing_simulation import MOST_OPERATORS, Trial, World
from callengine.settings.choices import PacingMode

app = App(name="pacing", help="Try out how many calls are placed for the operators there are.")

MOST_HOURS = 168.0


def _finite(low: float, high: float, *, above: bool = False) -> Parameter:
    """A number within bounds.

    Args:
        above: the lower bound itself will not do.
    """

    def check(_type: type[object] | object, value: float | None) -> None:
        if (value is not None and not (low < value if above else low <= value)) or (value is not None and not value <= high):
            raise ValueError(f"must be {'above' if above else 'from'} {low:g} {'and at most' if above else 'to'} {high:g}")

    return Parameter(validator=check)


@app.command
def simulate(
    *,
    mode: PacingMode = "predictive",
    operators: Annotated[PositiveInt, _finite(1, MOST_OPERATORS)] = 10,
    answer_rate: Annotated[float, _finite(0.0, 1.0)] = 0.3,
    later_answer_rate: Annotated[float | None, _finite(0.0, 1.0)] = None,
    hours: Annotated[float, _finite(0.0, MOST_HOURS, above=True)] = 8.0,
    runs: PositiveInt = 24,
    seed: int | None = None,
    target: Annotated[float, _finite(0.0, 1.0, above=True)] = 0.025,
    dial_level: Annotated[float, _finite(0.0, 100.0, above=True)] = 1.5,
    plot: Path | None = None,
    report: Path | None = None,
) -> int:
    """Simulate days of outbound calls: how busy operators are, and how many of those who answer find none.

    Calls are answered after 4 to 20 seconds or ring for 25, a customer waits 2 seconds for an operator, conversations take two
    minutes on average and wrap-ups 15 seconds. The exit code is 2 if a value or a file cannot be used.

    Parameters
    ----------
    mode
        How many calls are placed, in the words of PACING_MODE.
    operators
        Who are there all the time.
    answer_rate
        Share of calls that are answered.
    later_answer_rate
        The same in the second half of the time.
    hours
        Of each run.
    runs
        How often the same is simulated, with other random numbers.
    seed
        Of the first run, the next run has the next one; a fresh one, which is printed, if left out.
    target
        Share of answers that may be abandoned, for mode predictive.
    dial_level
        Calls for each ready operator in mode power.
    plot
        Where to draw the course of the runs, as SVG.
    report
        Where to write the figures as JSON.
    """
    seed = secrets.randbelow(2**32) if seed is None else seed
    world = World(operators=operators, hours=hours, answer_rate=answer_rate, later_answer_rate=later_answer_rate)
    trial = Trial(world, mode, seed=seed, runs=runs, target=target, dial_level=dial_level)
    try:
        _tell(trial, plot, report)
    except OSError as error:
        complain(f"cannot write {error.filename}: {error.strerror}")
        return 2
    return 0


def _tell(trial: Trial, plot: Path | None, report: Path | None) -> None:
    """Simulate, and say what came of it.

    Raises:
        OSError: a file cannot be written; before anything is simulated if it cannot be opened.
    """
    for path in filter(None, (plot, report)):
        path.open("a", encoding="utf-8").close()
    figures = []
    with bar_over(trial.runs, f"{trial.mode}, seed {trial.seed}") as bar:
        for run in trial.figures():
            figures.append(run)
            bar.advance()
    show(trial, figures, Console())
    if plot is not None:
        plot.write_text(plot_of(trial, figures).svg(), encoding="utf-8")
    if report is not None:
        report.write_text(json_of(trial, figures), encoding="utf-8")
