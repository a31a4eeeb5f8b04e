"""Findings as code hosts take them.

What is asked here was taken from the standard's own JSON schema, against which the output validates.
"""

import json
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
from attrs import evolve

from callengine.fsm import Finding, Severity, lint, sarif
from callengine.fsm.codes import CODES
from tests.fsm.files import data

BROKEN = lint(data("structure.yaml"), "flows/structure.yaml")


def objects(part: object) -> Iterator[dict[str, object]]:
    if isinstance(part, dict):
        yield part
    for below in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from objects(below)


def test_a_log_has_one_run_that_names_the_tool_and_every_rule() -> None:
    log = json.loads(sarif(BROKEN, "1.2.3"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("callengine", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == [code.id for code in CODES]
    assert all(code.title in rule["help"]["text"] for code, rule in zip(CODES, driver["rules"], strict=True))
    assert run["columnKind"] == "unicodeCodePoints"


def test_each_finding_is_a_result_at_its_place() -> None:
    run = json.loads(sarif(BROKEN, "1.2.3"))["runs"][0]
    assert len(run["results"]) == len(BROKEN) > 0
    for finding, result in zip(BROKEN, run["results"], strict=True):
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == finding.code
        assert result["message"]["text"] == finding.message
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"] == {"startLine": finding.line, "startColumn": finding.column}
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "flows/structure.yaml"}
        assert location["logicalLocations"][0]["fullyQualifiedName"] == f"{finding.flow}.{finding.step}"


@pytest.mark.parametrize(
    ("severity", "level"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.HINT, "note")]
)
def test_levels_are_the_standard_s(severity: Severity, level: str) -> None:
    (result,) = json.loads(sarif([evolve(BROKEN[0], severity=severity)], "1"))["runs"][0]["results"]
    assert result["level"] == level


@pytest.mark.parametrize("path", ["a b/نام.yaml", "/tmp/50%.yaml", "c:d.yaml", "#?.yaml"])
def test_a_path_becomes_a_uri(path: str) -> None:
    finding = Finding(path, 1, 1, "F001", Severity.ERROR, "x")
    (result,) = json.loads(sarif([finding], "1"))["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri
    parts = urlsplit(uri)
    assert unquote(parts.path) == path
    assert parts.scheme == ("file" if path.startswith("/") else "")


def test_nothing_found_is_said_by_an_empty_list() -> None:
    assert json.loads(sarif([], "1"))["runs"][0]["results"] == []


def test_every_message_has_a_text() -> None:
    messages = [each["message"] for each in objects(json.loads(sarif(BROKEN, "1"))) if "message" in each]
    assert all(isinstance(message, dict) and message["text"] for message in messages)
