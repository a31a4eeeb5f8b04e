"""`callengine lines`: the lines, their limits, and what they carry."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callengine.cli.opened import opened
from callengine.cli.printable import printable
from callengine.cli.verdict import told
from callengine.model import Book, LineId, SystemAmbient
from callengine.settings import line_specs

MINUTE = timedelta(seconds=60)


@frozen
class Use:
    """What the store says of the lines: calls under way, and placed since a moment, by line."""

    open: tuple[LineId, ...]
    minute: tuple[LineId, ...]
    day: tuple[LineId, ...]


async def lines(*, store: str | None = None, config: Path | None = None) -> int:
    """Show each line: calls under way, in the last minute and today, each with its limit. 0 stands for no limit.

    Parameters
    ----------
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (settings, there):
            wall = SystemAmbient().wall()
            now = wall.astimezone(ZoneInfo(settings.limits.zone)) if settings.limits.zone else wall.astimezone()
            use = await there.read(lambda book: use_of(book, now))
        specs = {spec.id: spec.limits for spec in line_specs(settings)}
        table = Table("line", "calls", "at once", "last minute", "a minute", "today", "a day")
        for line in dict.fromkeys((*specs, *use.day, *use.open)):
            limits = specs.get(line)
            bounds = ("", "", "") if limits is None else (limits.concurrent, limits.per_minute, limits.per_day)
            counts = (use.open.count(line), use.minute.count(line), use.day.count(line))
            pairs = (str(each) for pair in zip(counts, bounds, strict=True) for each in pair)
            table.add_row(Text(printable(line)), *pairs)
        Console().print(table)
    return verdict.code


def use_of(book: Book, now: datetime) -> Use:
    """For `Store.read`.

    Args:
        now: in the zone in which a line's day ends.
    """
    midnight = datetime.combine(now.date(), time.min, tzinfo=now.tzinfo)
    earliest = min(midnight, now - MINUTE)
    placed = book.placements.since(earliest)
    outbound = tuple(attempt.line for attempt in book.attempts.unfinished())
    inbound = tuple(received.line for received in book.calls.unfinished() if received.line is not None)
    return Use(
        open=(*outbound, *inbound),
        minute=tuple(each.line for each in placed if each.at is None or each.at > now - MINUTE),
        day=tuple(each.line for each in placed if each.at is None or each.at >= midnight),
    )
