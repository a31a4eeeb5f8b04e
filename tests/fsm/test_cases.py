"""The format of flow tests: what is read, and what is said of what cannot be read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.fsm.acts import TAKES, Act, Does, Takes
from callengine.fsm.case_rules import check_cases
from callengine.fsm.cases import EPOCH, CaseFile, load_cases
from tests.fsm.files import loaded, with_flow

GOOD = """scenario: demo.yaml
cases:
  - name: says yes
    contact: {name: Sara, age: 30}
    call:
      - answers
      - hears: hello
      - says: "yes"
      - waits: 2
      - presses: 1
      - hangs up
    expect:
      result: connected_to_operator
      steps: [greet, end]
      transfer: completed
    must_not:
      hear: bye
      visit: [other, last]
"""
DEMO = loaded(
    with_flow(
        "step: start, type: entry, next: greet",
        "step: greet, type: play_prompt, prompt: hello, next: end",
        "step: end, type: hangup",
        prompts='{hello: "sound:hello", bye: "sound:bye"}',
    )
)


def file_of(text: str) -> CaseFile:
    loading = load_cases(text.encode(), "demo.test.yaml")
    assert loading.file is not None, loading.findings
    return loading.file


def said_of(text: str) -> list[str]:
    return [str(finding).removeprefix("demo.test.yaml:") for finding in load_cases(text.encode(), "demo.test.yaml").findings]


def test_a_case_is_read_as_it_is_written() -> None:
    file = file_of(GOOD)
    [case] = file.cases
    assert file.scenario == "demo.yaml"
    assert case.contact == {"name": "Sara", "age": "30"}
    assert list(map(str, case.call)) == ["answers", "hears hello", 'says "yes"', "waits 2", "presses 1", "hangs up"]
    assert (case.expect.result, case.expect.steps, case.expect.transfer) == (
        "connected_to_operator",
        ("greet", "end"),
        "completed",
    )
    assert (case.must_not.hear, case.must_not.visit) == (("bye",), ("other", "last"))
    assert case.flow == "flow"
    assert (case.call[1].position.line, case.call[1].position.column) == (7, 9)


def test_a_case_that_begins_with_a_call_tests_the_inbound_flow() -> None:
    assert file_of(GOOD.replace("- answers", "- calls")).cases[0].flow == "inbound_flow"


def test_everything_wrong_is_said_at_once_with_its_place_and_a_remedy() -> None:
    bad = GOOD
    for right, wrong in (
        ("hangs up", "hang up"),
        ("hears: hello", "hears"),
        ("waits: 2", "waits: long"),
        ("presses: 1", "presses: x"),
        ("- answers", "- answers: quickly"),
        ("result: conn", "resutl: conn"),
        ("completed", "done"),
        ("hear: bye", "hear: {a: b}"),
    ):
        assert right in bad
        bad = bad.replace(right, wrong)
    said = said_of(bad)
    assert [line.split(": ")[0] for line in said] == [
        "6:18",
        "7:9",
        "9:16",
        "10:18",
        "11:9",
        "13:7",
        "13:7",
        "15:17",
        "17:13",
    ]
    assert "case 'says yes': `call[6]` is 'hang up', which nobody can do; did you mean 'hangs up'?" in said[4]
    assert "`call[2]` needs a prompt of the scenario after `hears`; write `hears: hello`" in said[1]
    assert "did you mean 'result'?" in said[5]


@pytest.mark.parametrize("does", Does, ids=lambda does: does.value)
def test_every_act_can_be_written(does: Does) -> None:
    value = {
        Takes.NOTHING: "",
        Takes.SECONDS: "1.5",
        Takes.KEYS: '"1*"',
        Takes.PROMPT: "hello",
        Takes.STEP: "end",
        Takes.WORDS: '"a b"',
        Takes.JSON: "'[1]'",
    }[TAKES[does]]
    line = f"{does.value}: {value}" if value else does.value
    [case] = file_of(f"scenario: x\ncases: [{{name: a, call: [{line}], expect: {{result: r}}}}]").cases
    assert case.call == (Act(does, value.strip("\"'")),)


def at(*keys: str) -> str:
    return GOOD.replace("    expect:", "".join(f"    {key}\n" for key in keys) + "    expect:")


def test_a_case_says_when_its_call_begins() -> None:
    assert file_of(GOOD).cases[0].moment == EPOCH
    assert file_of(at("at: 2026-11-21 10:30")).cases[0].moment == datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
    tehran = file_of(at('at: "2026-11-21 10:30"', "zone: Asia/Tehran")).cases[0].moment
    assert (tehran.astimezone(UTC).hour, tehran.astimezone(UTC).minute, tehran.hour) == (7, 0, 10)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["at: noon"], "has no time in `at`, but 'noon'; write it as `2026-11-21 10:30`"),
        (["at: 2026-02-30 10:30"], "has no time in `at`"),
        (["zone: Asia/Tehran"], "has `zone` without `at`"),
        (["at: 2026-11-21 10:30", "zone: Asia/Teheran"], "Asia/Teheran"),
    ],
)
def test_a_time_that_is_none_is_told(keys: list[str], said: str) -> None:
    assert said in "".join(said_of(at(*keys)))


def test_an_answer_to_a_request_is_json() -> None:
    def codes_of(answer: str) -> list[tuple[int, str]]:
        text = GOOD.replace("waits: 2", f"request answers: {answer}").replace("other, last", "end")
        return [(each.line, each.code) for each in check_cases(file_of(text), DEMO)]

    assert codes_of("'{debt: 5}'") == [(9, "T106")]
    assert codes_of("""'{"debt": 5}'""") == []


def test_the_reader_of_scenarios_reads_it() -> None:
    assert [line.split()[1] for line in said_of(GOOD + "  - &a {name: x}\n")] == ["F009", "F014", "F014"]
    assert said_of("")[0].startswith("1:1: F007")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    loading = load_cases(data, "any")
    assert loading.file is not None or loading.findings


def test_the_scenario_is_consulted() -> None:
    steps = check_cases(file_of(GOOD.replace("waits: 2", "comes to: ned").replace("other, last", "end")), DEMO)
    assert [(each.line, each.code) for each in steps] == [(9, "T102")]
    found = check_cases(file_of(GOOD), DEMO)
    assert [(each.line, each.code) for each in found] == [(18, "T102"), (18, "T102")]
    inbound = check_cases(file_of(GOOD.replace("- answers", "- calls").replace("hello", "helo")), DEMO)
    assert [(each.line, each.code) for each in inbound] == [(6, "T105"), (7, "T101")]
    assert "did you mean 'hello'?" in inbound[1].message


@pytest.mark.parametrize("call", ["", "says: hello", "answers, calls", "is busy, hangs up", "answers, hangs up, waits: 1"])
def test_a_call_that_cannot_be(call: str) -> None:
    file = file_of(f"scenario: x\ncases: [{{name: a, call: [{call}], expect: {{result: r}}}}]")
    assert {finding.code for finding in check_cases(file, DEMO)} == {"T103"}
