"""What pacing promises, in the world that it is promised for. `python -m benchmarks pacing` prints the whole table."""

from statistics import fmean

import pytest

from callengine.dialer.pacing_simulation import World, simulate


@pytest.mark.parametrize(("operators", "least", "runs"), [(5, 0.66, 3), (10, 0.72, 2), (20, 0.80, 2), (50, 0.84, 1)])
def test_predictive_keeps_operators_busy_and_customers_served(operators: int, least: float, runs: int) -> None:
    rates = ((0.3, None), (0.3, 0.15), (0.15, 0.3))
    worlds = [World(operators=operators, answer_rate=first, later_answer_rate=later) for first, later in rates]
    figures = [simulate(world, "predictive", seed=seed) for world in worlds for seed in range(runs)]
    assert max(run.abandon_ratio for run in figures) <= 0.03
    assert fmean(run.occupancy for run in figures) >= least


def test_progressive_reaches_two_thirds_and_abandons_nobody() -> None:
    run = simulate(World(operators=10), "progressive", seed=1)
    assert run.occupancy == pytest.approx(0.65, abs=0.02)
    assert run.abandoned == 0


def test_power_that_dials_too_much_is_held_by_the_gate() -> None:
    run = simulate(World(operators=10), "power", seed=1, dial_level=6.0)
    assert 0.02 < run.abandon_ratio < 0.035


def test_the_same_seed_gives_the_same_run() -> None:
    world = World(operators=5, hours=0.5)
    assert simulate(world, "predictive", seed=3) == simulate(world, "predictive", seed=3)
    assert simulate(world, "predictive", seed=3) != simulate(world, "predictive", seed=4)
