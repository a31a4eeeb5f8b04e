"""`callengine test` as a flow author uses it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from callengine.cli import execute

ROOT = Path(__file__).parents[2]

Captured = pytest.CaptureFixture[str]

CASES = """
scenario: appointment.yaml
cases:
  - name: says no
    call: [answers, hears: reminder, says: "no", hears: cancelled]
    expect: {result: not_interested}
  - name: is busy
    call: [is busy]
    expect: {result: busy}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "appointment.yaml").write_bytes((ROOT / "flows" / "appointment.yaml").read_bytes())
    (tmp_path / "appointment.test.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path


def fail(folder: Path) -> None:
    test = folder / "appointment.test.yaml"
    test.write_text(CASES.replace("not_interested", "unknown"), encoding="utf-8")


@pytest.mark.parametrize("path", ["", "appointment.yaml", "appointment.test.yaml"], ids=["folder", "scenario", "test"])
def test_cases_that_pass(path: str, folder: Path, capsys: Captured) -> None:
    assert execute(["test", str(folder / path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"passed  {folder}/appointment.test.yaml:4: says no",
        f"passed  {folder}/appointment.test.yaml:7: is busy",
        "2 cases: 2 passed, 0 failed.",
    ]


def test_a_case_that_fails_shows_its_transcript(folder: Path, capsys: Captured) -> None:
    fail(folder)
    assert execute(["test", str(folder)]) == 1
    out = capsys.readouterr().out
    assert f"FAILED  {folder}/appointment.test.yaml:4: says no" in out
    assert f"    {folder}/appointment.test.yaml:6: result is 'not_interested', not 'unknown'\n" in out
    assert out.splitlines()[-1] == "2 cases: 1 passed, 1 failed."


def test_results_for_a_ci_server(folder: Path) -> None:
    fail(folder)
    report = folder / "report.xml"
    assert execute(["test", str(folder), "--junit", str(report)]) == 1
    [suite] = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failed, passed = suite
    assert (failed.get("name"), failed.get("line"), passed.get("name")) == ("says no", "4", "is busy")
    assert failed[0].get("message") == "result is 'not_interested', not 'unknown'"
    assert "hears cancelled" in (failed[0].text or "")
    assert list(passed) == []


def test_coverage_lists_what_no_case_came_to(folder: Path, capsys: Captured) -> None:
    picture = folder / "flows.md"
    assert execute(["test", str(folder), "--coverage", "--coverage-picture", str(picture)]) == 0
    lines = capsys.readouterr().out.splitlines()
    path = str(folder / "appointment.yaml")
    assert [line.split() for line in lines if line.startswith(path)] == [
        [path, "flow", "8/14", "(57", "%)", "7/19", "(36", "%)"],
        [path, "inbound_flow", "0/4", "(0", "%)", "0/3", "(0", "%)"],
    ]
    assert "    step ask_again was not come to" in lines
    assert "    outcome on_empty of step listen was not taken" in lines
    drawn = picture.read_text(encoding="utf-8")
    assert drawn.count("```mermaid\n") == 2
    assert f"## {path}, flow: 8/14 (57 %) of the steps, 7/19 (36 %) of the outcomes\n" in drawn


def names(drawn: str) -> set[str]:
    return set(re.findall(r"^ *(f\ds\d+) ?[\[({]", drawn, re.MULTILINE))


def test_a_picture_is_drawn_in_the_language_that_its_name_asks_for(folder: Path) -> None:
    """All flows are in one picture, each in its frame."""
    mermaid, dot = folder / "flows.mmd", folder / "flows.dot"
    for picture in (mermaid, dot):
        assert execute(["test", str(folder), "--coverage-picture", str(picture)]) == 0
    frames, clusters = mermaid.read_text(encoding="utf-8"), dot.read_text(encoding="utf-8")
    assert frames.startswith('---\ntitle: "Coverage"\n---\nflowchart TD\n    subgraph f0["')
    assert "inbound_flow: 0/4 (0 #37;) of the steps" in frames
    assert clusters.count("subgraph cluster_") == 2
    assert "8/14 (57 %) of the steps, 7/19 (36 %) of the outcomes" in clusters
    assert names(frames) == names(clusters)
    assert len(names(frames)) == 14 + 4
    strokes = [int(number) for number in re.findall(r"linkStyle (\d+)", frames)]
    assert strokes == sorted(set(strokes)), "links are counted through the whole picture"


def test_a_picture_is_what_graphviz_makes_of_all_flows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    program, picture = folder / "dot", folder / "flows.svg"
    program.write_text('#!/bin/sh\necho "<svg>$*"; while read -r line; do echo "$line"; done\n', encoding="utf-8")
    program.chmod(0o755)
    assert execute(["test", str(folder), "--coverage-picture", str(picture)]) == 0
    drawn = picture.read_text(encoding="utf-8")
    assert drawn.startswith("<svg>-Tsvg\ndigraph flow {")
    assert drawn.count("subgraph cluster_") == 2


def test_a_picture_that_cannot_be_drawn(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert execute(["test", str(folder), "--coverage-picture", str(folder / "flows.svg")]) == 2
    said = capsys.readouterr().err
    assert "callengine: there is no `dot` to make an SVG: install the package graphviz, or let the file's name end" in said
    assert not (folder / "flows.svg").exists()
    assert execute(["test", str(folder), "--coverage-picture", str(folder / "flows.txt")]) == 2
    written = capsys.readouterr()
    assert "must end in .md, .mmd, .svg or .dot" in " ".join(written.err.replace("│", " ").split())
    assert "passed" not in written.out


def test_too_little_coverage_fails(folder: Path, capsys: Captured) -> None:
    assert execute(["test", str(folder), "--fail-under", "44"]) == 0
    assert execute(["test", str(folder), "--fail-under", "45"]) == 1
    assert "8/18 (44 %) of the steps are covered, fewer than 45 %" in capsys.readouterr().err


def test_exploring_needs_no_cases(folder: Path, capsys: Captured) -> None:
    (folder / "appointment.test.yaml").unlink()
    assert execute(["test", "--explore", str(folder)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{folder}/appointment.yaml flow: 5 paths, ")
    assert first.endswith("outcomes taken: 19/19 (100 %)")
    assert second.endswith("outcomes taken: 3/3 (100 %)")


def test_exploring_shows_what_is_wrong(tmp_path: Path, capsys: Captured) -> None:
    endless = tmp_path / "endless.yaml"
    endless.write_text(
        "scenario: {name: x, prompts: {a: 'sound:a'}, flow: [{step: start, type: entry, next: ask},"
        " {step: ask, type: play_prompt, prompt: a, next: ask}]}",
        encoding="utf-8",
    )
    assert execute(["test", "--explore", str(endless)]) == 1
    assert "no call of this flow comes to an end" in capsys.readouterr().out


def test_what_cannot_be_used(folder: Path, capsys: Captured) -> None:
    def said(*arguments: str) -> str:
        assert execute(["test", *arguments]) == 2
        return capsys.readouterr().err

    assert "cannot read" in said("no/such.test.yaml")
    assert "cannot read" in said("--explore", "no/such.yaml")
    (folder / "empty").mkdir()
    assert "no flow tests in" in said(str(folder / "empty"))
    assert "no scenario file in" in said("--explore", str(folder / "empty"))
    assert "cannot write" in said(str(folder), "--junit", str(folder))
    test = folder / "appointment.test.yaml"
    test.write_text(CASES.replace("hears: cancelled", "hears: cancelld"), encoding="utf-8")
    assert "appointment.test.yaml:5:50: T101 error: case 'says no' knows the prompt 'cancelld'" in said(str(folder))
    (folder / "appointment.yaml").write_text("scenario: {name: x}", encoding="utf-8")
    assert "appointment.yaml:1:11: F014" in said("--explore", str(folder))
    assert "appointment.yaml:1:11: F014" in said(str(folder))
