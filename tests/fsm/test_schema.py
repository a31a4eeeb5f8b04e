"""The schema that editors are given agrees with the loader."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from callengine.fsm import STEP_TYPES, Step, load, scenario_schema
from callengine.fsm.descriptions import attributes, sentence
from callengine.fsm.document import read_document
from callengine.fsm.nodes import MappingNode, Node, ScalarNode
from tests.fsm.files import EXAMPLES, FLOWS, data
from tests.fsm.strategies import scenario_files

TEXT = scenario_schema()
SCHEMA = json.loads(TEXT)
VALIDATOR = Draft202012Validator(SCHEMA)

WHOLE = """\
scenario:
  name: everything
  display_name: "همه چیز"
  company: acme
  prompts: {hello: "sound:hello", yes: "sound:yes"}
  stt: {hotwords: [yes, no], max_duration: 10, max_silence: 1.5}
  llm:
    prompt_template: "{transcript}"
    intent_categories: [yes, no]
    fallback_tokens: {yes: [yes, sure], no: }
  weight: 0.5
  conditions:
    - {field: city, in: [Yazd, 5, true]}
    - {field: age, equals: 30}
    - {field: tags, contains: vip}
  rate_limits: {max_calls_per_minute: 5}
  operators: {inbound: [09120000000, desk], outbound: }
  flow:
    - {step: start, type: entry, next: call}
    - {step: call, type: transfer_to_operator, agent_type: inbound, on_success: on, on_failure: off, accept_key: 1, wait: 9}
    - {step: on, type: subflow, flow: talk, returns: {done: off, over: end}}
    - {step: off, type: set_result, result: unknown, next: end}
    - {step: end, type: hangup}
  inbound_flow:
  subflows:
    talk:
      - {step: start, type: entry, next: over}
      - {step: over, type: return, outcome: over}
      - {step: done, type: return}
    nothing:
"""

FREE_KEYS = ("prompts", "fallback_tokens", "contact_fields", "routes", "values", "add", "save", "body", "returns", "subflows")
"""The mappings whose keys are the author's own words."""

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]


def value_of(node: Node) -> Value:
    """A node as an editor's YAML 1.2 reader sees it."""
    if isinstance(node, MappingNode):
        return {key: value_of(below) for key, below in node.entries.items()}
    if isinstance(node, ScalarNode):
        return scalar(node)
    return [value_of(below) for below in node.items]


def scalar(node: ScalarNode) -> Value:
    match node.kind:
        case "empty":
            return None
        case "boolean":
            return node.text.lower() == "true"
        case "integer":
            return int(node.text)
        case "number":
            return float(node.text)
        case _:
            return node.text


def parsed(content: bytes) -> Value:
    root = read_document(content).root
    assert root is not None
    return value_of(root)


def mappings_with_fixed_keys(value: Value, path: tuple[str | int, ...] = ()) -> Iterator[dict[str, Value]]:
    if isinstance(value, dict):
        if path[-1:] not in [(key,) for key in FREE_KEYS]:
            yield value
        for key, below in value.items():
            yield from mappings_with_fixed_keys(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from mappings_with_fixed_keys(below, (*path, index))


FILES = st.one_of(scenario_files(), st.sampled_from([WHOLE.encode(), data("new_scenario.yaml"), data("structure.yaml")]))


def test_it_is_a_schema_in_the_dialects_that_editors_know() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft7Validator.check_schema(SCHEMA)


@settings(deadline=None)
@given(FILES)
def test_what_the_loader_accepts_is_valid(content: bytes) -> None:
    assert load(content, "x.yaml").scenario is not None
    assert [error.message for error in VALIDATOR.iter_errors(parsed(content))] == []
    assert Draft7Validator(SCHEMA).is_valid(parsed(content))


@settings(deadline=None)
@given(FILES, st.data())
def test_an_unknown_key_is_neither_valid_nor_accepted(content: bytes, draw: st.DataObject) -> None:
    value = parsed(content)
    draw.draw(st.sampled_from(list(mappings_with_fixed_keys(value))))["nxt"] = "end"
    assert not VALIDATOR.is_valid(value)
    assert load(json.dumps(value).encode(), "x.yaml").scenario is None


@pytest.mark.parametrize(
    "wrong",
    [
        "{step: a, type: entry}",
        "{step: a, type: record, next: }",
        "{step: a, type: recrod, next: b}",
        "{step: a, next: b}",
        "{type: hangup}",
        "{step: 5, type: hangup}",
        "{step: a, type: hangup, next: b}",
        "{step: a, type: route_by_intent, routes: [b]}",
        "{step: a, type: check_retry_limit, counter: c, max_count: -1, within_limit: b, exceeded: b}",
        "{step: a, type: check_retry_limit, counter: intent, max_count: 1, within_limit: b, exceeded: b}",
        "{step: a, type: subflow, returns: {done: b}}",
        "{step: a, type: subflow, flow: b, returns: [b]}",
        "{step: a, type: return, outcome: 1}",
        "{step: a, type: transfer_to_operator, agent_type: both, on_success: b, on_failure: b}",
        "{step: a, type: transfer_to_operator, agent_type: inbound, on_success: b, on_failure: b, accept_key: 11}",
        "{step: a, type: transfer_to_operator, agent_type: inbound, on_success: b, on_failure: b, wait: long}",
        "{step: a, type: say, text: 5, next: b}",
        "{step: a, type: leave_message, prompt: p, text: t, next: b}",
        "{step: a, type: leave_message, next: b}",
        "{step: a, type: menu, prompt: p, options: [{key: A, next: b}], on_no_input: b, on_no_match: b}",
        "{step: a, type: menu, prompt: p, options: [{key: 1}], on_no_input: b, on_no_match: b}",
        "{step: a, type: branch, cases: [{when: [{name: c, equal: x}], next: b}], otherwise: b}",
        "{step: a, type: branch, cases: [{when: [{time: {from: '9:30', to: '10:00'}}], next: b}], otherwise: b}",
        "{step: a, type: set, values: {number: x}, next: b}",
        "{step: a, type: set, values: {2nd: x}, next: b}",
        "{step: a, type: set, values: {a-b: x}, next: b}",
        "{step: a, type: set, add: {n: many}, next: b}",
        "{step: a, type: request, url: crm.example.com, next: b}",
        "{step: a, type: request, url: 'https://{host}/', next: b}",
        "{step: a, type: request, url: 'https://me:secret@host/', next: b}",
        "{step: a, type: request, url: 'https://host/', save: {v: {path: a, type: date}}, next: b}",
        "{step: a, type: request, url: 'https://host/', save: {v: {pth: a}}, next: b}",
        "{step: a, type: schedule_callback, next: b}",
        "{step: a, type: schedule_callback, after: 60, in_hours: h, next: b}",
        "{step: a, type: schedule_callback, at: noon, next: b}",
        "{step: a, type: queue, agent_type: inbound, on_success: b, on_failure: b, on_timeout: b, prompt: p, position_text: t}",
        "{step: a, type: queue, agent_type: inbound, on_success: b, on_failure: b, on_timeout: b, whisper: p, whisper_text: t}",
        "",
    ],
)
def test_a_step_that_the_loader_refuses_is_invalid(wrong: str) -> None:
    content = f"scenario:\n  name: x\n  flow:\n    - {wrong}\n".encode()
    assert load(content, "x.yaml").scenario is None
    assert not VALIDATOR.is_valid(parsed(content))


@pytest.mark.parametrize("step", [{"step": "a", "nxt": "b"}, {"step": "a", "type": "recrod", "nxt": "b"}])
def test_an_unknown_key_is_told_of_while_the_type_is_missing_or_unknown(step: dict[str, Value]) -> None:
    def told(step: dict[str, Value]) -> bool:
        errors = VALIDATOR.iter_errors({"scenario": {"name": "x", "flow": [step]}})
        return any("'nxt' was unexpected" in error.message for error in errors)

    assert told(step)
    assert not told({"next" if key == "nxt" else key: value for key, value in step.items()})


def test_what_editors_are_told_of_single_keys() -> None:
    properties = {step["then"]["title"]: step["then"]["properties"] for step in SCHEMA["$defs"]["step"]["allOf"][1:]}
    assert properties["menu"]["barge_in"]["default"] is True
    assert properties["collect_digits"]["max_digits"]["default"] == 16
    assert properties["request"]["method"]["default"] == "GET"
    option = properties["menu"]["options"]["items"]
    assert option["description"] == "One answer to a menu."
    assert option["properties"]["words"]["description"].startswith("Words or phrases of which one chooses it")
    hours = properties["branch"]["cases"]["items"]["properties"]["when"]["items"]["properties"]["time"]
    assert {"from", "to", "days", "zone"} == set(hours["properties"])
    assert all(each["description"] for each in hours["properties"].values())
    assert "Asia/Tehran" in properties["schedule_callback"]["zone"]["examples"]
    assert set(properties["request"]["save"]["additionalProperties"]["properties"]) == {"path", "type"}


def test_every_step_type_and_key_is_described() -> None:
    steps = [branch["then"] for branch in SCHEMA["$defs"]["step"]["allOf"] if "then" in branch]
    for step in steps:
        assert step["description"]
        undescribed = [key for key, value in step["properties"].items() if not value.get("description")]
        assert undescribed == [], step["title"]
    scenario = SCHEMA["properties"]["scenario"]["properties"]
    assert [key for key, value in scenario.items() if not value.get("description")] == []
    assert [step["title"] for step in steps] == list(STEP_TYPES)


def test_docstrings_describe_nothing_that_does_not_exist() -> None:
    for step in STEP_TYPES.values():
        known = {each.name for each in fields(step)} | set(attributes(Step))
        assert set(attributes(step)) <= known, sentence(step)


def test_the_copy_beside_the_examples_is_current() -> None:
    """Mend it with `callengine schema > flows/scenario.schema.json`."""
    assert (FLOWS / "scenario.schema.json").read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_name_it(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json\n")
