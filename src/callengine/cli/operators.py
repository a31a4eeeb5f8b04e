"""`callengine operators`: what operators did."""

from datetime import date, timedelta
from pathlib import Path

from callengine.cli.opened import with_store
from callengine.cli.tables import show
from callengine.model import OperatorFigures, Store
from callengine.settings import Settings


async def operators(*, since: date | None = None, store: str | None = None, config: Path | None = None) -> int:
    """Show what operators did: calls, talk, wrap-up, available time, occupancy.

    Parameters
    ----------
    since
        The first day that counts, such as 2026-11-25; without it, all do.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(_: Settings, book: Store) -> int:
        day = "" if since is None else since.isoformat()[:10]
        figures = await book.read(lambda unit: unit.operators.figures(day))
        show(("operator", "calls", "talk", "wrap-up", "available", "occupancy"), map(_row, figures))
        return 0

    return await with_store(config, store, work)


def _row(each: OperatorFigures) -> tuple[str, ...]:
    times = (str(timedelta(seconds=round(seconds))) for seconds in (each.talk, each.wrap_up, each.available))
    return each.operator, str(each.calls), *times, f"{each.occupancy:.0%}"
