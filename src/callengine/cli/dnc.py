"""`callengine dnc`: numbers that must not be dialled."""

from collections.abc import Iterable
from pathlib import Path

from cyclopts import App

from callengine.cli.bar import bar_over
from callengine.cli.opened import with_store
from callengine.cli.refusals import lines_of, refusals
from callengine.cli.tables import show
from callengine.dialer.importing import import_blocked
from callengine.engine.wiring import numbering_of
from callengine.errors import ConfigError
from callengine.model import Blocked, Digits, Store, SystemAmbient
from callengine.settings import Settings

app = App(name="dnc", help="Numbers that must not be dialled.")


@app.command
async def add(*numbers: str, reason: str = "", store: str | None = None, config: Path | None = None) -> int:
    """Put numbers on the do-not-dial list. A running engine dials them no more from now on.

    Parameters
    ----------
    numbers
        In any spelling.
    reason
        Why, for people.
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(settings: Settings, book: Store) -> int:
        known, now = _known(settings, numbers), SystemAmbient().wall()
        added = await book.write(lambda unit: unit.do_not_dial.add(known, now, reason))
        print(f"{added:,} added, {len(known) - added:,} were on the list already.")
        return 0

    return await with_store(config, store, work)


@app.command
async def remove(*numbers: str, store: str | None = None, config: Path | None = None) -> int:
    """Take numbers off the do-not-dial list. The exit code is 1 if one was not on it.

    Parameters
    ----------
    numbers
        In any spelling.
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(settings: Settings, book: Store) -> int:
        known = _known(settings, numbers)
        removed = await book.write(lambda unit: unit.do_not_dial.remove(known))
        print(f"{removed:,} removed, {len(known) - removed:,} were not on the list.")
        return int(removed < len(known))

    return await with_store(config, store, work)


@app.command(name="list")
async def list_(*, store: str | None = None, config: Path | None = None) -> int:
    """Show the do-not-dial list, the first entry first.

    Parameters
    ----------
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(_settings: Settings, book: Store) -> int:
        entries = list[Blocked]()
        while True:
            page = await _since(book, entries[-1].serial if entries else 0)
            if not page:
                break
            entries += page
        show(("number", "since", "reason"), ((e.number, f"{e.at.astimezone():%F %H:%M}", e.reason) for e in entries))
        return 0

    return await with_store(config, store, work)


@app.command(name="import")
async def import_(file: Path, /, *, refused: Path | None = None, store: str | None = None, config: Path | None = None) -> int:
    """Put the numbers of a CSV file on the do-not-dial list.

    The exit code is 0 if every row could be used, 1 if some were refused or the store failed, 2 if a setting or a file is
    wrong.

    Parameters
    ----------
    file
        UTF-8, with a column `phone_number` and, if need be, `reason`; or numbers alone.
    refused
        A CSV file to write the refused rows to, with line and reason.
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(settings: Settings, book: Store) -> int:
        numbering, ambient = numbering_of(settings), SystemAmbient()
        with refusals(file, refused) as refuse, bar_over(lines_of(file), "lines") as bar:
            done = await import_blocked(file, book, numbering, ambient, refuse, bar.advance)
        print(f"{file}: {done.accepted:,} accepted, {done.repeated:,} repeated, {done.refused:,} refused.")
        return int(done.refused > 0)

    return await with_store(config, store, work)


async def _since(book: Store, serial: int) -> tuple[Blocked, ...]:
    return await book.read(lambda unit: unit.do_not_dial.since(serial))


def _known(settings: Settings, numbers: Iterable[str]) -> tuple[Digits, ...]:
    """The canonical forms, each once.

    Raises:
        ConfigError: one is no number; then nothing is done.
    """
    numbering = numbering_of(settings)
    try:
        known = tuple(dict.fromkeys(map(numbering.known, numbers)))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if not known:
        raise ConfigError("give one number or more")
    return known
