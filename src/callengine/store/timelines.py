"""What happened in calls, compressed, and the flows they went through."""

import json
import zlib

from attrs import frozen
from msgspec import convert
from sqlalchemy import Connection, bindparam, select

from callengine.errors import StoreError
from callengine.model import CallId, ChartId, Moment, MomentKind, StoredTimeline
from callengine.store.sql import Upsert, unless_there
from callengine.store.tables import charts, timelines

_t, _c = timelines.c, charts.c
_KEEP = Upsert(
    timelines,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["call"],
        set_={"began_at": insert.excluded.began_at, "moments": insert.excluded.moments, "cut": insert.excluded.cut},
    ),
)
_FIND = select(_t.began_at, _t.moments, _t.cut).where(_t.call == bindparam("call"))
_KEEP_CHART = unless_there(charts)
_CHART = select(_c.source, _c.path, _c.flow).where(_c.chart == bindparam("chart"))

_Kept = list[tuple[float, MomentKind, str, str]]


@frozen
class SqlTimelines:
    """`Timelines` in the database."""

    connection: Connection

    def keep(self, timeline: StoredTimeline) -> None:
        """Keep the moments of a call; what was kept of it before is replaced."""
        kept = [(moment.at, moment.kind.value, moment.name, moment.detail) for moment in timeline.moments]
        blob = zlib.compress(json.dumps(kept).encode())
        row = {"call": timeline.call, "began_at": timeline.began_at, "moments": blob, "cut": timeline.cut}
        self.connection.execute(_KEEP.on(self.connection), row)

    def find(self, call: CallId) -> StoredTimeline | None:
        """The moments that were kept of a call.

        Raises:
            StoreError: they are not readable.
        """
        row = self.connection.execute(_FIND, {"call": call}).first()
        if row is None:
            return None
        try:
            kept = convert(json.loads(zlib.decompress(row.moments)), _Kept)
        except (zlib.error, ValueError) as error:
            raise StoreError(f"the timeline of call {call} is not readable: {error}") from error
        return StoredTimeline(call, row.began_at, tuple(Moment(call, *each) for each in kept), row.cut)

    def keep_chart(self, chart: ChartId, source: bytes, path: str, flow: str) -> None:
        """Keep the scenario file that a chart was compiled from; one that is kept already stays."""
        row = {"chart": chart, "source": source, "path": path, "flow": flow}
        self.connection.execute(_KEEP_CHART.on(self.connection), row)

    def chart(self, chart: ChartId) -> tuple[bytes, str, str] | None:
        """The source, path and flow that `keep_chart` was given."""
        row = self.connection.execute(_CHART, {"chart": chart}).first()
        return None if row is None else (bytes(row.source), row.path, row.flow)
