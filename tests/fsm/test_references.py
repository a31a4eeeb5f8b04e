"""Rules F1xx, on the two files of the field and on small ones."""

from pathlib import Path

import pytest

from callengine.fsm import lint
from callengine.fsm.lint import MOST_FINDINGS
from tests.fsm.files import EXAMPLES, data, findings, only, places, with_flow

START = "step: start, type: entry, next: end"
END = "step: end, type: hangup"


def test_the_first_file_of_the_field_misses_six_steps() -> None:
    findings = lint(data("structure.yaml"), "structure.yaml")
    assert [(each.line, each.column, each.code, each.flow, each.step) for each in findings] == [
        (53, 17, "F101", "flow", "record_response"),
        (54, 19, "F101", "flow", "record_response"),
        (59, 19, "F101", "flow", "classify"),
        (65, 13, "F101", "flow", "route"),
        (66, 26, "F101", "flow", "route"),
        (67, 18, "F101", "flow", "route"),
        (92, 19, "F101", "inbound_flow", "connect_agent"),
    ]
    missing = [
        "hangup_empty",
        "hangup_failed",
        "hangup_failed",
        "handle_no",
        "handle_number",
        "handle_unknown",
        "result_disconnected",
    ]
    assert all(f"'{name}'" in finding.message for name, finding in zip(missing, findings, strict=True))


def test_the_second_file_of_the_field_refers_to_nothing_that_is_not_there() -> None:
    assert places(data("new_scenario.yaml")) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_example_scenarios_are_clean(path: Path) -> None:
    assert lint(path.read_bytes(), str(path)) == ()


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("ned", "end"), ("en", "end"), ("endd", "end"), ("End", "end"), ("enb", "end"), ("wait_a_whle", "wait_a_while")],
)
def test_a_close_name_is_suggested(wrong: str, meant: str) -> None:
    finding = only(with_flow(f"step: start, type: entry, next: {wrong}", END, "step: wait_a_while, type: wait"))
    assert finding.message.endswith(f"did you mean '{meant}'?")


def test_prompts_of_every_step_that_plays_one() -> None:
    content = with_flow(
        START,
        "step: ask, type: play_prompt, prompt: helo, next: end",
        "step: think, type: classify_intent, prompt: hum, next: end",
        "step: call, type: transfer_to_operator, agent_type: inbound, on_success: end, on_failure: end, whisper: halo",
        END,
        prompts="{hello: 'sound:hello'}",
    )
    found = findings(content)
    assert [finding.code for finding in found] == ["F102", "F102", "F102"]
    assert found[2].message.startswith("step 'call': `whisper` names 'halo', but the scenario has no such prompt")
    assert (found[2].line, found[2].column) == (8, 112)


def test_a_route_for_unknown_needs_no_declaration_but_others_do() -> None:
    route = "step: route, type: route_by_intent, routes: {unknown: end, yes: end, maybe: end}"
    assert places(with_flow(START, route, END, llm="{intent_categories: [yes]}")) == [(6, 77, "F103")]


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        ("{transcript} {intent_categories} {yes_examples} {unknown_examples}", []),
        ('answer as {{"intent": "yes"}} or {"intent": 1}', []),
        ("{{transcripts}} {{{transcript}}}", []),
        ("{transcripts}", ["F105"]),
        ("{{{transcripts}}}", ["F105"]),
        ("{no_examples} {no_examples} {name}", ["F105", "F105"]),
    ],
)
def test_placeholders(template: str, codes: list[str]) -> None:
    llm = f"{{intent_categories: [yes], prompt_template: '{template}'}}"
    assert [each[2] for each in places(with_flow(START, END, llm=llm))] == codes


@pytest.mark.parametrize("uri", ["sound:a", "recording:b", "number:1", "digits:12", "characters:ab", "tone:ring;tonezone=fr"])
def test_media_that_the_pbx_can_play(uri: str) -> None:
    assert places(with_flow(START, END, prompts=f"{{a: '{uri}'}}")) == []


@pytest.mark.parametrize("uri", ["custom/hello", "http://example.com/a.wav", "sound:", "Sound:a", "sound"])
def test_media_that_it_cannot(uri: str) -> None:
    assert only(with_flow(START, END, prompts=f"{{a: {uri}}}")).code == "F106"


def test_each_flow_has_steps_of_its_own() -> None:
    content = with_flow(START, END, "step: end, type: wait", inbound_flow="[{step: start, type: entry, next: start}]")
    assert places(content) == [(7, 14, "F107")]


def test_ten_thousand_steps_of_which_every_one_leads_astray() -> None:
    """With a suggestion for each that is told; comparing every name with every other would take minutes."""
    steps = [f"step: step_{n}, type: play_prompt, prompt: p, next: stepp_{n}" for n in range(10_000)]
    findings = lint(with_flow(START, *steps, END, prompts="{p: 'sound:p'}"), "x.yaml")
    assert len(findings) == MOST_FINDINGS
    assert findings[-1].message.endswith(f"did you mean 'step_{MOST_FINDINGS - 1}'?")


@pytest.mark.parametrize("text", ["{name, you owe {debt}", "you owe {}", "you owe { debt }", "you owe debt}"])
def test_a_brace_in_a_text_that_fills_nothing(text: str) -> None:
    say = f"step: say, type: say, text: '{text}', next: end, on_failure: end"
    content = with_flow("step: start, type: entry, next: say", say, "step: end, type: hangup")
    [finding] = [each for each in lint(content, "x.yaml") if each.code == "F105"]
    assert content.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith(f"'{text}'")


def test_braces_that_are_meant() -> None:
    say = "step: say, type: say, text: 'a {{set}} of {customer name}', next: end, on_failure: end"
    content = with_flow("step: start, type: entry, next: say", say, "step: end, type: hangup")
    assert "F105" not in {each.code for each in lint(content, "x.yaml")}
