"""What came of simulated days of outbound calls: as a table, as a picture, as JSON."""

import json
import math
from collections.abc import Sequence
from statistics import fmean

import attrs
from rich.console import Console
from rich.table import Table

from callengine.cli.plot import Curve, Plot, bars
from callengine.dialer.pacing_simulation import HOUR, RunFigures, Trial


def show(trial: Trial, figures: Sequence[RunFigures], console: Console) -> None:
    """A table; on a terminal also the course of the day in bars."""
    world = trial.world
    title = f"{trial.mode}, {world.operators} operators, {world.hours:g} hours, {trial.runs} runs"
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
    console.print(f"seed {trial.seed}")


def plot_of(trial: Trial, figures: Sequence[RunFigures]) -> Plot:
    """The course of the day, as the mean of the runs."""
    hours = trial.world.hours
    abandoned = _course(figures, "abandon_ratio")
    most = max((ratio for _, ratio in abandoned), default=0.0)
    runs = f"{len(figures)} run" + ("s" if len(figures) > 1 else "")
    return Plot(
        title=f"Pacing {trial.mode}, {trial.world.operators} operators, mean of {runs}",
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


def json_of(trial: Trial, figures: Sequence[RunFigures]) -> str:
    """What was simulated, and everything that came of it."""
    told = {
        "mode": trial.mode,
        "target": trial.target,
        "dial_level": trial.dial_level,
        "seed": trial.seed,
        "world": attrs.asdict(trial.world),
        "occupancy": fmean(run.occupancy for run in figures),
        "most_abandoned": max(run.abandon_ratio for run in figures),
        "runs": [attrs.asdict(run) | {"abandon_ratio": run.abandon_ratio} for run in figures],
    }
    return json.dumps(told, indent=2) + "\n"


def _course(figures: Sequence[RunFigures], what: str) -> tuple[tuple[float, float], ...]:
    """Hours and the mean of all runs."""
    stretches = zip(*(run.samples for run in figures), strict=True)
    return tuple((stretch[0].at / HOUR, fmean(getattr(sample, what) for sample in stretch)) for stretch in stretches)
