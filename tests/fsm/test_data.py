"""Rules F3xx."""

import pytest
from attrs import frozen

from callengine.fsm import Flow, Scenario, Step, check, lint
from callengine.fsm.declarations import counter
from callengine.fsm.step import Variables
from callengine.fsm.steps import CheckRetryLimit, Disconnect, Entry, Record, SetResult
from callengine.model import Outcome, Result, StepId
from tests.fsm.files import findings, only, with_flow

START = "step: start, type: entry, next: {0}"
HEAR = "step: hear, type: record, next: {0}, on_empty: {1}, on_failure: done"
THINK = "step: think, type: classify_intent, next: route, on_failure: {0}"
ROUTE = "step: route, type: route_by_intent, routes: {unknown: done}"
DONE = "step: done, type: set_result, result: unknown, next: end"
END = "step: end, type: hangup"


def test_a_transcript_that_is_set_on_one_way_only() -> None:
    finding = only(with_flow(START.format("hear"), HEAR.format("think", "think"), THINK.format("done"), ROUTE, DONE, END), "3")
    assert (finding.code, finding.step) == ("F301", "think")
    assert "the transcript, which is not set when it comes from 'hear' by `on_empty`" in finding.message


def test_an_intent_is_not_set_where_it_could_not_be_found() -> None:
    finding = only(with_flow(START.format("hear"), HEAR.format("think", "done"), THINK.format("route"), ROUTE, DONE, END), "3")
    assert (finding.code, finding.step) == ("F301", "route")
    assert "from 'think' by `on_failure`" in finding.message


def test_what_was_set_before_a_loop_stays_set_in_it() -> None:
    again = "step: again, type: check_retry_limit, counter: c, max_count: 1, within_limit: think, exceeded: done"
    steps = (START.format("hear"), HEAR.format("think", "done"), THINK.format("again"), again, ROUTE, DONE, END)
    assert findings(with_flow(*steps), "3") == ()


def test_every_end_needs_a_result_on_every_way() -> None:
    finding = only(with_flow(START.format("hear"), HEAR.format("done", "end"), DONE, END), "3")
    assert (finding.code, finding.step) == ("F302", "end")
    assert "from 'hear' by `on_empty`" in finding.message


def test_a_wait_is_an_end_too_and_a_default_is_a_result() -> None:
    record = "step: hear, type: record, next: stay"
    finding = only(with_flow(START.format("hear"), record, "step: stay, type: wait"), "3")
    assert (finding.code, finding.step) == ("F302", "stay")


def test_a_call_that_comes_in_has_a_result_from_the_start() -> None:
    flow = f"[{{{START.format('end')}}}, {{{END}}}]"
    assert findings(with_flow(START.format("done"), DONE, END, inbound_flow=flow), "3") == ()


@pytest.mark.parametrize(
    ("between", "lost"),
    [
        ("step: more, type: check_retry_limit, counter: c, max_count: 1, within_limit: done, exceeded: done", True),
        ("step: more, type: check_retry_limit, counter: c, max_count: 1, within_limit: done, exceeded: end", False),
        ("step: more, type: play_prompt, prompt: p, next: done", False),
    ],
)
def test_a_result_that_no_call_can_end_with(between: str, *, lost: bool) -> None:
    first = "step: first, type: set_result, result: banned, next: more"
    found = findings(with_flow(START.format("first"), first, between, DONE, END, prompts="{p: 'sound:p'}"), "3")
    assert [(finding.code, finding.step) for finding in found] == ([("F303", "first")] if lost else [])


@pytest.mark.parametrize("result", ["connected_to_operator", "failed:no_adviser", "hangup", "forwarded"])
def test_results_that_panels_know(result: str) -> None:
    assert findings(with_flow(START.format("done"), DONE.replace("unknown", result), END), "3") == ()


@pytest.mark.parametrize(
    ("result", "hint"),
    [
        ("not_intrested", "did you mean 'not_interested'?"),
        ("failed:", "`failed:` and a reason"),
        ("sold", "`failed:` and a reason"),
    ],
)
def test_results_that_they_do_not(result: str, hint: str) -> None:
    finding = only(with_flow(START.format("done"), DONE.replace("unknown", f"'{result}'"), END), "3")
    assert finding.code == "F304"
    assert finding.message.endswith(hint)


def test_a_sentence_for_operators_reads_the_transcript() -> None:
    call = "step: call, type: transfer_to_operator, agent_type: inbound, on_success: done, on_failure: done"
    steps = (START.format("hear"), HEAR.format("call", "call"), f"{call}, whisper_text: 'They said {{transcript}}'", DONE, END)
    finding = only(with_flow(*steps), "3")
    assert (finding.code, finding.step) == ("F301", "call")
    assert "reads the transcript, which is not set when it comes from 'hear' by `on_empty`" in finding.message


@frozen(kw_only=True)
class Forget(Step):
    """A step of the future, which sets a counter to 0."""

    type = "forget"
    outcomes = (Outcome("next"),)
    next: StepId

    def defining(self, outcome: Outcome) -> Variables:
        return (counter("asked"),)


@pytest.mark.parametrize("forgets", [False, True])
def test_a_counter_that_another_step_sets_bounds_nothing(*, forgets: bool) -> None:
    hear, more, end = StepId("hear"), StepId("more"), StepId("end")
    done, back = StepId("done"), StepId("back")
    steps = (
        Entry(id=StepId("start"), next=hear),
        Record(id=hear, next=done, on_empty=more, on_failure=done),
        CheckRetryLimit(id=more, counter="asked", max_count=2, within_limit=back if forgets else hear, exceeded=done),
        *((Forget(id=back, next=hear),) if forgets else ()),
        SetResult(id=done, result=Result("unknown"), next=end),
        Disconnect(id=end),
    )
    codes = {finding.code for finding in check(Scenario(name="x", flow=Flow("flow", steps)))}
    assert codes == ({"F203", "F404"} if forgets else {"F404"})


SAVED = "save: {debt: {path: a, type: number}}"
ASK = f"step: ask, type: request, url: 'https://crm.example.com', {SAVED}, next: say, on_failure: none"
NONE = "step: none, type: set, values: {debt: '0'}, next: say"
SAY = "step: say, type: say, text: '{debt}', next: done, on_failure: done"


def test_a_number_on_one_way_and_a_text_on_the_other_is_set_on_both() -> None:
    found = findings(with_flow(START.format("ask"), ASK, NONE, SAY, DONE, END), "3")
    assert {finding.code for finding in found} == {"F305"}


@pytest.mark.parametrize(
    ("values", "unset"),
    [
        ("{a: x, b: '{a}y'}", []),
        ("{a: x, b: '{a}', c: '{b}{a}'}", []),
        ("{b: '{a}y', a: x}", ["a"]),
        ("{a: '{a}x'}", ["a"]),
        ("{a: x, b: '{c}{a}', c: y}", ["c"]),
    ],
)
def test_a_text_may_read_what_those_before_it_set(values: str, unset: list[str]) -> None:
    found = findings(with_flow(START.format("note"), f"step: note, type: set, values: {values}, next: done", DONE, END), "3")
    assert [(finding.code, finding.message.split(",")[0]) for finding in found] == [
        ("F301", f"step 'note': reads the {name}") for name in unset
    ]


def test_a_counter_called_as_a_variable_gives_it_a_value() -> None:
    count = "step: count, type: check_retry_limit, counter: debt, max_count: 1, within_limit: say, exceeded: none"
    finding = only(with_flow(START.format("count"), count, NONE, SAY, DONE, END), "3")
    assert (finding.code, finding.step) == ("F305", "none")
    assert "'debt' is a text that the flow sets here and a counter elsewhere" in finding.message


def test_a_field_of_the_contact_that_is_called_as_the_transcript() -> None:
    steps = (START.format("hear"), HEAR.format("think", "done"), THINK.format("done"), ROUTE, DONE, END)
    found = findings(with_flow(*steps, contact_fields="{transcript: text}"), "3")
    assert {finding.code for finding in found} == {"F305"}
    assert "'transcript' is the call's transcript here and a field of the contact elsewhere" in found[0].message


def test_a_field_of_the_contact_that_the_flow_sets_too() -> None:
    content = with_flow(START.format("none"), NONE.replace("say", "done"), DONE, END, contact_fields="{debt: number}")
    finding = only(content, "3")
    assert (finding.code, finding.step) == ("F305", "none")
    assert "'debt' is a text that the flow sets here and a field of the contact elsewhere" in finding.message


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("name: debt, equals: much", "is a number, not 'much'"),
        ("name: debt, at_least: 5, at_most: 4", "cannot be at least 5 and at most 4"),
        ("name: debt, in: []", "can be none of no words"),
        ("name: city, at_least: 5", "no number"),
    ],
)
def test_a_test_that_cannot_hold_is_found_where_it_stands(test: str, why: str) -> None:
    branch = (
        f"step: sort, type: branch, cases: [{{when: [{{name: city, empty: true}}, {{{test}}}], next: done}}], otherwise: done"
    )
    content = with_flow(START.format("sort"), branch, DONE, END, contact_fields="{city: text, debt: number}")
    finding = only(content, "3")
    assert finding.code == "F307"
    assert why in finding.message
    assert content.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith(f"{{{test}}}")


@pytest.mark.parametrize("test", ["equals: ''", "in: [much, '5']", "at_least: 5", "empty: true"])
def test_a_test_of_a_number_that_may_hold(test: str) -> None:
    branch = f"step: sort, type: branch, cases: [{{when: [{{name: debt, {test}}}], next: done}}], otherwise: done"
    content = with_flow(START.format("sort"), branch, DONE, END, contact_fields="{debt: number}")
    assert findings(content, "3") == ()


def test_until_a_step_sets_it_the_name_of_a_field_stands_for_the_field() -> None:
    steps = (START.format("dub"), "step: dub, type: set, values: {name: 'Mr {name}'}, next: done", DONE, END)
    text = with_flow(*steps, contact_fields="{name: text}")
    assert {finding.code for finding in lint(text, "x.yaml")} == {"F305", "F404"}


def test_a_name_is_found_in_the_text_or_the_test_that_reads_it() -> None:
    branch = "step: which, type: branch, otherwise: done, cases: [{when: [{name: nmae, equals: x}], next: done}]"
    text = with_flow(START.format("which"), branch, DONE, END, contact_fields="{name: text}")
    [finding] = [each for each in lint(text, "x.yaml") if each.code == "F306"]
    assert text.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith("{name: nmae")
