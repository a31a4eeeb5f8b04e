"""`callengine draw`, as a shell sees it."""

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
