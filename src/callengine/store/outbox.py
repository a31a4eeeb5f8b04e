"""What the panel is to be told."""

from collections.abc import Collection
from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, exists, func, select, update

from callengine.model import Message, MessageId
from callengine.store.sql import AnyRow, unless_there
from callengine.store.tables import outbox

_o, _older = outbox.c, outbox.alias("older")
_waits = _o.due_at.is_not(None)
_its_turn = ~exists().where(_older.c.due_at.is_not(None), _older.c.subject == _o.subject, _older.c.serial < _o.serial)

_POST = unless_there(outbox)
_PENDING = (
    select(_o.id, _o.subject, _o.path, _o.body, _o.at, _o.tries, _o.error, _o.pauses)
    .where(_waits, _o.due_at <= bindparam("now"), _o.subject.not_in(bindparam("beside", expanding=True)), _its_turn)
    .order_by(_o.serial)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(_o.due_at)).where(_waits, _its_turn)
_WAITS_STILL = update(outbox).where(_o.id == bindparam("message"), _waits)
_ACCEPTED = _WAITS_STILL.values(due_at=None, accepted_at=bindparam("now"), body="")
_FAILED = _WAITS_STILL.values(tries=_o.tries + 1, error=bindparam("why"), due_at=bindparam("again"))
_WAITING = select(func.count()).select_from(outbox).where(_waits)
_IS_WAITING = select(_o.serial).where(_o.subject == bindparam("subject"), _waits).limit(1)
_LAST_ERROR = select(_o.error).where(_waits, _o.error != "").order_by(_o.serial.desc()).limit(1)


@frozen
class SqlOutbox:
    """An `Outbox` in the database."""

    connection: Connection

    def post(self, message: Message) -> None:
        """Have a message wait, due at once; one whose id was posted before is not told again."""
        row = {
            "id": message.id,
            "subject": message.subject,
            "path": message.path,
            "body": message.body,
            "at": message.at,
            "tries": message.tries,
            "error": message.error,
            "pauses": message.pauses,
            "due_at": message.at,
        }
        self.connection.execute(_POST.on(self.connection), row)

    def pending(self, now: datetime, limit: int, beside: Collection[str] = ()) -> tuple[Message, ...]:
        """The oldest message of each subject, if it is due; the oldest first."""
        rows = self.connection.execute(_PENDING, {"now": now, "beside": list(beside), "most": limit})
        return tuple(_message(row) for row in rows)

    def next_due(self) -> datetime | None:
        """When the next try is due; None if nothing waits."""
        due_at: datetime | None = self.connection.execute(_NEXT_DUE).scalar_one()
        return due_at

    def accepted(self, message: MessageId, at: datetime) -> None:
        """The panel has it: its body is forgotten."""
        self.connection.execute(_ACCEPTED, {"message": message, "now": at})

    def failed(self, message: MessageId, error: str, again_at: datetime) -> None:
        self.connection.execute(_FAILED, {"message": message, "why": error, "again": again_at})

    def waiting(self) -> int:
        """How many are not accepted yet."""
        return self.connection.execute(_WAITING).scalar_one()

    def is_waiting(self, subject: str) -> bool:
        return self.connection.execute(_IS_WAITING, {"subject": subject}).first() is not None

    def last_error(self) -> str:
        """Of a message that waits; empty if none has failed."""
        return self.connection.execute(_LAST_ERROR).scalar() or ""


def _message(row: AnyRow) -> Message:
    return Message(row.id, row.subject, row.path, row.body, row.at, row.tries, row.error, row.pauses)
