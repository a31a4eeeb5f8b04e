"""Calls that came in."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, select

from callengine.model import CallId, Received
from callengine.store.sql import AnyRow, Upsert, outcome_of, outcome_text
from callengine.store.tables import calls

_c = calls.c
_REPLACED = ("caller", "dialled", "line", "scenario", "chart", "arrived_at", "outcome", "transcript", "ended_at", "channel")
_RECEIVED = select(
    _c.serial,
    _c.call,
    _c.caller,
    _c.dialled,
    _c.line,
    _c.scenario,
    _c.chart,
    _c.arrived_at,
    _c.outcome,
    _c.transcript,
    _c.channel,
)
_WRITE = Upsert(
    calls,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["call"], set_={name: insert.excluded[name] for name in _REPLACED}, where=_c.outcome.is_(None)
    ),
)
_FIND = _RECEIVED.where(_c.call == bindparam("call"))
_UNFINISHED = _RECEIVED.where(_c.outcome.is_(None)).order_by(_c.serial)


@frozen
class SqlCalls:
    """`Calls` in the database."""

    connection: Connection

    def write(self, received: Received, now: datetime) -> None:
        """Write a call down or replace its record; one that has its outcome stays as it is."""
        row = {
            "call": received.call,
            "caller": received.caller,
            "dialled": received.dialled,
            "line": received.line,
            "scenario": received.scenario,
            "chart": received.chart,
            "arrived_at": received.arrived_at,
            "outcome": outcome_text(received.outcome),
            "transcript": received.outcome.transcript if received.outcome else "",
            "ended_at": now if received.outcome else None,
            "channel": received.channel,
        }
        self.connection.execute(_WRITE.on(self.connection), row)

    def find(self, call: CallId) -> Received | None:
        row = self.connection.execute(_FIND, {"call": call}).first()
        return None if row is None else _received(row)

    def unfinished(self) -> tuple[Received, ...]:
        """Those whose outcome is not written."""
        return tuple(_received(row) for row in self.connection.execute(_UNFINISHED))

    def page(self, *, before: int | None = None, limit: int = 100) -> tuple[tuple[int, Received], ...]:
        """Calls with their serials, the newest first."""
        page = _RECEIVED.order_by(_c.serial.desc()).limit(limit)
        if before is not None:
            page = page.where(_c.serial < before)
        return tuple((row.serial, _received(row)) for row in self.connection.execute(page))

    def everything(self) -> tuple[Received, ...]:
        """All calls, in the order of their arrival; for small books."""
        return tuple(_received(row) for row in self.connection.execute(_RECEIVED.order_by(_c.serial)))


def _received(row: AnyRow) -> Received:
    return Received(
        row.call,
        row.caller,
        row.dialled,
        row.line,
        row.scenario,
        row.chart,
        row.arrived_at,
        outcome_of(row.outcome, row.transcript),
        row.channel,
    )
