"""`callengine lines`: the lines, their limits, and what they carry."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen

from callengine.cli.opened import with_store
from callengine.cli.tables import show
from callengine.dialer import panel_word
from callengine.errors import WrongShape
from callengine.model import Book, LineId, LineLimits, Store, SystemAmbient, digits_of
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

    async def work(settings: Settings, book: Store) -> int:
        wall = SystemAmbient().wall()
        now = wall.astimezone(ZoneInfo(settings.limits.zone)) if settings.limits.zone else wall.astimezone()
        use = await book.read(lambda unit: use_of(unit, now))
        specs = limits_of(settings, await book.read(lambda unit: unit.notebook.read(panel_word.NAME)))
        show(("line", "calls", "at once", "last minute", "a minute", "today", "a day"), _rows(specs, use))
        return 0

    return await with_store(config, store, work)


def _rows(specs: Mapping[LineId, LineLimits], use: Use) -> Iterator[tuple[str, ...]]:
    for line in dict.fromkeys((*specs, *use.day, *use.open)):
        limits = specs.get(line)
        bounds = ("", "", "") if limits is None else (limits.concurrent, limits.per_minute, limits.per_day)
        counts = (use.open.count(line), use.minute.count(line), use.day.count(line))
        yield line, *(str(each) for pair in zip(counts, bounds, strict=True) for each in pair)


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
