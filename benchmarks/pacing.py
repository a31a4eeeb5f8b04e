"""Pacing: how busy operators are and how many customers find none, beside what is promised; and what a decision costs."""

from collections.abc import Iterable, Iterator
from functools import partial
from statistics import fmean

from benchmarks.figures import MICRO, Figure, cpu_of
from callengine.dialer.pacing import Figures, Pacer
from callengine.dialer.pacing_simulation import RunFigures, World, simulate
from callengine.settings.choices import PacingMode

RUNS = 24
LEAST_OCCUPANCY = {5: 0.66, 10: 0.72, 20: 0.80, 50: 0.84}
"""By operators, in mode predictive."""

MOST_ABANDONED = 0.03
ANSWER_RATES = ((0.3, None), (0.3, 0.15), (0.15, 0.3))
"""At first, and in the second half of the day."""


def measure() -> Iterable[Figure]:
    yield from _cost()
    yield from _table("progressive", {10: 0.65}, ANSWER_RATES[:1])
    yield from _table("predictive", LEAST_OCCUPANCY, ANSWER_RATES)


def day(mode: PacingMode, operators: int, rates: tuple[float, float | None], runs: int) -> list[RunFigures]:
    """Eight hours, as often as asked for."""
    world = World(operators=operators, answer_rate=rates[0], later_answer_rate=rates[1])
    return [simulate(world, mode, seed=seed) for seed in range(runs)]


def _table(mode: PacingMode, occupancies: dict[int, float], patterns: Iterable[tuple[float, float | None]]) -> Iterator[Figure]:
    for operators, least in occupancies.items():
        for rates in patterns:
            runs = day(mode, operators, rates, RUNS)
            what = f"{mode}, {operators} operators, {rates[0]:.0%} answer" + (f", then {rates[1]:.0%}" if rates[1] else "")
            yield Figure(f"{what}: occupancy", 100 * fmean(run.occupancy for run in runs), "%", f"{100 * least:.0f} at least")
            most = 100 * max(run.abandon_ratio for run in runs)
            yield Figure(f"{what}: most abandoned", most, "%", f"{100 * MOST_ABANDONED:.0f} at most")


def _cost() -> Iterator[Figure]:
    pacer = Pacer("predictive")
    for number in range(10_000):
        pacer.history.handled(float(number))
        pacer.history.not_answered()
    for operators in (10, 100, 200):
        figures = Figures(idle=operators // 2, busy=tuple(float(age) for age in range(operators // 2)))
        yield Figure(f"one decision, {operators} operators", cpu_of(partial(pacer.calls, figures), times=20) * MICRO, "us CPU")
