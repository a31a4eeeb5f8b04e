"""What the loader refuses in the fields of the step types: each with its code, at its place."""

import pytest

from callengine.fsm import lint
from tests.fsm.files import with_flow

START = "step: start, type: entry, next: x"
END = "step: end, type: hangup"
STEPS = {
    "say": "text: Hello, next: end, on_failure: end",
    "menu": "prompt: p, options: [{key: 1, next: end}, {words: [yes], next: end}],"
    " on_no_input: end, on_no_match: end, on_failure: end",
    "collect_digits": "prompt: p, variable: v, next: end, on_no_input: end, on_invalid: end",
    "detect_machine": "human: end, machine: end, not_sure: end",
    "leave_message": "prompt: p, next: end",
    "branch": "cases: [{when: [{name: city, equals: Yazd}], next: end}], otherwise: end",
    "set": "values: {v: a}, add: {n: 1}, next: end",
    "check_retry_limit": "counter: n, max_count: 1, within_limit: end, exceeded: end",
    "request": "url: 'https://crm.example.com/a', save: {v: {path: a}}, next: end, on_failure: end",
    "send_sms": "text: Hello, next: end, on_failure: end",
    "opt_out": "next: end, on_failure: end",
    "schedule_callback": "at: '09:30', zone: Asia/Tehran, next: end, on_failure: end",
    "queue": "agent_type: inbound, on_success: end, on_failure: end, on_timeout: end",
}


def file_of(kind: str, right: str = "", wrong: str = "") -> bytes:
    keys = STEPS[kind]
    assert right in keys
    return with_flow(START, f"step: x, type: {kind}, {keys.replace(right, wrong, 1)}", END, prompts="{p: 'sound:p'}")


@pytest.mark.parametrize("kind", STEPS)
def test_without_a_fault_they_are_read(kind: str) -> None:
    assert [finding for finding in lint(file_of(kind), "x.yaml") if finding.code < "F2"] == []


VALUES = [
    ("say", "text: Hello", "text: ''", "''"),
    ("say", "text: Hello", f"text: {'x' * 501}", "xxx"),
    ("menu", "key: 1", "key: 10", "10"),
    ("menu", "key: 1", "key: A", "A"),
    ("menu", "on_no_match: end", "on_no_match: end, wait: 0.5", "0.5"),
    ("menu", "on_no_match: end", "on_no_match: end, variable: intent", "intent"),
    ("collect_digits", "variable: v", "variable: number", "number"),
    ("collect_digits", "variable: v", "variable: a-b", "a-b"),
    ("collect_digits", "variable: v", "variable: 2nd", "2nd"),
    ("collect_digits", "variable: v", "variable: v, max_digits: 33", "33"),
    ("detect_machine", "human: end", "human: end, initial_silence: 0.1", "0.1"),
    ("detect_machine", "human: end", "human: end, by: ear", "ear"),
    ("leave_message", "next: end", "next: end, wait: 61", "61"),
    ("branch", "equals: Yazd", "equals: Yazd}, {time: {from: '9:30', to: '10:00'}", "'9:30'"),
    ("branch", "equals: Yazd", "equals: Yazd}, {time: {from: '09:30', to: '24:00'}", "'24:00'"),
    ("branch", "equals: Yazd", "equals: Yazd}, {time: {from: '09:30', to: '10:00', days: [someday]}", "someday"),
    ("branch", "equals: Yazd", "equals: Yazd}, {time: {from: '09:30', to: '10:00', zone: Asia/Teheran}", "Asia/Teheran"),
    ("set", "n: 1", "n: 1000001", "1000001"),
    ("request", "'https://crm.example.com/a'", "crm.example.com", "crm"),
    ("request", "'https://crm.example.com/a'", "'ftp://crm.example.com/a'", "'ftp"),
    ("request", "'https://crm.example.com/a'", "'https://{host}/a'", "'https"),
    ("request", "'https://crm.example.com/a'", "'https://me:secret@crm.example.com/a'", "'https"),
    ("request", "'https://crm.example.com/a'", "'https://crm.example.com/a b'", "'https"),
    ("request", "path: a", "path: a, type: date", "date"),
    ("request", "next: end", "next: end, method: FETCH", "FETCH"),
    ("request", "next: end", "next: end, timeout: 31", "31"),
    ("schedule_callback", "at: '09:30'", "at: '9:30'", "'9:30'"),
    ("schedule_callback", "at: '09:30'", "at: noon", "noon"),
    ("schedule_callback", "zone: Asia/Tehran", "zone: Tehran", "Tehran"),
    ("schedule_callback", "at: '09:30', zone: Asia/Tehran", "after: 59", "59"),
    ("schedule_callback", "at: '09:30', zone: Asia/Tehran", "in_hours: result", "result"),
    ("queue", "on_timeout: end", "on_timeout: end, timeout: 4", "4"),
    ("queue", "on_timeout: end", "on_timeout: end, leave_key: '**', on_leave: end", "'**'"),
]


@pytest.mark.parametrize(("kind", "right", "wrong", "at"), VALUES, ids=lambda part: part[:40])
def test_a_value_that_is_not_allowed_is_found_where_it_stands(kind: str, right: str, wrong: str, at: str) -> None:
    content = file_of(kind, right, wrong)
    (finding,) = lint(content, "x.yaml")
    assert (finding.code, finding.step) == ("F017", "x")
    assert content.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith(at)


TOGETHER = [
    ("menu", "prompt: p", "prompt: p, text: Hello", "{step: x"),
    ("menu", "prompt: p, ", "", "{step: x"),
    ("menu", "words: [yes]", "key: '1'", "{step: x"),
    ("menu", "words: [yes]", "words: [on_no_input]", "{words: [on_no_input]"),
    ("menu", "words: [yes], ", "", "{next: end}"),
    ("menu", "[{key: 1, next: end}, {words: [yes], next: end}]", "[]", "{step: x"),
    ("collect_digits", "variable: v", "variable: v, min_digits: 5, max_digits: 4", "{step: x"),
    ("leave_message", "prompt: p", "text: Hello, prompt: p", "{step: x"),
    ("branch", "equals: Yazd", "equals: Yazd, contains: Y", "{name: city"),
    ("branch", "name: city, equals: Yazd", "equals: Yazd", "{equals"),
    ("branch", "[{name: city, equals: Yazd}]", "[]", "{when"),
    ("branch", "equals: Yazd", "equals: Yazd, time: {from: '01:00', to: '02:00'}", "{name"),
    ("branch", "name: city, equals: Yazd", "time: {from: '01:00', to: '01:00'}", "{from"),
    ("set", "values: {v: a}, add: {n: 1}", "values: {}", "{step: x"),
    ("schedule_callback", "at: '09:30'", "at: '09:30', after: 60", "{step: x"),
    ("schedule_callback", "at: '09:30'", "after: 60", "{step: x"),
    ("schedule_callback", "at: '09:30', zone: Asia/Tehran, ", "", "{step: x"),
    ("queue", "on_timeout: end", "on_timeout: end, leave_key: 1", "{step: x"),
    ("queue", "on_timeout: end", "on_timeout: end, on_leave: end", "{step: x"),
    ("queue", "on_timeout: end", "on_timeout: end, prompt: p, position_text: next", "{step: x"),
    ("queue", "on_timeout: end", "on_timeout: end, whisper: p, whisper_text: next", "{step: x"),
]


@pytest.mark.parametrize(("kind", "right", "wrong", "at"), TOGETHER, ids=lambda part: part[:40])
def test_keys_that_do_not_go_together_are_found_where_they_begin(kind: str, right: str, wrong: str, at: str) -> None:
    content = file_of(kind, right, wrong)
    (finding,) = lint(content, "x.yaml")
    assert (finding.code, finding.step) == ("F017", "x")
    assert content.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith(at)


OTHERS = [
    ("menu", "key: 1", "kye: 1", "F013", "kye"),
    ("menu", "key: 1, next: end", "key: 1", "F014", "{key: 1}"),
    ("branch", "equals", "equal", "F013", "equal"),
    ("request", "path: a", "pth: a", "F013", "pth"),
    ("menu", "[{key: 1, next: end}, {words: [yes], next: end}]", "{key: 1}", "F015", "{key"),
    ("menu", "words: [yes]", "words: yes", "F015", "yes"),
    ("collect_digits", "variable: v", "variable: v, max_digits: 2.5", "F015", "2.5"),
    ("collect_digits", "variable: v", "variable: v, barge_in: yes", "F015", "yes"),
    ("set", "n: 1", "n: one", "F015", "one"),
    ("request", "save: {v: {path: a}}", "save: {v: a}", "F015", "a}"),
    ("opt_out", "on_failure: end", "on_failure: ", "F015", ""),
]


@pytest.mark.parametrize(("kind", "right", "wrong", "code", "at"), OTHERS, ids=lambda part: part[:40])
def test_other_faults_are_found_where_they_stand(kind: str, right: str, wrong: str, code: str, at: str) -> None:
    content = file_of(kind, right, wrong)
    found = {
        (finding.code, content.decode().splitlines()[finding.line - 1][finding.column - 1 :]) for finding in lint(content, "x")
    }
    assert any(told == code and line.startswith(at) for told, line in found), found


@pytest.mark.parametrize("name", ["number", "transcript", "intent", "result", "operator", "position", "a b", "۱"])
def test_a_name_that_no_flow_may_give(name: str) -> None:
    content = file_of("set", "v: a", f"'{name}': a")
    (finding,) = lint(content, "x.yaml")
    assert (finding.code, finding.step) == ("F017", "x")
    assert content.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith(f"'{name}'")


@pytest.mark.parametrize("name", ["number", "transcript", "intent", "result", "operator", "position"])
def test_a_counter_has_no_name_that_has_a_meaning(name: str) -> None:
    content = file_of("check_retry_limit", "counter: n", f"counter: {name}")
    (finding,) = lint(content, "x.yaml")
    assert (finding.code, finding.step) == ("F017", "x")
    assert content.decode().splitlines()[finding.line - 1][finding.column - 1 :].startswith(name)


def test_a_counter_may_have_a_name_of_several_words() -> None:
    content = file_of("check_retry_limit", "counter: n", "counter: times asked-2")
    assert [finding for finding in lint(content, "x.yaml") if finding.code < "F2"] == []


@pytest.mark.parametrize(
    "url",
    [
        "https://[abc/x",
        "https://a]b/",
        "https://[abc]/",
        "https://[::1]x/",
        "https://[fe80::1%1]/",
        "https://crm.example.com℀/",
        "https://:80/",
        "https://.../",
        "https://crm.example.com:0/",
        "https://crm.example.com:65536/",
        "https://crm.example.com:http/",
        "https://crm.example.com:۸۰/",
        "https://crm,example.com/",
        "https:///a",
    ],
)
def test_an_address_that_has_no_host_or_no_port_is_none(url: str) -> None:
    (finding,) = lint(file_of("request", "https://crm.example.com/a", url), "x.yaml")
    assert (finding.code, finding.step) == ("F017", "x")
    assert "must be the address of a web service" in finding.message


@pytest.mark.parametrize(
    "url",
    ["http://crm", "https://crm_1.example-2.com:8443/a?b={v}", "http://[::1]:8080/", "http://10.0.0.1/", "https://شرکت.ir/[a]"],
)
def test_an_address_may_be_of_any_host(url: str) -> None:
    assert [finding for finding in lint(file_of("request", "https://crm.example.com/a", url), "x") if finding.code < "F2"] == []
