"""What people see while calls run, and after them."""

from datetime import UTC, datetime
from io import StringIO

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
    Report,
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


def figures(*, seed: int | None, dispositions: dict[str, int]) -> Report:
    return Report(seed, 1, 1, dispositions, Leaked(), (), {"0219": 1}, 1.0, 1.0)


def test_a_result_in_brackets_is_summed_up() -> None:
    out = StringIO()
    summary.show(figures(seed=1, dispositions={"[won]": 1, MARKUP: 1}), Console(file=out, width=120))
    assert "[won]" in out.getvalue() and MARKUP in out.getvalue()
