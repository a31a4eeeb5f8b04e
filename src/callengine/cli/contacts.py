"""`callengine contacts`: lists of people to call, in and out of the store. It works beside a running engine."""

import csv
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import TextIO

from attrs import define
from cyclopts import App

from callengine.cli.complaint import complain
from callengine.cli.opened import opened
from callengine.cli.rows import batches
from callengine.cli.verdict import told
from callengine.dialer import Intake
from callengine.dialer.contacts import Row
from callengine.dialer.intake import EXPORTED_ONLY, NOT_BEFORE, PRIORITY, SCENARIO, disarmed
from callengine.engine.wiring import numbering_of
from callengine.errors import ConfigError
from callengine.model import Added, Book, Contact, ContactState, Listed, SystemAmbient

SHOWN = 20
"""Refused rows that are told on standard error; `--refused` writes all of them."""

PAGE = 1000
"""Contacts read at once."""

Read = Callable[[Callable[[Book], tuple[Listed, ...]]], Awaitable[tuple[Listed, ...]]]

app = App(name="contacts", help="Lists of people to call.", result_action="return_value")


@app.command(name="import")
async def import_(
    file: Path,
    *,
    campaign: str | None = None,
    priority: int = 0,
    refused: Path | None = None,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Put the people of a CSV file on the list; who is on it already is not called again.

    Parameters
    ----------
    file
        With a column `phone_number`; `priority`, `not_before` and `scenario` have a meaning, other columns are fields.
    campaign
        Instead of the configured one.
    priority
        Of those without one of their own; a larger one is called first.
    refused
        Where to write the rows that were refused, with their reasons.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict, ExitStack() as stack:
        async with opened(config, store) as (settings, there):
            name = campaign or settings.contacts.campaign
            intake = Intake(SystemAmbient(), numbering_of(settings), name, priority, settings.limits.zone)
            reading = _Reading(intake, None if refused is None else stack.enter_context(_new(refused)))
            async with aclosing(batches(file, "contacts")) as rows:
                async for batch in rows:
                    reading.count(await there.write(partial(_add, tuple(reading.contacts(batch)))))
            print(f"{reading.added} added to {name}, {reading.repeated} there already, {reading.refused} refused")
            if reading.refused > SHOWN and refused is None:
                complain(f"{reading.refused - SHOWN} more rows were refused; --refused FILE writes them all down")
    return verdict.code


@define
class _Reading:
    """What came of the rows so far."""

    intake: Intake
    file: TextIO | None
    added: int = 0
    repeated: int = 0
    refused: int = 0

    def contacts(self, rows: Iterable[Row]) -> Iterator[Contact]:
        for row in rows:
            why = row.refused
            if not why:
                try:
                    yield self.intake.contact(row.written, row.fields)
                    continue
                except ValueError as error:
                    why = str(error)
            self._refuse(row, why)

    def count(self, added: Added) -> None:
        self.added += added.added
        self.repeated += len(added.repeated)

    def _refuse(self, row: Row, why: str) -> None:
        self.refused += 1
        if self.refused <= SHOWN:
            complain(f"{row.place}: {why}")
        if self.file is not None:
            writer = csv.writer(self.file)
            if self.refused == 1:
                writer.writerow(("line", "reason", "phone_number", *row.fields))
            writer.writerow((row.line, disarmed(why), disarmed(row.written), *map(disarmed, row.fields.values())))


@app.command
async def export(
    file: Path | None = None,
    *,
    campaign: str | None = None,
    state: ContactState | None = None,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Write contacts as CSV. Cells that a spreadsheet would take for formulas have a quote in front; `import` knows it.

    Parameters
    ----------
    file
        Standard output if absent.
    campaign
        All campaigns if absent.
    state
        Only those who are pending, dialling or done.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict, ExitStack() as stack:
        async with opened(config, store) as (_, there):
            fields: dict[str, None] = {}
            async with aclosing(_pages(there.read, campaign, state)) as pages:
                async for page in pages:
                    fields |= dict.fromkeys(name for listed in page for name in listed.contact.fields)
            out = sys.stdout if file is None else stack.enter_context(_new(file))
            writer = csv.writer(out)
            writer.writerow(("phone_number", PRIORITY, NOT_BEFORE, SCENARIO, *map(disarmed, fields), *EXPORTED_ONLY))
            async with aclosing(_pages(there.read, campaign, state)) as pages:
                async for page in pages:
                    writer.writerows(tuple(map(disarmed, _cells(listed, fields))) for listed in page)
    return verdict.code


@app.command(name="list")
async def list_(
    *,
    campaign: str | None = None,
    state: ContactState | None = None,
    number: str | None = None,
    limit: int = 50,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Show contacts in the order they were added: number, state, result, attempts, when due, campaign.

    Parameters
    ----------
    campaign
        All campaigns if absent.
    state
        Only those who are pending, dialling or done.
    number
        Only those with this number, in any spelling.
    limit
        At most so many.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (settings, there):
            if number is not None:
                try:
                    known = numbering_of(settings).known(number)
                except ValueError as error:
                    raise ConfigError(str(error)) from None
                found = await there.read(lambda book: book.contacts.find(known))
            else:
                found = await there.read(lambda book: book.contacts.page(campaign=campaign, state=state, limit=limit))
            for listed in found[:limit]:
                contact = listed.contact
                due = _due(listed)
                cells = (contact.number, listed.state.value, listed.result or "", str(contact.tried), due, contact.campaign)
                print("\t".join(cells))
    return verdict.code


def _add(contacts: tuple[Contact, ...], book: Book) -> Added:
    return book.contacts.add(contacts)


async def _pages(read: Read, campaign: str | None, state: ContactState | None) -> AsyncGenerator[tuple[Listed, ...], None]:
    after = 0
    while page := await read(partial(_page, campaign, state, after)):
        after = page[-1].serial
        yield page


def _page(campaign: str | None, state: ContactState | None, after: int, book: Book) -> tuple[Listed, ...]:
    return book.contacts.page(campaign=campaign, state=state, after=after, limit=PAGE)


def _cells(listed: Listed, fields: Iterable[str]) -> tuple[str, ...]:
    contact = listed.contact
    return (
        contact.phone_number,
        str(contact.priority),
        contact.not_before.isoformat() if contact.not_before is not None else "",
        contact.scenario,
        *(contact.fields.get(name, "") for name in fields),
        contact.campaign,
        listed.state.value,
        listed.result or "",
        str(contact.tried),
        _due(listed),
    )


def _due(listed: Listed) -> str:
    if listed.state is not ContactState.PENDING:
        return ""
    at_any_time = not listed.due_at.timestamp()
    return "now" if at_any_time else f"{listed.due_at.astimezone():%Y-%m-%d %H:%M}"


def _new(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
