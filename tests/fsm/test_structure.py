"""Rules F2xx."""

import pytest

from callengine.fsm import lint
from tests.fsm.files import data, findings, only, places, with_flow

START = "step: start, type: entry, next: ask"
ASK = "step: ask, type: play_prompt, prompt: hello, next: hear"
HEAR = "step: hear, type: record, next: done, on_empty: {empty}, on_failure: done"
DONE = "step: done, type: set_result, result: unknown, next: end"
END = "step: end, type: hangup"
PROMPTS = "{hello: 'sound:hello', onhold: 'sound:hold'}"


def check(name: str, counter: str, within: str, exceeded: str, most: int = 2) -> str:
    counts = f"counter: {counter}, max_count: {most}"
    return f"step: {name}, type: check_retry_limit, {counts}, within_limit: {within}, exceeded: {exceeded}"


def asking(empty: str, *more: str) -> bytes:
    """A question whose empty answer leads to the step named, and other steps."""
    return with_flow(START, ASK, HEAR.format(empty=empty), *more, DONE, END, prompts=PROMPTS)


def test_a_file_of_the_field_has_warnings_and_no_error() -> None:
    found = [(each.code, each.step) for each in findings(data("new_scenario.yaml"), "01234")]
    assert found == [
        ("F206", "record_response"),
        ("F206", "record_response"),
        ("F206", "classify"),
        ("F402", "classify"),
        ("F405", "handle_yes"),
        ("F404", "do_disconnect"),
        ("F404", "do_hangup"),
        ("F403", "connect_agent"),
    ]


def test_steps_that_nothing_leads_to_are_named_one_by_one() -> None:
    content = asking("done", "step: lost, type: play_prompt, prompt: hello, next: found", "step: found, type: hangup")
    assert [(code, line) for line, _, code in places(content, "2")] == [("F201", 8), ("F201", 9)]


def test_a_question_loop_as_in_the_files_of_the_field() -> None:
    finding = only(asking("ask"), "2")
    assert (finding.code, finding.step) == ("F203", "ask")
    assert "'ask' -> 'hear' -> 'ask'" in finding.message


def test_a_counter_bounds_it() -> None:
    assert findings(asking("again", check("again", "asked", "ask", "done")), "2") == ()


def test_a_loop_that_goes_round_when_its_limit_is_exceeded_has_no_bound() -> None:
    assert only(asking("again", check("again", "asked", "done", "ask")), "2").code == "F203"


def test_each_of_two_ways_round_needs_its_own_check() -> None:
    hear = HEAR.format(empty="again").replace("on_failure: done", "on_failure: ask")
    content = with_flow(START, ASK, hear, check("again", "asked", "ask", "done"), DONE, END, prompts=PROMPTS)
    assert only(content, "2").code == "F203"


def test_a_check_within_a_check_is_bounded_and_may_share_its_counter() -> None:
    for inner in ("asked", "other"):
        checks = (check("again", "asked", "ask", "more"), check("more", inner, "ask", "done"))
        assert findings(asking("again", *checks), "2") == ()


def test_a_loop_that_nobody_leaves() -> None:
    hear = "step: hear, type: record, next: ask, on_empty: ask, on_failure: ask"
    finding = only(with_flow(START, ASK, hear, prompts=PROMPTS), "2")
    assert (finding.code, finding.step) == ("F202", "ask")


def test_a_wait_is_an_end() -> None:
    assert findings(with_flow("step: start, type: entry, next: stay", "step: stay, type: wait"), "2") == ()


def test_a_loop_without_the_caller_s_turn() -> None:
    steps = ("step: start, type: entry, next: say", "step: say, type: play_prompt, prompt: hello, next: again")
    content = with_flow(*steps, check("again", "said", "say", "done"), DONE, END, prompts=PROMPTS)
    assert only(content, "2").code == "F204"


def test_trying_operators_again_is_waiting_for_somebody() -> None:
    call = "step: call, type: transfer_to_operator, agent_type: inbound, on_success: done, on_failure: again"
    steps = ("step: start, type: entry, next: call", call, check("again", "tried", "call", "done"), DONE, END)
    assert findings(with_flow(*steps, prompts=PROMPTS), "2") == ()


@pytest.mark.parametrize(
    ("routes", "missing"),
    [
        ("yes: done, no: done, unknown: done", []),
        ("yes: done, unknown: done", ["'no', so it goes where 'unknown' goes"]),
        ("yes: done", ["'no', so the call ends as 'unknown'", "'unknown', so the call ends as 'unknown'"]),
    ],
)
def test_intents_without_a_route(routes: str, missing: list[str]) -> None:
    steps = (f"step: route, type: route_by_intent, routes: {{{routes}}}", DONE, END)
    found = findings(with_flow("step: start, type: entry, next: route", *steps, llm="{intent_categories: [yes, no]}"), "2")
    assert [finding.code for finding in found] == ["F205"] * len(missing)
    assert all(words in finding.message for finding, words in zip(found, missing, strict=True))


def test_outcomes_left_out() -> None:
    steps = ("step: start, type: entry, next: hear", "step: hear, type: record, next: done", DONE, END)
    assert [finding.message.split(";")[0] for finding in findings(with_flow(*steps), "2")] == [
        "step 'hear': `on_empty` is left out, so the call ends as 'hangup'",
        "step 'hear': `on_failure` is left out, so the call ends as 'failed:record'",
    ]


def test_a_flow_with_wrong_references_is_not_judged_further() -> None:
    assert places(asking("nowhere", "step: lost, type: wait"), "01234") == [(7, 56, "F101")]


def test_only_so_many_findings_are_told_and_errors_are_among_them() -> None:
    lost = [f"step: lost {number}, type: wait" for number in range(500)]
    found = lint(asking("ask", *lost), "x.yaml")
    assert len(found) == 200
    assert [finding.code for finding in found if finding.severity.value == "error"] == ["F203"]
    assert found[-1].message.endswith("There are 302 more findings; repair these first")


def test_two_thousand_steps_in_each_other_s_loops_do_not_exhaust_the_stack() -> None:
    hear = "step: h{n}, type: record, next: {on}, on_empty: c{n}, on_failure: c{n}"
    steps = [
        text
        for n in range(2_000)
        for text in (
            hear.format(n=n, on=f"h{n + 1}" if n < 1_999 else "done"),
            check(f"c{n}", f"k{n % 7}", f"h{max(0, n - 1)}", "done"),
        )
    ]
    content = with_flow("step: start, type: entry, next: h0", *steps, DONE, END)
    assert [finding.code for finding in lint(content, "x.yaml")] == ["F401", "F404"]
