"""What must be known of earlier runs before anybody is dialled: what the lines and scenarios have carried already."""

import structlog

from callengine.dialer import Assignment
from callengine.fsm import Chart
from callengine.lines import LinePool
from callengine.model import Ambient, Book, Placement, ScenarioUse, Store

log = structlog.get_logger()


async def restore_counts(store: Store, lines: LinePool, assignment: Assignment[Chart], ambient: Ambient) -> None:
    """Count again what was placed before this start.

    Raises:
        StoreError: the store cannot be read.
    """
    now = ambient.wall()
    since = lines.matters_since(now)

    def look(book: Book) -> tuple[tuple[Placement, ...], tuple[ScenarioUse, ...]]:
        return book.placements.since(since), book.attempts.uses_since(since)

    placements, uses = await store.read(look)
    lines.restore(placements, now)
    assignment.restore(uses, now)
    if placements:
        today = {load.line.id: load.day for load in lines.snapshot().lines if load.day}
        log.info("Calls placed before this start count against today's limits", by_line=today)
