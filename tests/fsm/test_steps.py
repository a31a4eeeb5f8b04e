"""What the step types declare fits together."""

import pytest
from attrs import NOTHING, fields_dict

from callengine.fsm import STEP_TYPES, ClassifyIntent, Record, RouteByIntent, Step, TransferToOperator
from callengine.fsm.declarations import contact_field
from callengine.model import Intent, Outcome, StepId


@pytest.mark.parametrize("step_type", STEP_TYPES.values(), ids=STEP_TYPES)
def test_an_outcome_has_a_default_result_exactly_if_it_may_be_left_out(step_type: type[Step]) -> None:
    optional = {outcome for outcome in step_type.outcomes if fields_dict(step_type)[outcome].default is not NOTHING}
    told = {*step_type.defaults} if step_type.default_result is Step.default_result else optional
    assert optional == told >= {*step_type.defaults}


def test_what_a_step_reads_another_defines() -> None:
    defined = {each for step_type in STEP_TYPES.values() for defines in step_type.defines.values() for each in defines}
    assert {each for step_type in STEP_TYPES.values() for each in step_type.reads} <= defined


@pytest.mark.parametrize("step_type", STEP_TYPES.values(), ids=STEP_TYPES)
def test_what_a_step_defines_it_defines_on_outcomes_that_it_has(step_type: type[Step]) -> None:
    assert set(step_type.defines) <= set(step_type.outcomes)


def test_only_a_wait_has_no_end_of_its_own() -> None:
    assert [name for name, step_type in STEP_TYPES.items() if step_type.holds] == ["wait"]


def test_a_prompt_fills_the_time_before_a_provider_has_thought() -> None:
    silent = ClassifyIntent(id=StepId("a"), next=StepId("b"))
    assert (silent.airtime(15.0).breaks_silence, silent.airtime(15.0).seconds) == (False, 30.0)
    spoken = ClassifyIntent(id=StepId("a"), next=StepId("b"), prompt="moment")
    assert (spoken.airtime(15.0).breaks_silence, spoken.airtime(15.0).seconds) == (True, 150.0)


def test_a_recording_is_the_caller_s_turn_and_then_a_silence() -> None:
    air = Record(id=StepId("a"), next=StepId("b")).airtime(15.0)
    assert (air.turn, air.after, air.seconds) == (15.0, 30.0, 45.0)


def test_what_an_operator_hears_reads_fields_of_the_contact() -> None:
    transfer = TransferToOperator(
        id=StepId("a"), agent_type="inbound", on_success=StepId("b"), on_failure=StepId("b"), whisper_text="{name}, {number}"
    )
    assert transfer.reading() == (contact_field("name"), contact_field("number"))


def test_a_route_s_outcomes_are_its_intents() -> None:
    route = RouteByIntent(id=StepId("route"), routes={Intent("yes"): StepId("a"), Intent("no"): StepId("b")})
    assert route.targets() == {"yes": "a", "no": "b"}
    assert route.key_path(Outcome("yes")) == ("routes", "yes")
