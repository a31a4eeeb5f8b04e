"""docs/flow-tests.md tells the truth: its example passes, its tables are complete, its codes are earned."""

import re
from pathlib import Path

import pytest

from callengine.fsm import load
from callengine.fsm.acts import TAKES, Does, Takes
from callengine.fsm.case_rules import CASE_CODES, check_cases
from callengine.fsm.cases import load_cases
from callengine.fsm.findings import Code
from callengine.testing.cases import Suite, open_suite, run_case

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "flow-tests.md").read_text(encoding="utf-8")
APPOINTMENT = (ROOT / "flows" / "appointment.yaml").read_bytes()
ENTRY = re.compile(r"\*\*(T\d{3})\*\* (.*?)\n```yaml bad\n(.*?)```\n```yaml good\n(.*?)```", re.DOTALL)
EXAMPLES = {match[1]: match for match in ENTRY.finditer(PAGE)}


def codes_of(example: str) -> set[str]:
    scenario = APPOINTMENT
    if example.startswith("scenario: without_inbound.yaml"):
        scenario = scenario.partition(b"  inbound_flow:")[0]
    else:
        example = f"scenario: appointment.yaml\n{example}"
    file, tested = load_cases(example.encode(), "x.test.yaml").file, load(scenario, "x.yaml").scenario
    assert file is not None
    assert tested is not None
    return {finding.code for finding in check_cases(file, tested)}


def suite_of(text: str, folder: Path) -> Suite:
    (folder / "appointment.yaml").write_bytes(APPOINTMENT)
    (folder / "appointment.test.yaml").write_text(text, encoding="utf-8")
    suite = open_suite(folder / "appointment.test.yaml")
    assert isinstance(suite, Suite), suite
    return suite


def test_the_example_passes(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(scenario:.*?)```", PAGE, re.DOTALL)
    suite = suite_of(example, tmp_path)
    for number in range(len(suite.file.cases)):
        ran = run_case(suite, number)
        assert ran.passed, ran.story()


def test_the_failure_looks_as_it_is_shown(tmp_path: Path) -> None:
    suite = suite_of(
        (ROOT / "flows" / "appointment.test.yaml").read_text(encoding="utf-8").replace('"yes"', '"no"', 1), tmp_path
    )
    story = run_case(suite, 0).story().replace(str(tmp_path), "flows")
    [shown] = re.findall(r"```text\nFAILED.*?\n(.*?)```", PAGE, re.DOTALL)
    assert shown == "".join(f"    {line}\n" for line in story.splitlines())


def test_the_table_of_acts_is_complete() -> None:
    listed = re.findall(r"^\| `([a-z ]+)(?:: ([^`]+))?` \| (?:caller|operator|provider) \|", PAGE, re.MULTILINE)
    values = {
        Takes.NOTHING: "",
        Takes.PROMPT: "PROMPT",
        Takes.WORDS: '"WORDS"',
        Takes.KEYS: "KEYS",
        Takes.SECONDS: "SECONDS",
        Takes.STEP: "STEP",
        Takes.JSON: "JSON",
    }
    assert listed == [(does.value, values[TAKES[does]]) for does in Does]


@pytest.mark.parametrize("code", CASE_CODES, ids=lambda code: code.id)
def test_every_code_has_a_bad_example_that_earns_it_alone_and_a_good_one(code: Code) -> None:
    match = EXAMPLES[code.id]
    assert match[2] == f"{code.title} ({code.severity.value})"
    assert codes_of(match[3]) == {code.id}
    assert codes_of(match[4]) == set()


def test_no_code_is_documented_that_does_not_exist() -> None:
    assert list(EXAMPLES) == [code.id for code in CASE_CODES]
