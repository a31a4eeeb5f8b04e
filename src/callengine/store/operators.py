"""What operators did, by day."""

from attrs import asdict, frozen
from sqlalchemy import Connection, bindparam, func, select

from callengine.model import OperatorFigures
from callengine.store.sql import Upsert
from callengine.store.tables import operator_days

_d = operator_days.c
_COUNTED = ("calls", "talk", "wrap_up", "available")
_COUNT = Upsert(
    operator_days,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["day", "operator"], set_={name: _d[name] + insert.excluded[name] for name in _COUNTED}
    ),
)
_FIGURES = (
    select(_d.operator, *(func.sum(_d[name]).label(name) for name in _COUNTED))
    .where(_d.day >= bindparam("since"))
    .group_by(_d.operator)
    .order_by(_d.operator)
)


@frozen
class SqlOperatorStatistics:
    """`OperatorStatistics` in the database."""

    connection: Connection

    def count(self, day: str, figures: OperatorFigures) -> None:
        """Add to the figures of a day (`2026-11-25`)."""
        self.connection.execute(_COUNT.on(self.connection), {"day": day, **asdict(figures)})

    def figures(self, since: str = "") -> tuple[OperatorFigures, ...]:
        """Summed up from a day on, by operator."""
        rows = self.connection.execute(_FIGURES, {"since": since})
        return tuple(OperatorFigures(row.operator, int(row[1]), row.talk, row.wrap_up, row.available) for row in rows)
