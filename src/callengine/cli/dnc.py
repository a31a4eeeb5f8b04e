"""`callengine dnc`: the numbers that are never dialled. It works beside a running engine, which hangs up what rings already."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from pathlib import Path

from cyclopts import App

from callengine.cli.complaint import complain
from callengine.cli.opened import opened
from callengine.cli.rows import batches
from callengine.cli.verdict import told
from callengine.dialer.contacts import Row
from callengine.engine.wiring import numbering_of
from callengine.errors import ConfigError
from callengine.model import Blocked, Book, Digits, SystemAmbient

app = App(name="dnc", help="Numbers that are never dialled.", result_action="return_value")


@app.command
async def add(*numbers: str, reason: str = "", store: str | None = None, config: Path | None = None) -> int:
    """Put numbers on the list. A call to one of them that waits or rings is ended within a second or two.

    Parameters
    ----------
    numbers
        In any spelling.
    reason
        Why, for people.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (settings, there):
            known, now = _read(numbers, numbering_of(settings).known), SystemAmbient().wall()
            added = await there.write(lambda book: book.do_not_dial.add(known, now, reason))
            print(f"{added} added, {len(known) - added} on the list already")
    return verdict.code


@app.command
async def remove(*numbers: str, store: str | None = None, config: Path | None = None) -> int:
    """Take numbers off the list.

    Parameters
    ----------
    numbers
        In any spelling.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (settings, there):
            known = _read(numbers, numbering_of(settings).known)
            removed = await there.write(lambda book: book.do_not_dial.remove(known))
            print(f"{removed} removed, {len(known) - removed} were not on the list")
    return verdict.code


@app.command(name="list")
async def list_(*, store: str | None = None, config: Path | None = None) -> int:
    """Show the list: number, since when, why.

    Parameters
    ----------
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (_, there):
            serial = 0
            while entries := await there.read(partial(_since, serial)):
                serial = entries[-1].serial
                for entry in entries:
                    print(f"{entry.number}\t{entry.at.astimezone():%Y-%m-%d %H:%M}\t{entry.reason}")
    return verdict.code


@app.command(name="import")
async def import_(file: Path, *, reason: str = "", store: str | None = None, config: Path | None = None) -> int:
    """Put the numbers of a CSV file on the list; see docs/contacts.md for its form. Bad rows are told and left out.

    Parameters
    ----------
    file
        With a column `phone_number`, or of numbers alone.
    reason
        Why, for people.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (settings, there):
            known, now = numbering_of(settings).known, SystemAmbient().wall()
            added = read = refused = 0
            async with aclosing(batches(file, "do not dial")) as rows:
                async for batch in rows:
                    numbers = [number for row in batch if (number := _number_of(row, known)) is not None]
                    added += await there.write(partial(_add, numbers, now, reason))
                    read, refused = read + len(numbers), refused + len(batch) - len(numbers)
            print(f"{added} added, {read - added} on the list already, {refused} refused")
    return verdict.code


def _read(numbers: Iterable[str], known: Callable[[str], Digits]) -> tuple[Digits, ...]:
    """Raises ConfigError for what is no number, or for none at all."""
    try:
        read = tuple(dict.fromkeys(map(known, numbers)))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if not read:
        raise ConfigError("name at least one number")
    return read


def _number_of(row: Row, known: Callable[[str], Digits]) -> Digits | None:
    """None for a row without one, which is told."""
    try:
        if not row.refused:
            return known(row.written)
        why = row.refused
    except ValueError as error:
        why = str(error)
    complain(f"{row.place}: {why}")
    return None


def _add(numbers: Sequence[Digits], at: datetime, reason: str, book: Book) -> int:
    return book.do_not_dial.add(numbers, at, reason)


def _since(serial: int, book: Book) -> tuple[Blocked, ...]:
    return book.do_not_dial.since(serial)
