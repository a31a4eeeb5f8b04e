"""The per-second limits are reached, though every call waits for commits and connections first; and they are never exceeded.

By the clock of the simulated PBX, which answers within 2 ms: its own answer time is the one price that is paid for a limit.
`python -m benchmarks rate` measures the same in real time.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import fmean
from typing import TypeVar

import pytest
import trio
from attrs import frozen

from callengine.fsm import Scenario, load
from callengine.model import SeededAmbient
from callengine.settings import LimitSettings, Settings
from callengine.simulator import Fault, Kind, PbxConfig, People, Persona, Record, SimulatedPbx, run_virtually
from callengine.store import open_store
from callengine.testing.campaign import numbers, simulation_settings
from tests.engine.rig import engine_on

T = TypeVar("T")

SEED = 7
SECONDS = 20
"""Of calls at the full rate."""

SHORTFALL = 0.005
COMMIT = (0.001, 0.02)
"""Seconds that a commit takes."""


@frozen
class SlowDisk:
    """Carries out what is written on the virtual clock, each commit as late as a disk would be."""

    rng: Random

    async def __call__(self, work: Callable[[], T]) -> T:
        await trio.sleep(self.rng.uniform(*COMMIT))
        return work()


def _scenario() -> Scenario:
    steps = (
        "[{step: start, type: entry, next: ask},"
        " {step: ask, type: play_prompt, prompt: ask, next: end},"
        " {step: end, type: hangup}]"
    )
    loading = load(f'scenario: {{name: offer, prompts: {{ask: "sound:ask"}}, flow: {steps}}}'.encode(), "offer.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


async def _log(store: Path, settings: Settings, calls: int) -> list[Record]:
    """The PBX's log of a campaign whose other requests fill the pool of connections, so that they wait for each other."""
    ambient = SeededAmbient(SEED, trio.current_time)
    people = People(otherwise=Persona(rings_after=0.5, answers_after=1.5))
    pbx = SimulatedPbx(ambient, people, PbxConfig(prompt_seconds={"sound:ask": 1.0}))
    pbx.faults.append(Fault("POST /channels/*/play", seconds=1.2))
    async with (
        open_store(f"sqlite:///{store}", ambient, exclusive=True, inline=True, executor=SlowDisk(Random(SEED))) as kept,
        trio.open_nursery() as world,
    ):
        await world.start(pbx.run)
        await engine_on(pbx, settings, kept, numbers(calls), (_scenario(),)).run()
        world.cancel_scope.cancel()
    return pbx.log


@pytest.mark.parametrize(
    ("overall", "per_line", "lines"), [(3, 0, 1), (0, 1, 3), (12, 5, 3), (12, 3, 3)], ids=lambda limit: f"{limit}"
)
def test_limits_of_a_second_are_reached_and_never_exceeded(tmp_path: Path, overall: int, per_line: int, lines: int) -> None:
    limits = LimitSettings(concurrent=100, per_minute=0, per_day=0, per_second=per_line, overall_per_second=overall)
    settings = simulation_settings(lines=lines, limits=limits)
    binding = min(limit for limit in (overall, per_line * lines) if limit)
    log = run_virtually(SEED, _log, tmp_path / "store.db", settings, binding * SECONDS)

    everywhere, by_line = list[float](), defaultdict[str, list[float]](list)
    for record in log:
        if record.kind is Kind.ORIGINATE:
            everywhere.append(record.at)
            by_line[record.detail["line"]].append(record.at)
    assert len(everywhere) == binding * SECONDS
    for times, limit in ((everywhere, overall), *((each, per_line) for each in by_line.values())):
        assert not limit or min(spans(times, limit)) >= 1.0, "a window of one second holds a call too many"
    assert 1.0 <= fmean(spans(everywhere, binding)) <= 1.0 / (1 - SHORTFALL), "seconds for as many calls as one may have"


def spans(times: Sequence[float], calls: int) -> list[float]:
    """Seconds from each call to the one that is so many calls later."""
    return [later - earlier for earlier, later in zip(times, times[calls:], strict=False)]
