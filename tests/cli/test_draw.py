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
