"""A whole simulated campaign on one core: engine, PBX and people in one process, in virtual time."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from time import process_time

from benchmarks.figures import Figure
from callengine.fsm import Scenario, load
from callengine.testing import simulate

FLOW = Path(__file__).parents[1] / "flows" / "appointment.yaml"
CALLS = 500
ROUNDS = 5


def appointment() -> Scenario:
    """The example flow of that name."""
    scenario = load(FLOW.read_bytes(), FLOW.name).scenario
    assert scenario is not None, "the examples have no errors"
    return scenario


def measure() -> Iterable[Figure]:
    scenario = appointment()
    simulate((scenario,), calls=CALLS // 5, seed=0)
    rates = []
    for _ in range(ROUNDS):
        began = process_time()
        simulate((scenario,), calls=CALLS, seed=1)
        rates.append(CALLS / (process_time() - began))
    return [Figure(f"simulated calls, {CALLS} in a campaign", median(rates), "calls a CPU second", ">= 250")]
