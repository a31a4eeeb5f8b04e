"""What the step types declare fits together."""

import pytest
from attrs import NOTHING, fields_dict

from callengine.fsm import STEP_TYPES, ClassifyIntent, Record, RouteByIntent, Step, TransferToOperator
from callengine.fsm.declarations import Airtime, Type, contact_field, flow_variable
from callengine.fsm.steps import LONGEST_PROMPT, LONGEST_SYNTHESIS, LONGEST_THOUGHT, CollectDigits, LeaveMessage, Menu, Option
from callengine.model import Intent, Outcome, StepId

END = StepId("end")


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


HERE, THERE = StepId("here"), StepId("there")
ONE = Option(key="1", words=("one", "1"), next=THERE)
TWO = Option(words=("two",), next=THERE)


def menu(*options: Option, prompt: str | None = None) -> Menu:
    text = "{name}?" if prompt is None else None
    return Menu(id=HERE, prompt=prompt, text=text, options=options, on_no_input=HERE, on_no_match=HERE, variable="chosen")


def test_a_menu_is_left_by_its_options_and_sets_its_variable_on_those_alone() -> None:
    asked = menu(ONE, TWO)
    assert asked.targets() == {"1": THERE, "two": THERE, "on_no_input": HERE, "on_no_match": HERE, "on_failure": None}
    assert asked.default_result(Outcome("on_failure")) == "failed:menu"
    assert {outcome for outcome in asked.targets() if asked.defining(outcome)} == {"1", "two"}
    assert asked.defining(Outcome("1")) == (flow_variable("chosen", Type.TEXT),)
    assert asked.key_path(Outcome("two")) == ("options", 1, "next")
    assert asked.reading() == (contact_field("name"),)


def test_what_nothing_can_fail_in_has_no_way_for_it() -> None:
    assert "on_failure" not in menu(Option(key="1", next=THERE), prompt="hello").targets()
    assert "on_failure" in menu(Option(words=("one",), next=THERE), prompt="hello").targets()


def test_how_long_one_is_asked() -> None:
    by_key = Airtime(audible=LONGEST_PROMPT, turn=5.0)
    assert menu(Option(key="1", next=THERE), prompt="hello").airtime(15.0) == by_key
    by_word = Airtime(before=LONGEST_SYNTHESIS, audible=LONGEST_PROMPT, turn=15.0, after=LONGEST_THOUGHT)
    assert menu(ONE).airtime(15.0) == by_word
    digits = CollectDigits(
        id=HERE, prompt="hello", variable="it", next=THERE, on_no_input=HERE, on_invalid=HERE, max_digits=4, wait=3.0
    )
    assert digits.airtime(15.0) == Airtime(audible=LONGEST_PROMPT, turn=12.0)


@pytest.mark.parametrize(("keys", "silent"), [({"prompt": "hello", "wait": 8.0}, 8.0), ({"text": "Hello", "wait": 8.0}, 10.0)])
def test_nothing_is_heard_while_a_machine_s_greeting_is_waited_for(keys: dict[str, str | float], silent: float) -> None:
    left = LeaveMessage(id=HERE, next=THERE, **keys)  # type: ignore[arg-type]
    assert left.airtime(15.0) == Airtime(before=silent, audible=LONGEST_PROMPT)


@pytest.mark.parametrize(
    "options",
    [
        (ONE, Option(key="1", next=HERE)),
        (ONE, Option(words=("One",), next=HERE)),
        (Option(key="2", next=HERE), Option(words=("2",), next=HERE)),
        (),
    ],
)
def test_a_menu_that_leaves_in_doubt_what_is_chosen_is_refused(options: tuple[Option, ...]) -> None:
    with pytest.raises(ValueError, match=r"has two options for|needs at least one item"):
        menu(*options)


def test_an_option_is_not_called_as_an_outcome_is() -> None:
    with pytest.raises(ValueError, match="cannot be called on_no_match"):
        Option(words=("on_no_match",), next=HERE)


def test_words_that_are_one_in_another_spelling_cannot_choose_two_options() -> None:
    half_space, arabic = Option(words=("وقت می‌خواهم",), next=END), Option(words=("كار",), next=END)
    for options in (
        (half_space, Option(words=("وقت می خواهم",), next=END)),
        (arabic, Option(words=("کار",), next=END)),
        (Option(words=("Yes",), next=END), Option(words=("yes!",), next=END)),
    ):
        with pytest.raises(ValueError, match="two options"):
            Menu(id=StepId("ask"), prompt="p", options=options, on_no_input=END, on_no_match=END)
    assert Menu(id=StepId("ask"), prompt="p", options=(half_space, arabic), on_no_input=END, on_no_match=END).listens
