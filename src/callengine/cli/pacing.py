"""`callengine pacing`: how many calls are placed for the operators there are, tried out."""

import json
import math
import secrets
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Annotated

import attrs
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt
from rich.console import Console
from rich.table import Table

from callengine.cli.bar import bar_over
from callengine.cli.complaint import complain
from callengine.cli.plot import Curve, Plot, bars
from callengine.dialer import pacing_simulation
from callengine.dialer.pacing_simulation import HOUR, MOST_OPERATORS, RunFigures, World
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
    try:
        for path in filter(None, (plot, report)):
            path.open("a", encoding="utf-8").close()
        figures = []
        with bar_over(runs, f"{mode}, seed {seed}") as bar:
            for number in range(runs):
                figures.append(
                    pacing_simulation.simulate(world, mode, seed=seed + number, target=target, dial_level=dial_level)
                )
                bar.advance()
        _show(figures, f"{mode}, {operators} operators, {hours:g} hours, {runs} runs", Console())
        if plot is not None:
            plot.write_text(_plot(figures, mode, operators, hours).svg(), encoding="utf-8")
        if report is not None:
            report.write_text(_json(figures, world, mode, target, dial_level), encoding="utf-8")
    except OSError as error:
        complain(f"cannot write {error.filename}: {error.strerror}")
        return 2
    return 0


def _show(figures: Sequence[RunFigures], title: str, console: Console) -> None:
    table = Table("", "mean", "least", "most", title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    rows: tuple[tuple[str, str, list[float]], ...] = (
        ("occupancy", ".1%", [run.occupancy for run in figures]),
        ("abandoned / answers", ".2%", [run.abandon_ratio for run in figures]),
        ("calls placed", ",.0f", [float(run.dials) for run in figures]),
        ("answers", ",.0f", [float(run.answers) for run in figures]),
        ("abandoned", ",.0f", [float(run.abandoned) for run in figures]),
    )
    for name, form, values in rows:
        table.add_row(name, *(format(value, form) for value in (fmean(values), min(values), max(values))))
    console.print(table)
    if console.is_terminal:
        for row in bars([point for _, point in _course(figures, "occupancy")], 1.0):
            console.print(f"  {row}", markup=False, highlight=False)
        console.print("  occupancy over time, mean of the runs; the highest row is 100 %")
    console.print(f"seed {figures[0].seed}")


def _course(figures: Sequence[RunFigures], what: str) -> tuple[tuple[float, float], ...]:
    """Hours and the mean of all runs."""
    stretches = zip(*(run.samples for run in figures), strict=True)
    return tuple((stretch[0].at / HOUR, fmean(getattr(sample, what) for sample in stretch)) for stretch in stretches)


def _plot(figures: Sequence[RunFigures], mode: PacingMode, operators: int, hours: float) -> Plot:
    abandoned = _course(figures, "abandon_ratio")
    most = max((ratio for _, ratio in abandoned), default=0.0)
    runs = f"{len(figures)} run" + ("s" if len(figures) > 1 else "")
    return Plot(
        title=f"Pacing {mode}, {operators} operators, mean of {runs}",
        x_label="hours",
        left_label="occupancy",
        right_label="abandoned / answers so far",
        x_to=hours,
        left_to=1.0,
        right_to=max(0.05, math.ceil(min(most, 1.0) * 20) / 20),
        curves=(
            Curve("occupancy (left)", _course(figures, "occupancy")),
            Curve("abandoned / answers (right)", abandoned, right=True),
            Curve("3 % abandoned (right)", ((0.0, 0.03), (hours, 0.03)), right=True, dashed=True),
        ),
    )


def _json(figures: Sequence[RunFigures], world: World, mode: PacingMode, target: float, dial_level: float) -> str:
    told = {
        "mode": mode,
        "target": target,
        "dial_level": dial_level,
        "seed": figures[0].seed,
        "world": attrs.asdict(world),
        "occupancy": fmean(run.occupancy for run in figures),
        "most_abandoned": max(run.abandon_ratio for run in figures),
        "runs": [attrs.asdict(run) | {"abandon_ratio": run.abandon_ratio} for run in figures],
    }
    return json.dumps(told, indent=2) + "\n"
