"""Why no new calls are placed."""

from collections.abc import Collection
from datetime import datetime
from typing import get_args

from attrs import frozen
from sqlalchemy import Connection, bindparam, select, update

from callengine.model import Pause, PauseKind
from callengine.store.sql import AnyRow, unless_there
from callengine.store.tables import pauses

_p = pauses.c
_columns = (_p.id, _p.kind, _p.reason, _p.since, _p.told, _p.ended_at, _p.ended_by)
_BEGIN = unless_there(pauses)
_TOLD = update(pauses).where(_p.id == bindparam("pause")).values(told=True)
_END = (
    update(pauses)
    .where(_p.in_force.in_(bindparam("kinds", expanding=True)))
    .values(in_force=None, ended_at=bindparam("moment"), ended_by=bindparam("by"))
)
_IN_FORCE = select(*_columns).where(_p.in_force.is_not(None)).order_by(_p.serial)
_HISTORY = select(*_columns).order_by(_p.serial.desc()).limit(bindparam("most"))


@frozen
class SqlPauses:
    """`Pauses` in the database."""

    connection: Connection

    def begin(self, pause: Pause) -> bool:
        """Returns whether it is new: while one of its kind is in force, another changes nothing."""
        row = {
            "id": pause.id,
            "kind": pause.kind,
            "in_force": pause.kind,
            "reason": pause.reason,
            "since": pause.since,
            "told": pause.told,
            "ended_by": "",
        }
        return self.connection.execute(_BEGIN.on(self.connection), row).rowcount == 1

    def told(self, pause: str) -> None:
        """The panel has been told of it."""
        self.connection.execute(_TOLD, {"pause": pause})

    def end(self, at: datetime, by: str, *, kinds: Collection[PauseKind] | None = None) -> int:
        """End those of some kinds, or all; returns how many."""
        which = get_args(PauseKind) if kinds is None else kinds
        return self.connection.execute(_END, {"kinds": list(which), "moment": at, "by": by}).rowcount

    def in_force(self) -> tuple[Pause, ...]:
        return tuple(_pause(row) for row in self.connection.execute(_IN_FORCE))

    def history(self, limit: int = 20) -> tuple[tuple[Pause, datetime | None, str], ...]:
        """The latest pauses, each with when it ended and by whose word."""
        rows = self.connection.execute(_HISTORY, {"most": limit})
        return tuple((_pause(row), row.ended_at, row.ended_by) for row in rows)


def _pause(row: AnyRow) -> Pause:
    return Pause(row.id, row.kind, row.reason, row.since, row.told)
