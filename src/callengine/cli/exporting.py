"""Contacts of the store, written as CSV."""

import csv
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TextIO

from callengine.dialer import NOT_BEFORE, PRIORITY, SCENARIO, disarmed
from callengine.dialer.intake import EXPORTED_ONLY
from callengine.errors import ConfigError
from callengine.model import ContactState, Listed, Store

PAGE = 1000
STANDARD_OUTPUT = Path("-")

COLUMNS = ("phone_number", PRIORITY, NOT_BEFORE, SCENARIO, *EXPORTED_ONLY)


async def export_to(file: Path, store: Store, campaign: str | None, state: ContactState | None) -> int:
    """Write contacts; fields that only some have are empty for the others.

    Returns:
        The command's exit code.

    Raises:
        ConfigError: the file cannot be written.
        StoreError: the store cannot be read.
    """
    if file == STANDARD_OUTPUT:
        await _write(sys.stdout, store, campaign, state)
        return 0
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            await _write(opened, store, campaign, state)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    return 0


async def _write(file: TextIO, store: Store, campaign: str | None, state: ContactState | None) -> None:
    names: dict[str, None] = {}
    async with aclosing(pages(store, campaign, state)) as first:
        async for page in first:
            for listed in page:
                names.update(dict.fromkeys(listed.contact.fields))
    fields = [name for name in names if name not in COLUMNS]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*COLUMNS, *map(disarmed, fields)])
    async with aclosing(pages(store, campaign, state)) as second:
        async for page in second:
            writer.writerows([disarmed(cell) for cell in _cells(listed, fields)] for listed in page)


async def pages(store: Store, campaign: str | None, state: ContactState | None) -> AsyncGenerator[tuple[Listed, ...], None]:
    """The contacts of the store, piece by piece."""
    after = 0
    while True:
        page = await _page(store, campaign, state, after)
        if not page:
            return
        yield page
        after = page[-1].serial


async def _page(store: Store, campaign: str | None, state: ContactState | None, after: int) -> tuple[Listed, ...]:
    return await store.read(lambda book: book.contacts.page(campaign=campaign, state=state, after=after, limit=PAGE))


def _cells(listed: Listed, fields: list[str]) -> tuple[str, ...]:
    contact = listed.contact
    return (
        contact.phone_number,
        str(contact.priority),
        contact.not_before.isoformat() if contact.not_before else "",
        contact.scenario,
        contact.campaign,
        listed.state.value,
        listed.result or "",
        str(contact.tried),
        listed.due_at.isoformat(),
        *(contact.fields.get(name, "") for name in fields),
    )
