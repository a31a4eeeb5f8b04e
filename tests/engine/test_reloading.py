"""Scenario files that change while the engine runs."""

from functools import partial
from pathlib import Path

import attrs
import pytest
import trio
from attrs import define, field
from structlog.testing import capture_logs
from trio.testing import MockClock

from callengine.engine.reloading import Reloading
from callengine.engine.rosters import rosters_of
from callengine.errors import ConfigError
from callengine.scenarios import ScenarioFolder
from callengine.scenarios.files import Look
from callengine.settings import LimitSettings, OperatorSettings
from callengine.testing.campaign import simulation_settings
from tests.engine.rig import Rig, rig

SETTINGS = attrs.evolve(
    simulation_settings(lines=1, limits=LimitSettings(concurrent=1, per_minute=0, per_day=0)),
    operators=OperatorSettings(mobile_numbers=("0935000001",)),
)

FLOW = """
scenario:
  name: {name}
  prompts: {{hello: "sound:custom/hello"}}
  flow:
    - {{step: start, type: entry, next: greet}}
    - {{step: greet, type: play_prompt, prompt: hello, next: done}}
    - {{step: done, type: set_result, result: {result}, next: end}}
    - {{step: end, type: hangup}}
"""
TRANSFER = """
scenario:
  name: transfer
  operators: {{outbound: [{operator}]}}
  flow:
    - {{step: start, type: entry, next: connect}}
    - {{step: connect, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end}}
    - {{step: talk, type: wait}}
    - {{step: end, type: hangup}}
"""


def write(folder: Path, name: str = "one", result: str = "not_interested") -> None:
    (folder / f"{name}.yaml").write_text(FLOW.format(name=name, result=result), encoding="utf-8")


def loaded(path: Path) -> ScenarioFolder:
    write(path)
    folder = ScenarioFolder(path)
    folder.load()
    return folder


async def reload_in_no_time(here: Rig, clock: MockClock) -> None:
    """The virtual clock would run ahead while a thread works."""
    clock.autojump_threshold = float("inf")
    await here.engine.reload()
    clock.autojump_threshold = 0


async def test_calls_in_progress_keep_their_chart(tmp_path: Path, autojump_clock: MockClock) -> None:
    folder = loaded(tmp_path)
    settings = attrs.evolve(SETTINGS, scenarios=attrs.evolve(SETTINGS.scenarios, watch=False))
    async with rig(2, settings=settings, folder=folder) as here, trio.open_nursery() as nursery:
        nursery.start_soon(here.engine.run)
        while not here.engine.dialer.live:
            await trio.sleep(0.5)
        write(tmp_path, result="unknown")
        with capture_logs() as logs:
            await reload_in_no_time(here, autojump_clock)
        assert logs[0]["event"].startswith("Loaded scenario 'one' from one.yaml")
    assert here.results() == ["not_interested", "unknown"]
    here.judge()


async def test_what_is_new_counts_what_is_bad_does_not(tmp_path: Path) -> None:
    async with rig(0, settings=SETTINGS, folder=loaded(tmp_path)) as here:
        engine = here.engine
        [before] = engine.assignment.scenarios
        write(tmp_path, "two")
        (tmp_path / "one.yaml").write_text("scenario: [", encoding="utf-8")
        reading = await engine.reload()
        assert (reading.loaded, reading.kept, reading.refused[0].kept) == (("two",), ("one",), "one")
        assert [each.name for each in engine.assignment.scenarios] == ["one", "two"]
        assert engine.assignment.scenarios[0] is before
        (tmp_path / "one.yaml").unlink()
        assert (await engine.reload()).removed == ("one",)
        assert engine.assignment.active == ("two",)


async def test_the_last_file_may_go_and_come_back(tmp_path: Path) -> None:
    async with rig(0, settings=SETTINGS, folder=loaded(tmp_path)) as here:
        (tmp_path / "one.yaml").unlink()
        with capture_logs() as logs:
            await here.engine.reload()
        assert "No scenario is left" in logs[-1]["event"]
        write(tmp_path)
        assert (await here.engine.reload()).loaded == ("one",)
        assert here.engine.assignment.active == ("one",)


async def test_rosters_and_the_reserve_of_operators_follow(tmp_path: Path) -> None:
    settings = attrs.evolve(SETTINGS, limits=LimitSettings(concurrent=2, per_minute=0, per_day=0))
    async with rig(0, settings=settings, folder=loaded(tmp_path)) as here:
        file = tmp_path / "transfer.yaml"
        file.write_text(TRANSFER.format(operator="Nobody"), encoding="utf-8")
        [refusal] = (await here.engine.reload()).refused
        assert f"{file}:4:26: `operators.outbound` has 'Nobody', who is no operator" in refusal.reasons[0]
        file.write_text(TRANSFER.format(operator="0935000002"), encoding="utf-8")
        assert (await here.engine.reload()).loaded == ("transfer",)
        roster = here.engine.operators.rosters.roster("outbound", "transfer")
        assert [operator.phone_number for operator in roster] == ["0935000002"]
        assert here.engine.lines.reserve == 1


async def test_an_engine_without_a_folder_says_so() -> None:
    async with rig(0) as here:
        with pytest.raises(ConfigError, match="nothing to read again"):
            await here.engine.reload()


async def test_a_file_that_has_come_is_found(tmp_path: Path, autojump_clock: MockClock) -> None:
    """Only the watch sleeps here, so the virtual clock waits for its thread."""
    async with rig(0, settings=SETTINGS, folder=loaded(tmp_path)) as here:
        here.engine.assignment.set_active(["two"])
        write(tmp_path, "two")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(reloading_of(here).watch)
            await here.engine.assignment.wait_active()
            nursery.cancel_scope.cancel()
    assert here.engine.assignment.active == ("two",)


@define(eq=False)
class Seen(ScenarioFolder):
    """A folder that looks as a script says, and at its end has no more to say."""

    script: list[str] = field(factory=list, kw_only=True)
    end: trio.Event = field(factory=trio.Event, kw_only=True)

    def look(self) -> Look:
        if not self.script:
            trio.from_thread.run_sync(self.end.set)
            return self.look_when_read
        return ((self.script.pop(0),),)


async def test_files_are_read_once_they_were_the_same_for_one_look(tmp_path: Path, autojump_clock: MockClock) -> None:
    write(tmp_path)
    folder = Seen(tmp_path)
    folder.script = ["read"]
    folder.load()
    folder.script = ["read", "read", "half", "whole", "whole", "whole again", "read"]
    async with rig(0, settings=SETTINGS, folder=folder) as here, trio.open_nursery() as nursery:
        with capture_logs() as logs:
            nursery.start_soon(reloading_of(here).watch)
            await folder.end.wait()
            nursery.cancel_scope.cancel()
    assert [entry["event"] for entry in logs] == ["Scenarios reloaded"]
    assert folder.look_when_read == (("whole again",),)


def reloading_of(here: Rig) -> Reloading:
    engine = here.engine
    assert engine.folder is not None
    return Reloading(
        engine.folder, engine.settings, engine.assignment, engine.operators, engine.lines, partial(rosters_of, engine.settings)
    )
