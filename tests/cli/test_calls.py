"""`callengine calls`, `lines` and `operators`, on a store that an engine has written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trio

from callengine import cli
from callengine.fsm import Chart, compile_flow, load
from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    Book,
    CallId,
    CallResult,
    Cause,
    ChartId,
    Contact,
    ContactId,
    Digits,
    LineId,
    Moment,
    MomentKind,
    OperatorFigures,
    OperatorId,
    Result,
    StoredTimeline,
    SystemAmbient,
)
from callengine.store import open_store

FLOW = b"""scenario:
  name: short
  flow:
    - {step: start, type: entry, next: result}
    - {step: result, type: set_result, result: disconnected, next: end}
    - {step: end, type: hangup}
"""
AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
CALL = CallId("ca11-0001")


def chart() -> Chart:
    scenario = load(FLOW, "short.yaml").scenario
    assert scenario is not None
    return compile_flow(scenario, scenario.flow)


def moments(last: str = "end") -> tuple[Moment, ...]:
    told = [
        (MomentKind.STATE, "dialling", ""),
        (MomentKind.STATE, "up", ""),
        (MomentKind.STEP, "start", ""),
        (MomentKind.OUTCOME, "next", "start"),
        (MomentKind.STEP, "result", ""),
        (MomentKind.OUTCOME, "next", "result"),
        (MomentKind.STEP, last, "\x1b[31m"),
        (MomentKind.RESULT, "disconnected", ""),
    ]
    return tuple(Moment(CALL, 100.0 + at, kind, name, detail) for at, (kind, name, detail) in enumerate(told))


def stored(tmp_path: Path, timeline: tuple[Moment, ...], result: str = "disconnected") -> str:
    """The address of a store with one call."""
    url = f"sqlite:///{tmp_path / 'calls.db'}"
    contact = Contact(ContactId("c"), Digits("989121234567"), "0912 123 4567")
    attempt = Attempt(AttemptId("a77e-0001"), contact, CALL, LineId("02191302000"), "short", ChartId(chart().id), AT)
    outcome = CallResult(Result(result), Cause.FLOW_ENDED, answered=True, seconds=3.0, waited=1.5, talked=1.0)

    def write(book: Book) -> None:
        book.intend(attempt)
        settled = Attempt(
            attempt.id,
            contact,
            CALL,
            attempt.line,
            "short",
            attempt.chart,
            AT,
            state=AttemptState.SETTLED,
            outcome=outcome,
            placed_at=AT,
        )
        book.update(settled)
        book.timelines.keep(StoredTimeline(CALL, AT, timeline))
        book.timelines.keep_chart(attempt.chart, FLOW, "short.yaml", "flow")
        book.operators.count("2026-11-25", OperatorFigures(OperatorId("desk 200"), 2, 30.0, 10.0, 80.0))

    async def fill() -> None:
        async with open_store(url, SystemAmbient()) as store:
            await store.write(write)

    trio.run(fill)
    return url


def test_the_list_names_the_latest_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = stored(tmp_path, moments())
    assert cli.execute(["calls", "list", "--result", "disconnected", "--store", url]) == 0
    assert "ca11-0001\t989121234567\t02191302000\tshort\tdisconnected" in capsys.readouterr().out
    assert cli.execute(["calls", "list", "--result", "busy", "--store", url]) == 0
    assert not capsys.readouterr().out


@pytest.mark.parametrize("name", ["ca11-0001", "ca11", "a77e"])
def test_a_call_is_shown_by_the_beginning_of_its_id(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["calls", "show", name, "--store", stored(tmp_path, moments())]) == 0
    out = capsys.readouterr().out
    assert "waited     1.5 s" in out
    assert "   +1.000  state     up" in out
    assert "\x1b" not in out


def test_a_call_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["calls", "show", "zzz", "--store", stored(tmp_path, moments())]) == 1
    assert "zzz" in capsys.readouterr().err


def test_a_call_that_went_by_its_chart_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["calls", "replay", "ca11", "--store", stored(tmp_path, moments())]) == 0
    assert capsys.readouterr().out == "agrees: 3 steps\n"


def test_a_step_out_of_place_is_where_it_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["calls", "replay", "ca11", "--store", stored(tmp_path, moments(last="result"))]) == 1
    assert capsys.readouterr().out == "parts after 2 steps: the call came to result; the chart leads to end\n"


def test_another_result_than_the_chart_gives_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute(["calls", "replay", "ca11", "--store", stored(tmp_path, moments(), result="hangup")]) == 1
    assert "the result was hangup; by the chart it is disconnected" in capsys.readouterr().out


def test_operators_and_lines_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = stored(tmp_path, moments())
    assert cli.execute(["operators", "--since", "2026-11-25", "--store", url]) == 0
    assert "50%" in capsys.readouterr().out
    assert cli.execute(["lines", "--store", url]) == 0
