"""`callengine simulate` as a flow author uses it."""

import json
from pathlib import Path

import pytest

from callengine.cli import execute

ROOT = Path(__file__).parents[2]
FLOW = str(ROOT / "flows" / "appointment.yaml")


def test_a_campaign_is_judged_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    assert execute(["simulate", FLOW, "--calls", "25", "--seed", "4", "--report", str(report)]) == 0
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert figures["seed"] == 4
    assert figures["attempts"] == sum(figures["dispositions"].values()) == 25
    assert figures["leaked"] == {"channels": 0, "bridges": 0, "recordings": 0, "tasks": 0, "slots": 0}
    assert figures["violations"] == []
    assert figures["virtual_seconds"] > figures["wall_seconds"] > 0
    assert max(figures["max_concurrent"].values()) <= 3
    assert "attempts" in capsys.readouterr().out
    counted = figures["counts"]["appointment"]["flow"]
    assert counted["steps"]["start"] == counted["outcomes"]["start"]["next"] == figures["answered"]
    assert 0 < counted["outcomes"]["listen"]["next"] < counted["steps"]["listen"], "somebody hung up, or said nothing"
    served = figures["counts"]["appointment"]["inbound_flow"]["steps"]["start"]
    assert 0 < served <= sum(figures["inbound"].values()), "some give up, and some dial a number that no flow serves"


def test_the_counts_of_a_campaign_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    assert execute(["simulate", FLOW, "--calls", "25", "--seed", "4", "--report", str(report)]) == 0
    figures = json.loads(report.read_text(encoding="utf-8"))
    capsys.readouterr()
    assert execute(["draw", FLOW, "--counts", str(report)]) == 0
    drawn = capsys.readouterr().out
    assert f'(["start<br/>entry<br/>{figures["answered"]}×"])' in drawn
    assert f"#91;{figures['answered']}#93;" in drawn


def test_the_same_seed_gives_the_same_trace(capsys: pytest.CaptureFixture[str]) -> None:
    def trace(seed: int) -> str:
        assert execute(["simulate", FLOW, "--calls", "10", "--seed", str(seed)]) == 0
        return capsys.readouterr().out.splitlines()[-1]

    assert trace(1) == trace(1) != trace(2)


def test_a_fresh_seed_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["simulate", FLOW, "--calls", "2"]) == 0
    assert "seed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.yaml"], "nowhere.yaml"),
        ([FLOW, "--calls", "0"], "--calls"),
        ([FLOW, "--seed", "x"], "--seed"),
        ([FLOW, "--calls", "1", "--report", "/nowhere/report.json"], "--report"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["simulate", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "SCENARIOS_DIR" not in said


def test_a_file_with_errors_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("scenario: {name: broken, flow: [{step: a, type: entry, next: nowhere}]}", encoding="utf-8")
    assert execute(["simulate", str(path)]) == 2
    told = capsys.readouterr().err
    assert f"{path}:1:" in told and "nowhere" in told, "the findings are told as lint tells them"
    assert "lint" in told
    assert "SCENARIOS_DIR" not in told, "a setting that nobody used"
