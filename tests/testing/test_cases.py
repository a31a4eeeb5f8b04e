"""Flow tests, run: the example flows pass theirs, and what a failing case tells."""

from pathlib import Path

import pytest
import structlog

from callengine.fsm import CHART_TYPES
from callengine.fsm.acts import Does
from callengine.testing.cases import Ran, Suite, open_suite, run_case
from callengine.testing.coverage import coverage_of
from callengine.testing.director import PERFORMERS
from callengine.testing.drives import DRIVES
from callengine.testing.paths import plan_of

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "flows").glob("*.test.yaml"))


@pytest.fixture(autouse=True)
def _quiet(logs_as_they_were: None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def opened(path: Path) -> Suite:
    suite = open_suite(path)
    assert isinstance(suite, Suite), suite
    return suite


def only(folder: Path, scenario: Path, case: str) -> Ran:
    """The run of a single case of a scenario."""
    (folder / scenario.name).write_bytes(scenario.read_bytes())
    test = folder / "one.test.yaml"
    test.write_text(f"scenario: {scenario.name}\ncases:\n  - {{name: one, {case}}}\n", encoding="utf-8")
    return run_case(opened(test), 0)


def messages(ran: Ran) -> list[str]:
    return [failure.message for failure in ran.failures]


def test_every_example_flow_has_tests() -> None:
    scenarios = {path.name for path in (ROOT / "flows").glob("*.yaml") if path not in EXAMPLES}
    assert {opened(path).file.scenario for path in EXAMPLES} == scenarios


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_tests_of_an_example_pass_and_come_to_every_step(path: Path) -> None:
    suite = opened(path)
    covered = coverage_of(suite.scenario)
    for number, case in enumerate(suite.file.cases):
        ran = run_case(suite, number)
        assert ran.passed, ran.story()
        covered[case.flow].add(ran.played.happenings)
    for flow in covered.values():
        assert flow.missed_steps == ()
        assert set(flow.missed_outcomes) <= set(plan_of(flow.chart).undriven)


def test_every_act_and_every_step_type_has_its_row() -> None:
    assert set(PERFORMERS) == set(Does)
    assert set(DRIVES) == set(CHART_TYPES)


def test_the_same_case_gives_the_same_call() -> None:
    suite = opened(EXAMPLES[1])
    assert run_case(suite, 0).played == run_case(suite, 0).played


APPOINTMENT = ROOT / "flows" / "appointment.yaml"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("call: [answers, says: 'no'], expect: {result: disconnected}", ["result is 'not_interested', not 'disconnected'"]),
        ("call: [answers, says: 'no', says: 'no'], expect: {result: not_interested}", ['`says "no"` did not come about']),
        ("call: [answers, presses: 1, is connected], expect: {result: hangup}", ["`is connected` did not come about"]),
        ("call: [answers, waits: 900], expect: {result: unknown}", ["`waits 900` did not come about"]),
        ("call: [answers, hears: repeat], expect: {result: unknown}, must_not: {hear: repeat}", ["hear 'repeat' must not"]),
        ("call: [answers, says: 'no'], expect: {result: not_interested}, must_not: {visit: route}", ["visit 'route' must not"]),
        ("call: [is busy], expect: {result: busy}, must_not: {result: busy}", ["result 'busy' must not happen"]),
        ("call: [is busy], expect: {result: busy}, must_not: {transfer: none}", ["transfer 'none' must not happen"]),
        (
            "call: [calls], expect: {result: inbound_call, steps: [say_hours, start]}",
            ["'start' is missing from steps after 'say_hours'"],
        ),
    ],
)
def test_what_is_not_as_the_case_says(case: str, said: list[str], tmp_path: Path) -> None:
    found = [
        message for message in messages(only(tmp_path, APPOINTMENT, case)) if not message.startswith("result is 'unknown'")
    ]
    assert len(found) == len(said), found
    assert all(message.startswith(start) for message, start in zip(found, said, strict=True)), found


def test_what_must_not_happen_is_marked_where_it_happens(tmp_path: Path) -> None:
    case = "call: [answers, says: 'no'], expect: {result: not_interested}, must_not: {hear: cancelled, visit: classify}"
    marked = [line.split("!")[1].split() for line in only(tmp_path, APPOINTMENT, case).story().splitlines() if "!" in line]
    assert marked == [["comes", "to", "classify", "classify"], ["hears", "cancelled", "say_cancelled"]]


@pytest.mark.parametrize(
    ("does", "result"),
    [
        ("is busy", "busy"),
        ("declines", "banned"),
        ("does not answer", "missed"),
        ("is switched off", "power_off"),
        ("cannot be reached", "failed:refused"),
    ],
)
def test_who_cannot_be_talked_to(does: str, result: str, tmp_path: Path) -> None:
    ran = only(tmp_path, APPOINTMENT, f"call: [{does}], expect: {{result: '{result}'}}")
    assert ran.passed, ran.story()


@pytest.mark.parametrize(
    ("acts", "transfer"),
    [
        ("operator answers, operator hears: whisper, operator presses: 1, is connected, operator hangs up", "completed"),
        ("operator answers, waits: 1, operator presses: 2", "declined"),
        ("operator answers", "no_answer"),
        ("is connected, hangs up", "completed"),
        ("operator is busy, operator declines", "declined"),
    ],
)
def test_an_operator_who_is_asked_first(acts: str, transfer: str, tmp_path: Path) -> None:
    scenario = tmp_path / "asked.yaml"
    scenario.write_text(ASKED, encoding="utf-8")
    ran = only(tmp_path, scenario, f"call: [calls, {acts}], expect: {{result: inbound_call, transfer: {transfer}}}")
    assert ran.passed, ran.story()


ASKED = """
scenario:
  name: asked
  prompts: {whisper: "sound:whisper"}
  flow: [{step: start, type: entry, next: end}, {step: end, type: hangup}]
  inbound_flow:
    - {step: start, type: entry, next: connect}
    - step: connect
      type: transfer_to_operator
      agent_type: inbound
      accept_key: 1
      whisper: whisper
      on_success: talk
      on_failure: end
    - {step: talk, type: wait}
    - {step: end, type: hangup}
"""


def test_operators_who_are_all_busy(tmp_path: Path) -> None:
    scenario = tmp_path / "asked.yaml"
    scenario.write_text(ASKED, encoding="utf-8")
    call = "[calls, comes to: connect, operators are busy, operator answers]"
    ran = only(tmp_path, scenario, f"call: {call}, expect: {{result: inbound_call, transfer: busy}}")
    assert messages(ran) == ["`operator answers` did not come about"]
    call = "[calls, comes to: connect, operators are busy, comes to: end]"
    ran = only(tmp_path, scenario, f"call: {call}, expect: {{result: inbound_call, transfer: busy}}")
    assert ran.passed, ran.story()


HOURS = """
scenario:
  name: hours
  flow:
    - {step: start, type: entry, next: open}
    - step: open
      type: branch
      cases: [{when: [{time: {from: "09:00", to: "17:00"}}], next: day}]
      otherwise: night
    - {step: day, type: set_result, result: unknown, next: end}
    - {step: night, type: set_result, result: missed, next: end}
    - {step: end, type: hangup}
"""


@pytest.mark.parametrize(
    ("at", "result"),
    [
        ("", "unknown"),
        ("at: 2026-11-21 18:00, ", "missed"),
        ("at: 2026-11-21 16:59, ", "unknown"),
        ("at: 2026-11-21 06:00, zone: Asia/Tehran, ", "missed"),
    ],
)
def test_the_time_of_day_is_that_of_the_case(at: str, result: str, tmp_path: Path) -> None:
    scenario = tmp_path / "hours.yaml"
    scenario.write_text(HOURS, encoding="utf-8")
    ran = only(tmp_path, scenario, f"{at}call: [answers], expect: {{result: {result}}}")
    assert ran.passed, ran.story()


def test_what_is_spoken_is_told_by_its_words(tmp_path: Path) -> None:
    scenario = tmp_path / "asked.yaml"
    scenario.write_text(ASKED.replace("whisper: whisper\n", "whisper_text: Press 1.\n"), encoding="utf-8")
    case = (
        "call: [calls, operator answers, waits: 2, operator presses: 1, is connected, hangs up], "
        "expect: {result: inbound_call, told: [Press], sms: [Hello], opted_out: true, called_back: false}"
    )
    ran = only(tmp_path, scenario, case)
    assert messages(ran) == [
        "opted_out is 'false', not 'true'",
        "'Press' is missing from told",
        "'Hello' is missing from sms",
    ], "operators hear the whisper, not the caller"
    assert 'operator 1 is told "Press 1."' in ran.story()


def test_a_call_that_nobody_ends_is_told(tmp_path: Path) -> None:
    scenario = tmp_path / "waits.yaml"
    scenario.write_text(
        "scenario: {name: waits, flow: [{step: start, type: entry, next: talk}, {step: talk, type: wait}]}", encoding="utf-8"
    )
    ran = only(tmp_path, scenario, "call: [answers], expect: {result: hangup}")
    assert "nobody ended the call: it lasted as long, or took as many steps, as a call may" in messages(ran)


def test_a_misunderstanding(tmp_path: Path) -> None:
    case = "call: [answers, says: 'no', stt hears: 'yes', hears: confirmed], expect: {result: disconnected, transcript: 'yes'}"
    ran = only(tmp_path, APPOINTMENT, case)
    assert ran.passed, ran.story()


def test_one_recording_under_two_names(tmp_path: Path) -> None:
    scenario = tmp_path / "twice.yaml"
    steps = (
        "{step: start, type: entry, next: say}, {step: say, type: play_prompt, prompt: b, next: end}, {step: end, type: hangup}"
    )
    prompts = "{a: 'sound:same', b: 'sound:same'}"
    scenario.write_text(f"scenario: {{name: twice, prompts: {prompts}, flow: [{steps}]}}", encoding="utf-8")
    ran = only(tmp_path, scenario, "call: [answers, hears: b], expect: {result: unknown, hears: [b]}, must_not: {hear: a}")
    assert messages(ran) == ["hear 'a' must not happen, and did"]


def test_a_broken_file_or_scenario_is_told_by_its_findings(tmp_path: Path) -> None:
    test = tmp_path / "one.test.yaml"
    test.write_text("scenario: one.yaml\ncases: [{name: a, call: [answers], expect: {result: x}}]", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        open_suite(test)
    (tmp_path / "one.yaml").write_text("scenario: {name: one}", encoding="utf-8")
    found = open_suite(test)
    assert isinstance(found, tuple)
    assert [(finding.path, finding.code) for finding in found] == [(str(tmp_path / "one.yaml"), "F014")]
