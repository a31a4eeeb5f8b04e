"""Numbers that must not be dialled."""

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, func, select

from callengine.model import Blocked, Digits
from callengine.store.sql import in_batches, unless_there
from callengine.store.tables import do_not_dial

_d = do_not_dial.c
_ADD = unless_there(do_not_dial)
_REMOVE = delete(do_not_dial).where(_d.number.in_(bindparam("numbers", expanding=True)))
_HOLDS = select(_d.serial).where(_d.number == bindparam("number"))
_SINCE = (
    select(_d.number, _d.serial, _d.at, _d.reason)
    .where(_d.serial > bindparam("serial"))
    .order_by(_d.serial)
    .limit(bindparam("most"))
)
_LAST = select(func.max(_d.serial))
_COUNT = select(func.count()).select_from(do_not_dial)


@frozen
class SqlDoNotDialList:
    """A `DoNotDialList` in the database."""

    connection: Connection

    def add(self, numbers: Iterable[Digits], at: datetime, reason: str = "") -> int:
        """Returns how many were not on the list yet."""
        rows = ({"number": number, "at": at, "reason": reason} for number in numbers)
        insert = _ADD.on(self.connection)
        return sum(self.connection.execute(insert, batch).rowcount for batch in in_batches(rows))

    def remove(self, numbers: Iterable[Digits]) -> int:
        """Returns how many were on the list."""
        return sum(self.connection.execute(_REMOVE, {"numbers": batch}).rowcount for batch in in_batches(numbers))

    def holds(self, number: Digits) -> bool:
        return self.connection.execute(_HOLDS, {"number": number}).first() is not None

    def since(self, serial: int, limit: int = 1000) -> tuple[Blocked, ...]:
        """Entries made after a serial, the first made first."""
        rows = self.connection.execute(_SINCE, {"serial": serial, "most": limit})
        return tuple(Blocked(row.number, row.serial, row.at, row.reason) for row in rows)

    def last_serial(self) -> int:
        """Of the entry made last; 0 before there is any."""
        return self.connection.execute(_LAST).scalar() or 0

    def count(self) -> int:
        return self.connection.execute(_COUNT).scalar_one()
