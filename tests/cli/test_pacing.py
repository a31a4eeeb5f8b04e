"""`callengine pacing simulate` as a supervisor uses it."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from callengine.cli import execute
from callengine.cli.plot import bars

SHORT = ["pacing", "simulate", "--operators", "5", "--hours", "0.5", "--runs", "2", "--seed", "7"]


def test_a_simulation_is_told_drawn_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plot, report = tmp_path / "plot.svg", tmp_path / "report.json"
    assert execute([*SHORT, "--plot", str(plot), "--report", str(report)]) == 0
    said = capsys.readouterr().out
    assert "occupancy" in said and "seed 7" in said
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert [run["seed"] for run in figures["runs"]] == [7, 8]
    assert all(0 < run["answers"] < run["dials"] for run in figures["runs"])
    drawn = ElementTree.parse(plot).getroot()
    assert len(drawn.findall("{*}polyline")) == 3
    texts = {element.text for element in drawn.findall("{*}text")}
    assert {"hours", "occupancy", "abandoned / answers so far", "3 % abandoned (right)"} <= texts


@pytest.mark.parametrize("mode", ["agentless", "progressive", "power"])
def test_every_mode_is_simulated(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([*SHORT, "--mode", mode]) == 0
    assert mode in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--operators", "0"], "--operators"),
        (["--hours", "nan"], "--hours"),
        (["--answer-rate", "1.5"], "--answer-rate"),
        (["--later-answer-rate", "-1"], "--later-answer-rate"),
        (["--mode", "preview"], "--mode"),
        (["--target", "0"], "--target"),
        (["--dial-level", "inf"], "--dial-level"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["pacing", "simulate", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told_before_anything_is_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([*SHORT, "--plot", "/nowhere/plot.svg"]) == 2
    said = capsys.readouterr()
    assert "/nowhere/plot.svg" in said.err
    assert said.out == ""


def test_an_unknown_command_of_the_group_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["pacing", "guess"]) == 2
    assert "guess" in capsys.readouterr().err


def test_bars_are_as_high_as_their_values() -> None:
    assert bars([0.0, 0.25, 0.5, 1.0], 1.0, rows=2) == ["   █", " ▄██"]
    assert bars([], 1.0, rows=1) == [""]
