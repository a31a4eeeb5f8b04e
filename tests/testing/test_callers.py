"""People who call us in a campaign."""

from functools import partial
from pathlib import Path
from random import Random

import pytest
import structlog
import trio
from hypothesis import given
from hypothesis import strategies as st

from callengine.model import SeededAmbient
from callengine.scenarios import load_scenarios
from callengine.simulator import HangUp, Kind, Moment, PbxConfig, People, Persona, Record, run_virtually
from callengine.testing import Caller, Campaign, Stage, play
from callengine.testing.callers import NO_LINE, random_callers
from callengine.testing.campaign import numbers, simulation_settings

SETTINGS = simulation_settings()
LINE, OTHER = SETTINGS.dialing.outbound_numbers[:2]
SCENARIOS = load_scenarios(Path(__file__).parents[2] / "flows")
IMPATIENT = Persona(hangs_up=HangUp(Moment.RINGING, seconds=3.0))


@pytest.fixture(autouse=True)
def _quiet(logs_as_they_were: None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def played(*callers: Caller) -> Campaign:
    """A campaign of three contacts who say no after a while."""
    people = People(otherwise=Persona(answers_after=10.0, says=("no", "نه")))
    stage = Stage(SETTINGS, SCENARIOS, numbers(3), people, PbxConfig(inbound_patience=20.0), callers)
    return run_virtually(1, partial(play, stage, partial(SeededAmbient, 1, trio.current_time)))


def arrivals(campaign: Campaign) -> list[Record]:
    return [record for record in campaign.log if record.kind is Kind.CREATED and "line" in record.detail]


def test_callers_ring_in_at_their_time_at_the_number_they_dial() -> None:
    campaign = played(Caller(6.0, IMPATIENT, NO_LINE, "0913"), Caller(2.0, IMPATIENT, LINE), Caller(6.5, IMPATIENT, OTHER))
    assert [(round(record.at, 1), record.detail["line"]) for record in arrivals(campaign)] == [
        (2.0, LINE),
        (6.0, NO_LINE),
        (6.5, OTHER),
    ]
    assert not campaign.report.violations
    assert campaign.report.leaked.nothing
    assert set(campaign.report.max_concurrent) <= set(SETTINGS.dialing.outbound_numbers), (
        "a number that is no line has no slots"
    )


def test_who_would_call_after_the_end_does_not_call() -> None:
    campaign = played(Caller(100_000.0, Persona(), LINE))
    assert arrivals(campaign) == []
    assert campaign.report.virtual_seconds < 1000
    assert campaign.report.leaked.nothing


def test_who_calls_before_the_engine_listens_waits_for_it() -> None:
    campaign = played(Caller(0.0, IMPATIENT, LINE))
    [arrival] = arrivals(campaign)
    assert Kind.APP_UP in {record.kind for record in campaign.log[: campaign.log.index(arrival)]}
    assert arrival.at < 1.0


def test_the_report_counts_them_by_result() -> None:
    hangs_up = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=0.1))
    campaign = played(Caller(1.0, hangs_up, LINE), Caller(1.5, Persona(), OTHER, "0913"), Caller(2.0, hangs_up, NO_LINE))
    assert sum(campaign.report.inbound.values()) == 3
    assert campaign.report.inbound["inbound_call"] >= 1
    assert campaign.report.attempts == sum(campaign.report.dispositions.values()) == 3


@given(st.integers(), st.integers(0, 50), st.lists(st.text("0123456789", min_size=5), max_size=3))
def test_random_callers_are_the_same_for_the_same_seed(seed: int, count: int, lines: list[str]) -> None:
    callers = random_callers(Random(seed), count, within=60.0, lines=lines, phrases=("yes",))
    assert callers == random_callers(Random(seed), count, within=60.0, lines=lines, phrases=("yes",))
    assert len(callers) == count
    assert [caller.at for caller in callers] == sorted(caller.at for caller in callers)
    assert all(0 <= caller.at <= 60 and caller.dialled in (*lines, NO_LINE) for caller in callers)


def test_random_callers_are_of_every_kind() -> None:
    callers = random_callers(Random(1), 200, within=600.0, lines=(LINE, OTHER), phrases=("yes",))
    assert {caller.dialled for caller in callers} == {LINE, OTHER, NO_LINE}
    assert 0 < sum(caller.number == "" for caller in callers) < 100
