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
from callengine.dialer import panel_word
from callengine.errors import WrongShape
from callengine.model import Book, LineId, LineLimits, SystemAmbient, digits_of
from callengine.panel import PanelLine, announcement_of
from callengine.settings import Settings, line_spec, line_specs

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
            said = await there.read(lambda book: book.notebook.read(panel_word.NAME))
        specs = limits_of(settings, said)
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


def limits_of(settings: Settings, said: str | None) -> dict[LineId, LineLimits]:
    """The lines with their limits: those the panel last named, else those of the settings.

    Args:
        said: the panel's last word, as the notebook has it.
    """
    named = _named(said) if settings.panel_configured else None
    if named is None:
        return {spec.id: spec.limits for spec in line_specs(settings)}
    specs = (line_spec(settings, digits_of(line.phone_number)) for line in named if _is_number(line.phone_number))
    return {spec.id: spec.limits for spec in specs}


def _named(said: str | None) -> tuple[PanelLine, ...] | None:
    try:
        return None if said is None else announcement_of(said.encode()).metadata.outbound_lines
    except WrongShape:
        return None


def _is_number(text: str) -> bool:
    try:
        return bool(digits_of(text))
    except ValueError:
        return False
