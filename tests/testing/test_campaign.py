"""Whole campaigns of random people in virtual time, each from a fresh seed: a failure names the seed that repeats it."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import attrs
import pytest
import structlog
from attrs import define, field

from callengine.fsm import Scenario
from callengine.model import Attempt, Moment, MomentKind, Received
from callengine.scenarios import load_scenarios
from callengine.settings import OperatorSettings, Settings
from callengine.simulator import Kind
from callengine.testing import Campaign, simulate
from callengine.testing.campaign import simulation_settings
from tests.e2e.engine import MACHINES, VOICES

ROOT = Path(__file__).parents[2]
SCENARIOS = {scenario.name: scenario for scenario in load_scenarios(ROOT / "flows")}
MOBILES = tuple(f"0935000000{number}" for number in range(5))
NOBODY = attrs.evolve(simulation_settings(), operators=OperatorSettings())
OVER_TRUNK = attrs.evolve(NOBODY, operators=OperatorSettings(mobile_numbers=MOBILES, timeout=20.0))
AT_A_DESK = attrs.evolve(NOBODY, operators=OperatorSettings(endpoint="PJSIP/200@pbx", timeout=20.0))


@pytest.fixture(autouse=True)
def _quiet(logs_as_they_were: None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def judged(campaign: Campaign, calls: int, told: str) -> Campaign:
    """Nothing exceeded, nothing left over, everybody called, every call over."""
    report = campaign.report
    assert not report.violations, told
    assert report.leaked.nothing, f"{told}: {report.leaked}"
    assert report.attempts == calls, told
    assert sum(report.dispositions.values()) == calls, f"{told}: {report.dispositions}"
    assert "failed:bug" not in report.dispositions, told
    return campaign


@pytest.mark.parametrize(
    ("names", "settings"),
    [
        (["appointment"], NOBODY),
        (["course_offer"], OVER_TRUNK),
        (["course_offer"], AT_A_DESK),
        (["appointment", "course_offer"], OVER_TRUNK),
    ],
    ids=["no transfers", "operators over the trunk", "an operator at a desk", "both scenarios"],
)
def test_five_hundred_calls(names: list[str], settings: Settings, seed: int) -> None:
    told = f"{' and '.join(names)}, seed {seed}"
    campaign = judged(simulate(tuple(SCENARIOS[name] for name in names), calls=500, seed=seed, settings=settings), 500, told)
    kinds = {record.kind for record in campaign.log}
    assert {Kind.ANSWERED, Kind.PLAYBACK, Kind.RECORDING_DELETED} <= kinds, told
    if settings is not NOBODY:
        bridged = [record for record in campaign.log if record.kind is Kind.BRIDGE_ENTERED]
        assert len(bridged) >= 20, f"{told}: at least ten transfers are completed"
    came_in = [record for record in campaign.log if record.kind is Kind.CREATED and "line" in record.detail]
    assert len(came_in) > 50, f"{told}: most of a hundred callers call before the end"


def test_legs_to_a_desk_keep_to_the_overall_rate() -> None:
    slow = attrs.evolve(AT_A_DESK, limits=attrs.evolve(AT_A_DESK.limits, overall_per_second=1))
    assert not simulate((SCENARIOS["course_offer"],), calls=30, seed=1, settings=slow).report.violations


@define
class Outcomes:
    """A timeline of which only the outcomes are kept."""

    seen: Counter[tuple[str, str]] = field(factory=Counter)

    def begin(self, attempt: Attempt) -> None:
        """Calls begin unnoticed."""

    def receive(self, received: Received) -> None:
        """As above."""

    def note(self, moment: Moment) -> None:
        if moment.kind is MomentKind.OUTCOME:
            self.seen[moment.detail, moment.name] += 1


def test_people_and_machines_are_told_by_their_voice(seed: int) -> None:
    timeline = Outcomes()
    judged(simulate(load_scenarios(VOICES), calls=150, seed=seed, settings=NOBODY, timeline=timeline), 150, f"seed {seed}")
    met = [timeline.seen["who", verdict] for verdict in ("human", "machine", "not_sure")]
    assert min(met) >= 3, f"seed {seed}: {met}"


def test_people_and_machines_are_met(seed: int) -> None:
    timeline = Outcomes()
    judged(simulate(load_scenarios(MACHINES), calls=300, seed=seed, settings=NOBODY, timeline=timeline), 300, f"seed {seed}")
    met = [timeline.seen["who", verdict] for verdict in ("human", "machine", "not_sure")]
    assert min(met) >= 5, f"seed {seed}: {met}"
    assert timeline.seen["message", "next"] >= 5, f"seed {seed}"


def scenarios() -> tuple[Scenario, ...]:
    return tuple(SCENARIOS.values())


def test_the_same_seed_gives_the_same_campaign(seed: int) -> None:
    first, again, other = (simulate(scenarios(), calls=40, seed=each) for each in (seed, seed, seed + 1))
    assert first.log == again.log, f"seed {seed}"
    assert first.report.dispositions == again.report.dispositions, f"seed {seed}"
    assert first.trace != other.trace


TRACE = """
import sys
from pathlib import Path
import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
from callengine.scenarios import load_scenarios
from callengine.testing import simulate
print(simulate(load_scenarios(Path(sys.argv[1])), calls=200, seed=int(sys.argv[2])).trace)
"""


def test_the_order_of_sets_does_not_matter(seed: int) -> None:
    """Two processes that hash differently play the same campaign."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRACE, str(ROOT / "flows"), str(seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT / "src")},  # noqa: TID251
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in ("1", "2")
    ]
    one, other = (process.communicate(timeout=120)[0] for process in processes)
    assert one == other != "", f"seed {seed}"
