"""`callengine operators`: what operators did."""

from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from callengine.cli.opened import opened
from callengine.cli.printable import printable
from callengine.cli.verdict import told


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
    with told() as verdict:
        day = "" if since is None else since.isoformat()[:10]
        async with opened(config, store) as (_, there):
            figures = await there.read(lambda book: book.operators.figures(day))
        table = Table("operator", "calls", "talk", "wrap-up", "available", "occupancy")
        for each in figures:
            times = (str(timedelta(seconds=round(seconds))) for seconds in (each.talk, each.wrap_up, each.available))
            table.add_row(Text(printable(each.operator)), str(each.calls), *times, f"{each.occupancy:.0%}")
        Console().print(table)
    return verdict.code
