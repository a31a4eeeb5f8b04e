"""A file becomes a scenario, or a list of all that is wrong with it, each with place, step and remedy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.fsm import Condition, OperatorRosters, RateLimits, RouteByIntent, Severity, TransferToOperator, lint, load
from callengine.model import Intent, StepId
from tests.fsm.files import data, loaded, only, places, with_flow

START = "step: start, type: entry, next: end"
END = "step: end, type: hangup"
VALID = data("new_scenario.yaml")
DAMAGE = [b"", b"\n", b": ", b"- ", b"[", b"}", b"'", b"5", b"&a ", b"*a", b"\xff", b"~"]


def test_a_file_of_the_field_loads_unchanged() -> None:
    scenario = loaded(VALID)
    assert scenario.name == "my_scenario"
    assert scenario.prompts["yes"] == "sound:custom/yes"
    assert scenario.stt.hotwords == ("بله", "نه")
    assert scenario.llm.fallback_tokens == {"yes": ("بله", "آره"), "no": ("نه",)}
    assert [len(flow.steps) for flow in scenario.flows] == [10, 6]


def test_unquoted_yes_and_no_are_text_as_keys_and_as_values() -> None:
    content = with_flow(
        START, "step: route, type: route_by_intent, routes: {yes: no, no: end}", "step: no, type: wait", END,
        llm="{intent_categories: [yes, no]}",
    )  # fmt: skip
    route = loaded(content).flow.steps[1]
    assert isinstance(route, RouteByIntent)
    assert route.routes == {Intent("yes"): StepId("no"), Intent("no"): StepId("end")}


def test_our_own_parts_of_a_scenario() -> None:
    scenario = loaded(
        with_flow(
            START,
            END,
            weight="0.5",
            conditions="[{field: tags, contains: vip}, {field: age, equals: 30}, {field: city, in: [Yazd, Qom]}]",
            rate_limits="{max_calls_per_minute: 5}",
            operators="{inbound: [09120000000, desk], outbound: []}",
        )
    )
    assert scenario.weight == 0.5
    assert scenario.conditions == (
        Condition(field="tags", contains="vip"),
        Condition(field="age", equals="30"),
        Condition(field="city", one_of=("Yazd", "Qom")),
    )
    assert scenario.rate_limits == RateLimits(max_calls_per_minute=5)
    assert scenario.operators == OperatorRosters(inbound=("09120000000", "desk"))


def test_an_empty_section_is_as_good_as_none() -> None:
    scenario = loaded(with_flow(START, END, prompts="", stt="", llm="", inbound_flow="", operators="{inbound: }"))
    assert scenario.inbound_flow is None
    assert scenario.stt.max_duration == 10


def test_all_errors_of_a_file_are_told_at_once() -> None:
    content = with_flow(
        "step: start, type: entri, next: end",
        "step: ask, type: record, nxt: end, on_empty: [end]",
        "type: hangup",
        "step: 7, type: wait",
        "step: retry, type: check_retry_limit, counter: c, max_count: many, within_limit: end, exceeded: end",
        "step: call, type: transfer_to_operator, agent_type: both, on_success: end, on_failure: end",
        wieght="2",
        prompts="{hello: 5}",
        stt="{max_silence: -1}",
        conditions="[{field: a}]",
    )
    assert [(each.line, each.code, each.step) for each in lint(content, "x.yaml")] == [
        (3, "F013", None),
        (4, "F015", None),
        (5, "F017", None),
        (6, "F017", None),
        (8, "F016", "start"),
        (9, "F014", "ask"),
        (9, "F013", "ask"),
        (9, "F015", "ask"),
        (10, "F014", None),
        (11, "F015", None),
        (12, "F015", "retry"),
        (13, "F017", "call"),
    ]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("step: ask, type: recrod, next: end", ": `type` is 'recrod', which is no step type; did you mean 'record'?"),
        ("step: ask, type: record, next: end, on_emty: end", " has the unknown key 'on_emty'; did you mean 'on_empty'?"),
        ("step: ask, type: record, next: end, on_fail: end", " has the unknown key 'on_fail'; did you mean 'on_failure'?"),
        ("step: ask, type: record", " needs the key `next`; add it"),
        ("step: ask, type: record, next: 5", ": `next` must be text, but the integer '5' stands here; put it in quotes"),
        (
            "step: ask, type: record, next: ",
            ": `next` must be text, but nothing stands here; write a value or take the key out",
        ),
        ("step: ask, type: record, next: [a]", ": `next` must be text, but a list stands here; write one word or sentence"),
    ],
)
def test_a_message_names_the_step_and_the_remedy(step: str, message: str) -> None:
    finding = only(with_flow(START, step, END))
    assert finding.message == f"step 'ask'{message}"
    assert (finding.flow, finding.step) == ("flow", "ask")


TRANSFER = "step: call, type: transfer_to_operator, agent_type: inbound, on_success: end, on_failure: end"


@pytest.mark.parametrize(("written", "key"), [("1", "1"), ("'1'", "1"), ("0", "0"), ("'*'", "*"), ('"#"', "#"), (" 9", "9")])
def test_a_key_needs_quotes_only_if_it_is_a_sign(written: str, key: str) -> None:
    step = loaded(with_flow(START, f"{TRANSFER}, accept_key: {written}", END)).flow.steps[1]
    assert isinstance(step, TransferToOperator)
    assert step.accept_key == key


@pytest.mark.parametrize("written", ["11", "'A'", "-1", "1.0", "true", "''", ""])
def test_a_key_that_no_telephone_has_is_refused(written: str) -> None:
    finding = only(with_flow(START, f"{TRANSFER}, accept_key: {written}", END))
    assert finding.code == "F017"
    assert "`accept_key` must be 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, * or #" in finding.message
    assert finding.message.endswith("; write one of them, a sign in quotes")


def test_an_operator_hears_a_prompt_or_a_sentence() -> None:
    both = f"{TRANSFER}, whisper: hello, whisper_text: 'A call of {{number}}'"
    finding = only(with_flow(START, both, END, prompts="{hello: 'sound:hello'}"))
    assert (finding.line, finding.column, finding.code) == (6, 7, "F017")
    assert finding.message == "step 'call' has both `whisper` and `whisper_text`; keep the one that the operator is to hear"


def test_a_whispered_sentence_may_hold_any_field_of_a_contact() -> None:
    sentence = "{number} of {shoe size}: {{" + "x" * 473
    step = loaded(with_flow(START, f"{TRANSFER}, whisper_text: '{sentence}'", END)).flow.steps[1]
    assert isinstance(step, TransferToOperator)
    assert step.whisper_text == sentence


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("'" + "x" * 501 + "'", "has 501 characters, but at most 500 are spoken; shorten it"),
        ('"one\\ntwo"', "must be words on one line, not 'one\\ntwo'; write some, without tabs and line breaks"),
        ("' '", "must be words on one line, not ' '; write some, without tabs and line breaks"),
    ],
)
def test_a_whispered_sentence_is_short_and_on_one_line(written: str, message: str) -> None:
    finding = only(with_flow(START, f"{TRANSFER}, whisper_text: {written}", END))
    assert finding.message == f"step 'call': `whisper_text` {message}"


def test_a_step_without_an_id_is_counted() -> None:
    finding = only(with_flow(START, "type: record, next: end", END))
    assert finding.message == "step 2 of flow needs the key `step`; add it"


def test_the_scenario_key_is_missed() -> None:
    findings = lint(b"scenaro:\n  name: x\n", "x.yaml")
    assert [(each.code, each.message) for each in findings] == [
        ("F013", "the file has the unknown key 'scenaro'; did you mean 'scenario'?"),
        ("F014", "the file needs the key `scenario`; add it"),
    ]


def test_a_byte_order_mark_is_only_a_warning() -> None:
    loading = load(b"\xef\xbb\xbf" + VALID, "x.yaml")
    assert loading.scenario is not None
    assert [(each.code, each.severity) for each in loading.findings] == [("F004", Severity.WARNING)]


@pytest.mark.parametrize("number", [".inf", ".nan", "-.inf", "1e999", "0x10", "9" * 5000, "true", "'5'", "null", "[1]"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    assert only(with_flow(START, END, stt=f"{{max_duration: {number}}}")).code in ("F015", "F017")


def test_a_finding_reads_like_a_compiler_s() -> None:
    assert str(only(with_flow(START, END, weight="0"))) == (
        "demo.yaml:3:11: F017 error: `weight` must be from 0.001 to 1,000,000, not '0'; change the number"
    )


def test_what_is_invisible_is_shown_in_messages() -> None:
    assert "'a\\u200eb'" in only(with_flow(START, END, **{"a\u200eb": "1"})).message


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(content: bytes) -> None:
    lint(content, "x.yaml")


@settings(deadline=None)
@given(st.data())
def test_mutated_files_never_raise(draw: st.DataObject) -> None:
    content = bytearray(VALID)
    for _ in range(draw.draw(st.integers(1, 4))):
        start = draw.draw(st.integers(0, len(content) - 1))
        end = draw.draw(st.integers(start, min(start + 30, len(content))))
        content[start:end] = draw.draw(
            st.sampled_from([b"", b"\n", b": ", b"- ", b"[", b"}", b"'", b"5", b"&a ", b"*a", b"\xff", b"~"])
        )
    loading = load(bytes(content), "x.yaml")
    assert (loading.scenario is None) == any(each.severity is Severity.ERROR for each in loading.findings)
    assert all(each.line >= 1 and each.column >= 1 for each in loading.findings)


def test_lines_end_as_they_do_on_windows() -> None:
    assert places(VALID.replace(b"\n", b"\r\n")) == []
