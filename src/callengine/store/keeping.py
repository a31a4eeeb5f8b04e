"""What is kept of calls for a time."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, delete, select, update

from callengine.model import KeptRecording
from callengine.store.sql import unless_there
from callengine.store.tables import attempts, calls, recordings

_r = recordings.c
_KEEP = unless_there(recordings)
_BEFORE = select(_r.name, _r.call, _r.at).where(_r.at < bindparam("moment")).order_by(_r.at, _r.name).limit(bindparam("most"))
_FORGET = delete(recordings).where(_r.name == bindparam("recording"))
_FORGET_TRANSCRIPTS = tuple(
    update(table).where(table.c.ended_at < bindparam("moment"), table.c.transcript != "").values(transcript="")
    for table in (attempts, calls)
)


@frozen
class SqlKeeping:
    """`Keeping` in the database."""

    connection: Connection

    def keep_recording(self, recording: KeptRecording) -> None:
        row = {"name": recording.name, "call": recording.call, "at": recording.at}
        self.connection.execute(_KEEP.on(self.connection), row)

    def recordings_before(self, moment: datetime, limit: int = 100) -> tuple[KeptRecording, ...]:
        rows = self.connection.execute(_BEFORE, {"moment": moment, "most": limit})
        return tuple(KeptRecording(row.name, row.call, row.at) for row in rows)

    def forget_recording(self, name: str) -> None:
        self.connection.execute(_FORGET, {"recording": name})

    def forget_transcripts(self, before: datetime) -> int:
        """Erase what people said in calls that ended before a moment; returns of how many."""
        return sum(self.connection.execute(statement, {"moment": before}).rowcount for statement in _FORGET_TRANSCRIPTS)
