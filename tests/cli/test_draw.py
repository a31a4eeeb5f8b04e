"""`callengine draw`, as a shell sees it."""

import json
from pathlib import Path

import pytest

from callengine.cli import execute

DATA = Path(__file__).parents[1] / "fsm" / "data"
CLEAN = str(DATA / "new_scenario.yaml")
BROKEN = str(DATA / "structure.yaml")

Captured = pytest.CaptureFixture[str]


def test_a_flow_as_mermaid(capsys: Captured) -> None:
    assert execute(["draw", CLEAN]) == 0
    outbound = capsys.readouterr().out
    assert execute(["draw", CLEAN, "--format", "mermaid", "--flow", "inbound_flow"]) == 0
    inbound = capsys.readouterr().out
    assert "flowchart TD" in outbound
    assert "record_response" in outbound
    assert "transfer_to_operator: inbound" in inbound


def test_a_flow_as_text_for_graphviz(capsys: Captured) -> None:
    assert execute(["draw", CLEAN, "--format", "dot"]) == 0
    assert capsys.readouterr().out.startswith("digraph flow {")


def test_a_drawing_in_a_file(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "flow.mmd"
    assert execute(["draw", CLEAN, "--output", str(path)]) == 0
    assert "flowchart TD" in path.read_text(encoding="utf-8")
    assert execute(["draw", CLEAN, "--output", str(tmp_path)]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == f"callengine: cannot write {tmp_path}: Is a directory\n"


@pytest.fixture
def graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH; the test puts its own `dot` there, or none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "dot"


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_a_picture_is_what_graphviz_makes_of_it(graphviz: Path, capsys: Captured) -> None:
    program(graphviz, 'echo "<svg>$*"; while read -r line; do echo "$line"; done')
    assert execute(["draw", CLEAN, "--format", "svg"]) == 0
    assert capsys.readouterr().out.startswith("<svg>-Tsvg\ndigraph flow {")


def test_graphviz_is_missing(graphviz: Path, capsys: Captured) -> None:
    assert execute(["draw", CLEAN, "--format", "svg"]) == 2
    said = capsys.readouterr().err
    assert said == "callengine: there is no `dot` to make an SVG: install the package graphviz, or use --format mermaid\n"


def test_graphviz_fails(graphviz: Path, capsys: Captured) -> None:
    program(graphviz, "echo a warning >&2; echo 'syntax error' >&2; exit 3")
    assert execute(["draw", CLEAN, "--format", "svg"]) == 2
    assert capsys.readouterr().err == "callengine: Graphviz failed: syntax error; use --format mermaid\n"


def test_graphviz_takes_too_long(graphviz: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    program(graphviz, "while :; do :; done")
    monkeypatch.setattr("callengine.cli.graphviz.PATIENCE", 0.1)
    assert execute(["draw", CLEAN, "--format", "svg"]) == 2
    assert "the flow is too large" in capsys.readouterr().err


def report(folder: Path, counts: object) -> str:
    path = folder / "report.json"
    path.write_text(json.dumps({"attempts": 3, "counts": counts}), encoding="utf-8")
    return str(path)


def test_a_drawing_with_the_counts_of_a_report(tmp_path: Path, capsys: Captured) -> None:
    counts = {"steps": {"start": 1200, "play_hello": 1199}, "outcomes": {"start": {"next": 1199}}}
    counted = report(tmp_path, {"my_scenario": {"flow": counts}})
    assert execute(["draw", CLEAN, "--counts", counted]) == 0
    written = capsys.readouterr()
    assert 's0(["start<br/>entry<br/>1,200×"])' in written.out
    assert 's0 -->|"#91;1,199#93;"| s1' in written.out
    assert "class s2,s3" in written.out
    assert written.err == ""
    assert execute(["draw", CLEAN, "--counts", counted, "--format", "dot"]) == 0
    assert "1,199×" in capsys.readouterr().out


def test_counts_of_a_file_that_has_changed_since(tmp_path: Path, capsys: Captured) -> None:
    counts = {"steps": {"start": 2, "ask": 2}, "outcomes": {"start": {"next": 2, "later": 1}, "ask": {"next": 1}}}
    counted = report(tmp_path, {"my_scenario": {"flow": counts}})
    assert execute(["draw", CLEAN, "--counts", counted]) == 0
    assert capsys.readouterr().err == (
        f"callengine: {counted} counts what this flow does not have, as it has changed since:"
        " step ask, outcome later of step start, outcome next of step ask\n"
    )


def test_a_report_without_counts_for_this_flow(tmp_path: Path, capsys: Captured) -> None:
    other = report(tmp_path, {"survey": {"flow": {"steps": {"start": 1}, "outcomes": {}}}})
    assert execute(["draw", CLEAN, "--counts", other]) == 2
    told = f"callengine: {other} has no counts of scenario my_scenario, flow; it has those of: survey, flow\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"counts": {"x": {"flow": {"steps": {"a": "b"}, "outcomes": {}}}}}', "\udcff"]
)
def test_a_file_that_is_no_report(text: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert execute(["draw", CLEAN, "--counts", str(path)]) == 2
    written = capsys.readouterr()
    assert written.err.startswith(f"callengine: {path} is no report with counts: ")
    assert "--report" in written.err
    assert written.out == ""
    assert execute(["draw", CLEAN, "--counts", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"callengine: cannot read {tmp_path}: Is a directory\n"


def test_a_file_with_errors_is_not_drawn(capsys: Captured) -> None:
    assert execute(["draw", BROKEN]) == 1
    written = capsys.readouterr()
    assert written.out == ""
    assert f"{BROKEN}:53:17: F101 error" in written.err


@pytest.mark.parametrize("arguments", [["no/such.yaml"], [str(DATA)], [CLEAN, "--flow", "other"], []])
def test_wrong_usage_and_unreadable_paths(arguments: list[str], capsys: Captured) -> None:
    assert execute(["draw", *arguments]) == 2
    assert capsys.readouterr().err


def test_a_flow_that_the_file_lacks(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("scenario: {name: x, flow: [{step: a, type: entry, next: b}, {step: b, type: hangup}]}")
    assert execute(["draw", str(path), "--flow", "inbound_flow"]) == 2
    assert capsys.readouterr().err == f"callengine: {path} has no inbound_flow\n"
