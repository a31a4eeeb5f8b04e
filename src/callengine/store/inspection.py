"""Answers of the panel that could not be used."""

from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, insert, select

from callengine.model import Refused
from callengine.store.tables import inspection

KEPT = 100
"""Answers that are kept; older ones make room."""

LONGEST = 64 * 1024
"""Bytes of an answer that are kept."""

_i = inspection.c
_KEEP = insert(inspection)
_MAKE_ROOM = delete(inspection).where(_i.serial.not_in(select(_i.serial).order_by(_i.serial.desc()).limit(KEPT)))
_LATEST = select(_i.at, _i.reason, _i.body).order_by(_i.serial.desc()).limit(bindparam("most"))


@frozen
class SqlInspection:
    """`Inspection` in the database."""

    connection: Connection

    def keep(self, refused: Refused) -> None:
        """Keep the beginning of an answer."""
        body = refused.body.encode("utf-8", "replace")[:LONGEST].decode("utf-8", "ignore")
        self.connection.execute(_KEEP, {"at": refused.at, "reason": refused.reason, "body": body})
        self.connection.execute(_MAKE_ROOM)

    def latest(self, limit: int = 20) -> tuple[Refused, ...]:
        """The newest first."""
        rows = self.connection.execute(_LATEST, {"most": limit})
        return tuple(Refused(row.at, row.reason, row.body) for row in rows)
