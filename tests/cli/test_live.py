"""What people see while calls run, and after them."""

from datetime import UTC, datetime
from io import StringIO

import attrs
import pytest
import trio
from rich.console import Console
from trio.testing import MockClock

from callengine.cli import summary
from callengine.cli.live import REFRESH, LiveView
from callengine.model import (
    Attempt,
    AttemptId,
    CallId,
    ChartId,
    Contact,
    ContactId,
    Digits,
    Leaked,
    LineId,
    Moment,
    MomentKind,
    Received,
    Report,
    TransferOutcome,
)

MARKUP = "a[/b]"
"""Rich would take the bracket for the end of a style that nobody began."""

ATTEMPT = Attempt(
    AttemptId("1"),
    Contact(ContactId("1"), Digits("09121110001"), phone_number="09121110001"),
    CallId("1"),
    LineId("0219"),
    MARKUP,
    ChartId("1"),
    datetime(2025, 1, 1, tzinfo=UTC),
)


async def test_names_of_files_are_shown_as_they_are(autojump_clock: MockClock) -> None:
    """A name that looks like markup neither ends the engine's nursery nor is swallowed."""
    out = StringIO()
    view = LiveView(Console(file=out, force_terminal=True, width=120), "Calls")
    async with view.shown():
        view.begin(ATTEMPT)
        view.note(Moment(ATTEMPT.call, 0.0, MomentKind.STEP, "step[/x]"))
        await trio.sleep(2 * REFRESH)
        view.note(Moment(ATTEMPT.call, 0.0, MomentKind.RESULT, "[won]"))
        await trio.sleep(2 * REFRESH)
    shown = out.getvalue()
    assert all(name in shown for name in (MARKUP, "step[/x]", "[won]"))


async def test_the_operator_of_a_call_is_shown(autojump_clock: MockClock) -> None:
    out = StringIO()
    view = LiveView(Console(file=out, force_terminal=True, width=160), "Calls")
    async with view.shown():
        view.begin(ATTEMPT)
        view.note(Moment(ATTEMPT.call, 0.0, MomentKind.STATE, "up"))
        for state in ("dialling", "ringing", "down"):
            view.note(Moment(ATTEMPT.call, 0.0, MomentKind.OPERATOR, state, "adviser-1"))
            await trio.sleep(2 * REFRESH)
            assert f"adviser-1 {state}" in out.getvalue()
        view.note(Moment(ATTEMPT.call, 0.0, MomentKind.TRANSFER, "adviser-1", TransferOutcome.DECLINED.value))
        await trio.sleep(2 * REFRESH)
    rows = [row for row in out.getvalue().splitlines() if "adviser-1 declined" in row]
    assert " up " in rows[-1], "the customer's own leg is still there"


@pytest.mark.parametrize(
    ("caller", "line", "shown"),
    [("09130000001", LineId("0219"), ("09130000001", "0219")), ("", None, ("withheld", "02155"))],
)
async def test_calls_that_come_in_are_marked(
    autojump_clock: MockClock, caller: str, line: LineId | None, shown: tuple[str, ...]
) -> None:
    out = StringIO()
    view = LiveView(Console(file=out, force_terminal=True, width=160), "Calls")
    now = datetime(2025, 1, 1, tzinfo=UTC)
    async with view.shown():
        view.begin(ATTEMPT)
        view.receive(Received(CallId("2"), caller, line or "02155", line, "course", ChartId("1"), now))
        await trio.sleep(2 * REFRESH)
        view.note(Moment(CallId("2"), 0.0, MomentKind.RESULT, "inbound_call"))
        await trio.sleep(2 * REFRESH)
    drawn = out.getvalue()
    marked = [row for row in drawn.splitlines() if "calls us" in row]
    assert marked and all(word in row for row in marked for word in shown)
    assert "inbound_call 1" in drawn


def figures(
    *,
    dispositions: dict[str, int],
    inbound: dict[str, int] | None = None,
    transfers: dict[str, int] | None = None,
) -> Report:
    return Report(1, 1, 1, dispositions, inbound or {}, transfers or {}, Leaked(), (), {"0219": 1}, 1.0, 1.0)


def summed_up(report: Report) -> list[tuple[str, str]]:
    """The rows of the summary: name and figure."""
    out = StringIO()
    summary.show(report, Console(file=out, width=120))
    rows = [row.split("│") for row in out.getvalue().splitlines() if "│" in row]
    return [(name.strip(), value.strip()) for _, name, value, _ in rows]


def test_a_result_in_brackets_is_summed_up() -> None:
    rows = summed_up(figures(dispositions={"[won]": 1, MARKUP: 1}))
    assert {("[won]", "1"), (MARKUP, "1")} <= set(rows)


def test_calls_that_came_in_and_transfers_are_summed_up() -> None:
    rows = summed_up(figures(dispositions={"busy": 1}, inbound={"inbound_call": 2, "hangup": 3}, transfers={"completed": 4}))
    assert rows[3:8] == [
        ("calls that came in", "5"),
        ("hangup", "3"),
        ("inbound_call", "2"),
        ("transfers to operators", "4"),
        ("completed", "4"),
    ]


def test_what_there_was_none_of_is_not_summed_up() -> None:
    names = {name for name, _ in summed_up(figures(dispositions={"busy": 1}))}
    assert not names & {"calls that came in", "transfers to operators", "callbacks asked for", "numbers never to dial again"}


def test_what_customers_asked_for_is_summed_up() -> None:
    rows = summed_up(attrs.evolve(figures(dispositions={"busy": 1}), callbacks=1234, opt_outs=2))
    assert {("callbacks asked for", "1,234"), ("numbers never to dial again", "2")} <= set(rows)
