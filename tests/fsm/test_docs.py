"""docs/flow-language.md and docs/lint.md tell the truth: their tables list what exists, their examples do what they say."""

import re
from pathlib import Path

import pytest
from attrs import NOTHING, fields

from callengine.fsm import STEP_TYPES, RouteByIntent, lint
from callengine.fsm.codes import CODES
from callengine.fsm.findings import Code

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "flow-language.md").read_text(encoding="utf-8")
CODES_PAGE = (DOCS / "lint.md").read_text(encoding="utf-8")
BASE = re.search(r"```yaml base\n(.*?)```", CODES_PAGE, re.DOTALL)
ENTRY = re.compile(r"\*\*(F\d{3})\*\* (.*?)\n```(\w+) bad\n(.*?)```\n```yaml good\n(.*?)```", re.DOTALL)
EXAMPLES = {match[1]: match for match in ENTRY.finditer(CODES_PAGE)}


def whole(fragment: str) -> bytes:
    """An example as a file: the base's keys fill in what it leaves out."""
    if fragment.startswith("scenario:"):
        return fragment.encode()
    assert BASE is not None
    parts = re.split(r"^(?=\w)", BASE[1], flags=re.MULTILINE)
    missing = [part for part in parts if part and not re.search(rf"^{part.split(':')[0]}:", fragment, re.MULTILINE)]
    lines = ("".join(missing) + fragment).splitlines()
    return ("scenario:\n" + "\n".join("  " + line for line in lines) + "\n").encode()


def bad_file(match: re.Match[str]) -> bytes:
    if match[3] == "python":
        made = eval(match[4])
        assert isinstance(made, bytes)
        return made
    return whole(match[4])


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.id)
def test_every_code_has_a_bad_example_that_earns_it_alone_and_a_good_one(code: Code) -> None:
    match = EXAMPLES[code.id]
    assert match[2].startswith(f"{code.title} ({code.severity.value})")
    assert {finding.code for finding in lint(bad_file(match), "bad.yaml")} == {code.id}
    assert lint(whole(match[5]), "good.yaml") == ()


def test_no_code_is_documented_that_does_not_exist() -> None:
    assert list(EXAMPLES) == [code.id for code in CODES]


@pytest.mark.parametrize("number", range(3))
def test_the_examples_that_are_whole_files_are_clean(number: int) -> None:
    found = re.findall(r"```yaml\n(scenario:.*?)```", PAGE, re.DOTALL)
    assert lint(found[number].encode(), "whole.yaml") == ()


def test_the_table_of_step_types_lists_every_key_and_outcome() -> None:
    table = PAGE.split("| type | keys | outcomes |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in table.splitlines()[2:]]
    listed = {
        name.strip("`"): (set(re.findall(r"`(\w+\??)`", keys)), set(re.findall(r"`(\w+)`", ways))) for name, keys, ways in rows
    }
    expected = {
        name: (
            {each.name if each.default is NOTHING else f"{each.name}?" for each in fields(step) if each.name != "id"},
            set() if step is RouteByIntent else set(step.outcomes),
        )
        for name, step in STEP_TYPES.items()
    }
    assert listed == expected


def test_the_table_of_default_results_is_complete() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \| `([\w:]+)` \|$", PAGE, re.MULTILINE))
    assert listed == {(name, way, result) for name, step in STEP_TYPES.items() for way, result in step.defaults.items()}
