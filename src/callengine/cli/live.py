"""The live view: one row a call, moving through its steps, with its operator; kept small, so that it fits a terminal."""

from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from attrs import define, field
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from callengine.model import Attempt, CallId, Moment, MomentKind, Received

REFRESH = 0.2
"""Seconds between two pictures."""

LINGER = 10
"""Finished calls that stay in the picture."""

_STYLES = {
    "connected_to_operator": "green",
    "inbound_call": "green",
    "not_interested": "yellow",
    "busy": "yellow",
    "missed": "yellow",
}


@define(eq=False)
class _Row:
    number: str
    line: str
    scenario: str
    state: str = "waiting"
    operator: str = ""
    step: str = ""
    result: str = ""
    steps: int = 0


@define(eq=False)
class LiveView:
    """A timeline that people watch."""

    console: Console
    title: str
    _rows: dict[CallId, _Row] = field(factory=dict, init=False)
    _finished: deque[_Row] = field(factory=lambda: deque(maxlen=LINGER), init=False)
    _results: Counter[str] = field(factory=Counter, init=False)

    def begin(self, attempt: Attempt) -> None:
        """A new row."""
        self._rows[attempt.call] = _Row(attempt.contact.number, attempt.line, attempt.scenario)

    def receive(self, received: Received) -> None:
        """A new row for somebody who calls us."""
        number, line = received.caller or "withheld", received.line or received.dialled
        self._rows[received.call] = _Row(f"{number} (calls us)", line, received.scenario)

    def note(self, moment: Moment) -> None:
        """Move a call along."""
        row = self._rows.get(moment.call)
        if row is None:
            return
        match moment.kind:
            case MomentKind.OPERATOR:
                row.operator = f"{moment.detail} {moment.name}"
            case MomentKind.STATE:
                row.state = moment.name
            case MomentKind.TRANSFER:
                row.operator = f"{moment.name} {moment.detail}"
            case MomentKind.STEP:
                row.step = moment.name
                row.steps += 1
            case MomentKind.RESULT:
                row.result = moment.name
                self._results[moment.name] += 1
                self._finished.append(self._rows.pop(moment.call))

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Draw for the time of the block."""
        with Live(self._picture(), console=self.console, auto_refresh=False, transient=True) as live:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._draw, live)
                yield
                nursery.cancel_scope.cancel()

    async def _draw(self, live: Live) -> None:
        while True:
            live.update(self._picture(), refresh=True)
            await trio.sleep(REFRESH)

    def _picture(self) -> Group:
        columns = ("customer", "line", "scenario", "leg", "operator", "step", "result")
        table = Table(*columns, title=self.title, title_justify="left", expand=True)
        for row in (*self._finished, *self._rows.values()):
            style = "dim" if row.result else ""
            names = (row.number, row.line, row.scenario, row.state, row.operator)
            table.add_row(
                *map(Text, names),  # names come from files, where a bracket is no markup
                Text(f"{row.step} ({row.steps})" if row.step else ""),
                Text(row.result, style=_STYLES.get(row.result, "")),
                style=style,
            )
        totals = "  ".join(f"{result} {count}" for result, count in sorted(self._results.items()))
        return Group(table, Text(totals, style="bold"))
