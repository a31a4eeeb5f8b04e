"""How often calls come to the steps of a flow."""

from datetime import UTC, datetime

import pytest

from callengine.engine import FlowCounter
from callengine.model import (
    Attempt,
    AttemptId,
    CallId,
    ChartId,
    Contact,
    ContactId,
    Digits,
    FlowCounts,
    LineId,
    Moment,
    MomentKind,
    Outcome,
    Received,
    StepId,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
START, LISTEN, NEXT = StepId("start"), StepId("listen"), Outcome("next")


@pytest.fixture
def counter() -> FlowCounter:
    return FlowCounter()


def calls(counter: FlowCounter, call: str, scenario: str) -> None:
    contact = Contact(ContactId(call), Digits("0912"), phone_number="0912")
    counter.begin(Attempt(AttemptId(call), contact, CallId(call), LineId("0219"), scenario, ChartId("1"), NOW))


def is_called(counter: FlowCounter, call: str, scenario: str) -> None:
    counter.receive(Received(CallId(call), "0912", "0219", LineId("0219"), scenario, ChartId("1"), NOW))


def goes(counter: FlowCounter, call: str, *steps: str) -> None:
    """Steps, each with its outcome if it came to one: "listen", "start next"."""
    for told in steps:
        step, _, outcome = told.partition(" ")
        counter.note(Moment(CallId(call), 0.0, MomentKind.STEP, step))
        if outcome:
            counter.note(Moment(CallId(call), 0.0, MomentKind.OUTCOME, outcome, step))


def ends(counter: FlowCounter, call: str) -> None:
    counter.note(Moment(CallId(call), 0.0, MomentKind.RESULT, "hangup"))


def test_calls_of_one_flow_are_counted_together_though_they_go_on_at_once(counter: FlowCounter) -> None:
    calls(counter, "1", "survey")
    calls(counter, "2", "survey")
    goes(counter, "1", "start next")
    goes(counter, "2", "start next", "listen")
    goes(counter, "1", "listen on_empty", "listen")
    assert counter.counts == {
        "survey": {
            "flow": FlowCounts(
                {START: 2, LISTEN: 3},
                {START: {NEXT: 2}, LISTEN: {Outcome("on_empty"): 1}},
            )
        }
    }


def test_each_scenario_and_each_of_its_flows_has_its_own_counts(counter: FlowCounter) -> None:
    calls(counter, "1", "survey")
    calls(counter, "2", "offer")
    is_called(counter, "3", "survey")
    for call in ("1", "2", "3", "3"):
        goes(counter, call, "start next")
    one, two = (FlowCounts({START: count}, {START: {NEXT: count}}) for count in (1, 2))
    assert counter.counts == {"offer": {"flow": one}, "survey": {"flow": one, "inbound_flow": two}}


def test_who_goes_straight_to_an_operator_goes_through_no_flow(counter: FlowCounter) -> None:
    is_called(counter, "1", "")
    goes(counter, "1", "start next")
    assert counter.counts == {}


def test_a_flow_that_nobody_answered_for_is_left_out(counter: FlowCounter) -> None:
    calls(counter, "1", "survey")
    ends(counter, "1")
    assert counter.counts == {}


def test_a_call_that_is_over_is_forgotten(counter: FlowCounter) -> None:
    """Of a day's calls nothing is kept but counts."""
    calls(counter, "1", "survey")
    goes(counter, "1", "start next")
    before = counter.counts
    ends(counter, "1")
    goes(counter, "1", "start next")
    assert counter.counts == before
