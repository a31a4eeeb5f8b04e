"""Flow tests and exploring, with a flow that has a step of every kind that asks, sends, writes down or waits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from callengine.fsm import load
from callengine.testing.cases import Suite, open_suite, run_case
from callengine.testing.explore import Explorer, Tried
from callengine.testing.paths import plan_of

EVERYTHING = """scenario:
  name: everything
  prompts: {a: "sound:a", onhold: "sound:h"}
  contact_fields: {city: text, debt: number, other: text}
  flow:
    - {step: start, type: entry, next: detect}
    - {step: detect, type: detect_machine, human: hello, machine: leave, not_sure: hello}
    - {step: leave, type: leave_message, text: "Call us, {city}", next: end, on_failure: end}
    - {step: hello, type: say, text: "Hello {city}", next: ask, on_failure: ask}
    - step: ask
      type: menu
      text: "Choose one"
      variable: chosen
      options: [{key: 1, words: [one], next: which}, {words: [two], next: which}, {key: 3, next: number}]
      on_no_input: which
      on_no_match: which
      on_failure: which
    - step: which
      type: branch
      cases: [{when: [{name: chosen, equals: "1"}, {name: city, equals: Tehran}], next: number}]
      otherwise: ask_service
    - step: number
      type: menu
      prompt: a
      barge_in: false
      options: [{key: 5, next: digits}, {key: 6, next: ask_service}]
      on_no_input: digits
      on_no_match: digits
    - step: digits
      type: collect_digits
      prompt: a
      barge_in: false
      variable: hours
      min_digits: 2
      max_digits: 4
      next: call_back
      on_no_input: ask_service
      on_invalid: ask_service
    - {step: call_back, type: schedule_callback, in_hours: hours, next: ask_service, on_failure: ask_service}
    - step: ask_service
      type: request
      url: "https://example.com/x?c={city}"
      save: {balance: {path: customer.0.balance, type: number}, kind: {path: kind}}
      next: judge
      on_failure: sms
    - step: judge
      type: branch
      cases:
        - {when: [{name: balance, at_least: 100}], next: opt}
        - {when: [{name: kind, contains: go}], next: opt}
      otherwise: sms
    - {step: sms, type: send_sms, text: "Hi {city}", to: "{other}", next: opt, on_failure: opt}
    - {step: opt, type: opt_out, next: line, on_failure: line}
    - step: line
      type: queue
      agent_type: outbound
      timeout: 30
      position_text: "You are number {position}"
      every: 5
      leave_key: "9"
      on_leave: last
      on_success: last
      on_failure: last
      on_timeout: last
    - {step: last, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end}
    - {step: talk, type: wait}
    - {step: end, type: hangup}
"""

CASES = """scenario: everything.yaml
cases:
  - name: everything works
    contact: {city: Tehran, other: "09121111111"}
    call:
      - answers
      - greets: 0.5
      - is told: Tehran
      - is told: Choose
      - presses: 1
      - hears: a
      - waits: 6
      - presses: 5
      - comes to: digits
      - waits: 6
      - presses: "24#"
      - request answers: '{"customer": [{"balance": 5}], "kind": "stay"}'
      - comes to: line
      - operator answers
      - is connected
      - operator answers
      - is connected
      - comes to: talk
      - hangs up
    expect:
      result: hangup
      told: [Hello, one]
      sms: [Hi Tehran]
      opted_out: true
      called_back: true
    must_not: {be_told: Shiraz, sms: Shiraz}
  - name: everything fails
    contact: {city: Shiraz, other: "09121111111"}
    call:
      - answers
      - comes to: hello
      - tts fails
      - is told: Choose
      - says: two
      - request fails
      - sms fails
      - book fails
      - is told: number 1
      - presses: "9"
      - comes to: last
      - operators are busy
      - comes to: end
    expect: {result: unknown, opted_out: false, called_back: false, transfer: busy}
    must_not: {be_told: Hello, sms: Hi}
  - name: a machine answers
    call: [answers, greets: 4, is told: Call us]
    expect: {result: unknown, steps: [detect, leave]}
"""


@pytest.fixture(autouse=True)
def _quiet(logs_as_they_were: None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def opened(folder: Path, cases: str) -> Suite:
    (folder / "everything.yaml").write_text(EVERYTHING, encoding="utf-8")
    (folder / "everything.test.yaml").write_text(cases, encoding="utf-8")
    suite = open_suite(folder / "everything.test.yaml")
    assert isinstance(suite, Suite), suite
    return suite


@pytest.mark.parametrize("number", range(3))
def test_what_is_spoken_sent_asked_and_written_down_is_told(number: int, tmp_path: Path) -> None:
    ran = run_case(opened(tmp_path, CASES), number)
    assert ran.passed, ran.story()


def test_what_differs_is_marked(tmp_path: Path) -> None:
    other = (
        CASES.replace("[Hi Tehran]", "[Hi Karaj]")
        .replace("be_told: Shiraz", "be_told: Tehran")
        .replace("sms: Shiraz", "sms: Hi")
    )
    story = run_case(opened(tmp_path, other), 0).story().splitlines()
    assert [line.split("!")[1].split("  ")[0].strip() for line in story if "!" in line] == [
        'is told "Hello Tehran"',
        'is sent "Hi Tehran"',
    ]
    assert any('- is sent "Hi Karaj"' in line for line in story)


@pytest.mark.parametrize("by", ["talk", "voice"])
def test_every_outcome_is_driven_but_that_nobody_is_on_the_roster(by: str) -> None:
    text = EVERYTHING.replace("type: detect_machine,", f"type: detect_machine, by: {by},")
    scenario = load(text.encode(), "everything.yaml").scenario
    assert scenario is not None
    explorer = Explorer(scenario, "flow")
    assert not [tried.story() for tried in _explored(explorer) if tried.faults]
    assert explorer.plan == plan_of(explorer.coverage.chart), "the same again"
    assert explorer.plan.undriven == explorer.coverage.missed_outcomes == (("line", "on_failure"),)


AMD = """
scenario:
  name: amd
  flow:
    - {step: start, type: entry, next: who}
    - {step: who, type: detect_machine, by: amd, human: end, machine: end, not_sure: end}
    - {step: end, type: hangup}
"""


def test_no_caller_brings_about_what_amd_finds() -> None:
    scenario = load(AMD.encode(), "amd.yaml").scenario
    assert scenario is not None
    explorer = Explorer(scenario, "flow")
    assert not [tried.story() for tried in _explored(explorer) if tried.faults]
    assert explorer.plan.undriven == (("who", "human"), ("who", "machine"))


def _explored(explorer: Explorer) -> Iterator[Tried]:
    return (tried for path in explorer.plan.paths for tried in explorer.explore(path))
