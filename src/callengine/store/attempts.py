"""What was tried."""

from collections.abc import Mapping
from datetime import datetime

import attrs
from attrs import frozen
from sqlalchemy import Connection, bindparam, func, or_, select

from callengine.model import Attempt, AttemptId, AttemptState, CallId, Digits, ScenarioUse
from callengine.store.contacts import CONTACT_COLUMNS, contact_of
from callengine.store.sql import AnyRow, outcome_of, outcome_text
from callengine.store.tables import attempts, calls, contacts, placements

S = AttemptState
FINAL = frozenset({S.SETTLED, S.UNKNOWN, S.NEVER_PLACED})
"""States that absorb: whatever arrives later changes nothing."""

NEXT: Mapping[AttemptState, frozenset[AttemptState]] = {
    S.INTENDED: frozenset({S.PLACED, S.RINGING, S.ANSWERED}) | FINAL,
    S.PLACED: frozenset({S.RINGING, S.ANSWERED, S.SETTLED, S.UNKNOWN}),
    S.RINGING: frozenset({S.ANSWERED, S.SETTLED, S.UNKNOWN}),
    S.ANSWERED: frozenset({S.SETTLED, S.UNKNOWN}),
}
"""What may follow in the book. States may be skipped, because not every one is written; none is taken back."""

_a = attempts.c
_OWN_COLUMNS = tuple(
    _a[name].label(f"its_{name}")
    for name in (
        "serial",
        "id",
        "tried",
        "call",
        "line",
        "scenario",
        "chart",
        "intended_at",
        "state",
        "channel",
        "placed_at",
        "rehearsal",
        "outcome",
        "transcript",
    )
)
_ATTEMPT = select(*_OWN_COLUMNS, *CONTACT_COLUMNS).select_from(attempts.join(contacts, _a.contact == contacts.c.id))
_FIND = _ATTEMPT.where(_a.id == bindparam("attempt"))
_OF_CALL = _ATTEMPT.where(_a.call == bindparam("call"))
_UNFINISHED = _ATTEMPT.where(_a.open_number.is_not(None)).order_by(_a.serial)
_HOW_MANY_SINCE = (
    select(func.count())
    .select_from(placements.join(attempts, _a.id == placements.c.id).join(contacts, _a.contact == contacts.c.id))
    .where(or_(placements.c.at >= bindparam("moment"), placements.c.at.is_(None)), contacts.c.campaign == bindparam("campaign"))
)
_PLACED = (
    select(_a.scenario, placements.c.at).join_from(placements, attempts, _a.id == placements.c.id).where(_a.scenario != "")
)
_PLACED_SINCE = _PLACED.where(placements.c.at >= bindparam("moment"))
_BEING_PLACED = _PLACED.where(placements.c.at.is_(None)).order_by(_a.serial)
_CAME_IN_SINCE = select(calls.c.scenario, calls.c.arrived_at).where(
    calls.c.arrived_at >= bindparam("moment"), calls.c.scenario != ""
)


@frozen
class SqlAttempts:
    """`Attempts` in the database."""

    connection: Connection

    def find(self, attempt: AttemptId) -> Attempt | None:
        row = self.connection.execute(_FIND, {"attempt": attempt}).first()
        return None if row is None else _attempt(row)

    def unfinished(self) -> tuple[Attempt, ...]:
        """Those whose outcome is not written, the first intended first: after a restart, what became of them is not known."""
        return tuple(_attempt(row) for row in self.connection.execute(_UNFINISHED))

    def page(
        self, *, state: AttemptState | None = None, number: Digits | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Attempt], ...]:
        """Attempts with their serials, the newest first."""
        page = _ATTEMPT.order_by(_a.serial.desc()).limit(limit)
        if state is not None:
            page = page.where(_a.state == state.value)
        if number is not None:
            page = page.where(_a.number == number)
        if before is not None:
            page = page.where(_a.serial < before)
        return tuple((row.its_serial, _attempt(row)) for row in self.connection.execute(page))

    def of_call(self, call: CallId) -> Attempt | None:
        row = self.connection.execute(_OF_CALL, {"call": call}).first()
        return None if row is None else _attempt(row)

    def placed_since(self, moment: datetime, campaign: str) -> int:
        """How many calls to contacts of a campaign were placed since a moment; those that are being placed count, too."""
        return self.connection.execute(_HOW_MANY_SINCE, {"moment": moment, "campaign": campaign}).scalar_one()

    def uses_since(self, moment: datetime) -> tuple[ScenarioUse, ...]:
        """Calls of scenarios, outbound and inbound, since a moment, the oldest first; then those without a time."""
        since = {"moment": moment}
        timed = [*self.connection.execute(_PLACED_SINCE, since), *self.connection.execute(_CAME_IN_SINCE, since)]
        timed.sort(key=lambda row: row[1])
        return tuple(ScenarioUse(*row) for row in (*timed, *self.connection.execute(_BEING_PLACED)))

    def everything(self) -> tuple[Attempt, ...]:
        """All attempts, in the order in which they were intended; for small books."""
        return tuple(_attempt(row) for row in self.connection.execute(_ATTEMPT.order_by(_a.serial)))


def record_of(attempt: Attempt, now: datetime) -> dict[str, object]:
    """The columns of an attempt that its newer states replace."""
    final = attempt.state in FINAL
    return {
        "open_number": None if final else attempt.contact.number,
        "line": attempt.line,
        "scenario": attempt.scenario,
        "chart": attempt.chart,
        "state": attempt.state.value,
        "channel": attempt.channel,
        "placed_at": attempt.placed_at,
        "rehearsal": attempt.rehearsal,
        "outcome": outcome_text(attempt.outcome),
        "transcript": attempt.outcome.transcript if attempt.outcome else "",
        "ended_at": now if final else None,
    }


def row_of(attempt: Attempt, now: datetime) -> dict[str, object]:
    """A new attempt as a row of its table."""
    return {
        **record_of(attempt, now),
        "id": attempt.id,
        "contact": attempt.contact.id,
        "number": attempt.contact.number,
        "tried": attempt.contact.tried,
        "call": attempt.call,
        "intended_at": attempt.intended_at,
    }


def _attempt(row: AnyRow) -> Attempt:
    return Attempt(
        id=row.its_id,
        contact=attrs.evolve(contact_of(row), tried=row.its_tried),
        call=row.its_call,
        line=row.its_line,
        scenario=row.its_scenario,
        chart=row.its_chart,
        intended_at=row.its_intended_at,
        state=AttemptState(row.its_state),
        outcome=outcome_of(row.its_outcome, row.its_transcript),
        channel=row.its_channel,
        placed_at=row.its_placed_at,
        rehearsal=row.its_rehearsal,
    )
