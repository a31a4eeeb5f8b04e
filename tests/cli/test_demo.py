"""The demo campaign, in virtual time."""

from collections import Counter
from functools import partial

import pytest
import structlog
import trio

from callengine.cli import demo
from callengine.model import SeededAmbient
from callengine.scenarios import load_scenarios
from callengine.settings import DialingSettings, OperatorSettings, Settings
from callengine.simulator import Kind, Record, run_virtually
from callengine.testing import Campaign, Stage, play

SCENARIOS = load_scenarios(demo.demo_folder())


@pytest.fixture(autouse=True)
def _quiet(logs_as_they_were: None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture(scope="module")
def stage() -> Stage:
    return demo.stage(Settings(), SCENARIOS, ())


def played(stage: Stage) -> Campaign:
    return run_virtually(1, partial(play, stage, partial(SeededAmbient, 1, trio.current_time)))


def load_at(log: tuple[Record, ...], moment: float, line: str) -> int:
    """Outbound calls and operator legs on a line at a moment."""
    before = [record for record in log if record.at < moment]
    asked = {record.id for record in before if record.kind is Kind.ORIGINATE and record.detail["line"] == line}
    return len(asked) - len(asked & {record.id for record in before if record.kind in (Kind.DESTROYED, Kind.REFUSED)})


def test_the_demo_takes_less_than_half_a_minute_and_breaks_no_rule(stage: Stage) -> None:
    report = played(stage).report
    assert report.virtual_seconds < 30
    assert report.attempts == sum(report.dispositions.values()) == 20
    assert not report.violations
    assert report.leaked.nothing


def test_the_demo_shows_callers_and_an_operator_who_declines(stage: Stage) -> None:
    log = played(stage).log
    rang_in = [record.detail["line"] for record in log if record.kind is Kind.CREATED and "line" in record.detail]
    assert rang_in == [caller.dialled for caller in stage.callers]
    assert all(caller.dialled in demo.LINES for caller in stage.callers)
    dialled = Counter(record.detail["endpoint"] for record in log if record.kind is Kind.ORIGINATE)
    declining, answering = (f"PJSIP/{number}@simulated" for number in demo.OPERATORS)
    assert dialled[declining] and dialled[answering]
    assert Kind.BRIDGE_ENTERED in {record.kind for record in log}


def test_a_caller_comes_when_the_slots_of_the_line_are_taken(stage: Stage) -> None:
    log = played(stage).log
    most = stage.settings.limits.concurrent
    assert any(load_at(log, caller.at, caller.dialled) == most for caller in stage.callers)


def test_callers_dial_the_lines_of_the_settings_and_a_lone_operator_answers() -> None:
    settings = Settings(
        dialing=DialingSettings(outbound_numbers=("02155",)), operators=OperatorSettings(mobile_numbers=("09350000009",))
    )
    stage = demo.stage(settings, SCENARIOS, ("09121110001",))
    assert {caller.dialled for caller in stage.callers} == {"02155"}
    assert stage.people.at("09350000009").instead is None
