"""The ledger of abandoned calls."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, case, func, select

from callengine.model import AbandonRate, CallId
from callengine.store.sql import unless_there
from callengine.store.tables import answers

_a = answers.c
_ENTER = unless_there(answers)
_RATE = select(func.count(), func.coalesce(func.sum(case((_a.abandoned, 1), else_=0)), 0)).where(
    _a.campaign == bindparam("campaign"), _a.answered_at >= bindparam("since")
)


@frozen
class SqlLedger:
    """A `Ledger` in the database."""

    connection: Connection

    def enter(self, call: CallId, campaign: str, answered_at: datetime, *, abandoned: bool) -> None:
        """Enter a call; one that stands in it already stays as it is."""
        row = {"call": call, "campaign": campaign, "answered_at": answered_at, "abandoned": abandoned}
        self.connection.execute(_ENTER.on(self.connection), row)

    def rate(self, campaign: str, since: datetime) -> AbandonRate:
        answered, abandoned = self.connection.execute(_RATE, {"campaign": campaign, "since": since}).one()
        return AbandonRate(answered, int(abandoned))
