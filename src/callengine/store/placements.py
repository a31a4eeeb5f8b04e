"""What counts against the lines' limits."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from callengine.model import Placement
from callengine.store.tables import placements

_p = placements.c
_PLACE = insert(placements)
_DATE = update(placements).where(_p.id == bindparam("placement")).values(at=bindparam("moment"))
_DROP = delete(placements).where(_p.id == bindparam("placement"))
_DATED = select(_p.id, _p.line, _p.at).where(_p.at >= bindparam("moment")).order_by(_p.at, _p.id)
_UNDATED = select(_p.id, _p.line, _p.at).where(_p.at.is_(None)).order_by(_p.id)


@frozen
class SqlPlacements:
    """`Placements` in the database."""

    connection: Connection

    def place(self, placement: Placement) -> None:
        """Write one down, before its request is sent."""
        self.connection.execute(_PLACE, {"id": placement.id, "line": placement.line, "at": placement.at})

    def date(self, placement: str, at: datetime) -> None:
        """The PBX has answered its request."""
        self.connection.execute(_DATE, {"placement": placement, "moment": at})

    def drop(self, placement: str) -> None:
        """Its request was never sent."""
        self.connection.execute(_DROP, {"placement": placement})

    def since(self, moment: datetime) -> tuple[Placement, ...]:
        """Those dated at or after a moment, the oldest first, and after them all without a date."""
        dated = self.connection.execute(_DATED, {"moment": moment}).all()
        undated = self.connection.execute(_UNDATED).all()
        return tuple(Placement(row.id, row.line, row.at) for row in (*dated, *undated))
