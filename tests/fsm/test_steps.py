"""What the step types declare fits together."""

import pytest
from attrs import NOTHING, fields_dict

from callengine.fsm import STEP_TYPES, RouteByIntent, Step
from callengine.model import Intent, Outcome, StepId


@pytest.mark.parametrize("step_type", STEP_TYPES.values(), ids=STEP_TYPES)
def test_an_outcome_has_a_default_result_exactly_if_it_may_be_left_out(step_type: type[Step]) -> None:
    optional = {outcome for outcome in step_type.outcomes if fields_dict(step_type)[outcome].default is not NOTHING}
    assert optional == set(step_type.defaults)


def test_what_a_step_reads_another_defines() -> None:
    defined = {name for step_type in STEP_TYPES.values() for name in step_type.defines}
    assert {name for step_type in STEP_TYPES.values() for name in step_type.reads} <= defined


def test_only_a_wait_has_no_end_of_its_own() -> None:
    assert [name for name, step_type in STEP_TYPES.items() if step_type.longest == float("inf")] == ["wait"]


def test_a_route_s_outcomes_are_its_intents() -> None:
    route = RouteByIntent(id=StepId("route"), routes={Intent("yes"): StepId("a"), Intent("no"): StepId("b")})
    assert route.targets() == {"yes": "a", "no": "b"}
    assert route.key_path(Outcome("yes")) == ("routes", "yes")
