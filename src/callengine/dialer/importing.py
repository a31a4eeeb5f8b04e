"""Contacts and numbers of files, carried to the store piece by piece."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path

import trio
from attrs import define, frozen

from callengine.dialer.contacts import Row, read_rows
from callengine.dialer.intake import Intake
from callengine.model import Ambient, Contact, Digits, Numbering, Writer

ROWS_AT_ONCE = 1000
"""Rows of one transaction: an engine that runs beside is not held up for longer than it takes to write them."""

REASON = "reason"
"""The column of a do-not-dial file that says why."""


@define
class Imported:
    """What came of a file.

    Attributes:
        accepted: rows that are new.
        repeated: rows whose number was known.
        refused: rows that cannot be used.
    """

    accepted: int = 0
    repeated: int = 0
    refused: int = 0

    def count(self, added: int, usable: int, refused: Sequence["RefusedRow"], refuse: "Refuse") -> None:
        """Count one piece of the file, and tell of its refused rows."""
        self.accepted += added
        self.repeated += usable - added
        self.refused += len(refused)
        for row in refused:
            refuse(row)


@frozen
class RefusedRow:
    """A row that cannot be used, and why."""

    line: int
    written: str
    reason: str


Refuse = Callable[[RefusedRow], None]
Advance = Callable[[int], None]
"""Told how many lines more of the file are done."""


async def import_contacts(path: Path, store: Writer, intake: Intake, refuse: Refuse, advance: Advance) -> Imported:
    """Put the contacts of a CSV file on the list of their campaign; those that are on it already stay as they are.

    Interrupted, it may be done again.

    Raises:
        ConfigError: as `read_rows`.
        StoreError: a piece could not be written; those before it are.
    """
    done = Imported()

    def read(source: Iterator[Row]) -> tuple[list[Contact], list[RefusedRow], int]:
        contacts, refused, line = list[Contact](), list[RefusedRow](), 0
        for row in islice(source, ROWS_AT_ONCE):
            line = row.line
            try:
                contacts.append(intake.contact(_usable(row), row.fields))
            except ValueError as error:
                refused.append(RefusedRow(row.line, row.written, str(error)))
        return contacts, refused, line

    with closing(read_rows(path)) as source:
        reached = 0
        while True:
            contacts, refused, line = await trio.to_thread.run_sync(read, source)
            if not contacts and not refused:
                return done
            added = await _added(store, contacts) if contacts else 0
            done.count(added, len(contacts), refused, refuse)
            advance(line - reached)
            reached = line


async def _added(store: Writer, contacts: list[Contact]) -> int:
    return await store.write(lambda book: book.contacts.add(contacts).added)


def _usable(row: Row) -> str:
    if row.refused:
        raise ValueError(row.refused)
    return row.written


async def import_blocked(
    path: Path, store: Writer, numbering: Numbering, ambient: Ambient, refuse: Refuse, advance: Advance
) -> Imported:
    """Put the numbers of a CSV file on the do-not-dial list, each with its `reason` where there is such a column.

    Raises:
        ConfigError: as `read_rows`.
        StoreError: a piece could not be written; those before it are.
    """
    done = Imported()

    def read(source: Iterator[Row]) -> tuple[dict[str, list[Digits]], list[RefusedRow], int]:
        numbers, refused, line = dict[str, list[Digits]](), list[RefusedRow](), 0
        for row in islice(source, ROWS_AT_ONCE):
            line = row.line
            try:
                numbers.setdefault(row.fields.get(REASON, ""), []).append(numbering.known(_usable(row)))
            except ValueError as error:
                refused.append(RefusedRow(row.line, row.written, str(error)))
        return numbers, refused, line

    with closing(read_rows(path)) as source:
        reached = 0
        while True:
            numbers, refused, line = await trio.to_thread.run_sync(read, source)
            if not numbers and not refused:
                return done
            added = await _blocked(store, numbers, ambient.wall())
            done.count(added, sum(map(len, numbers.values())), refused, refuse)
            advance(line - reached)
            reached = line


async def _blocked(store: Writer, numbers: dict[str, list[Digits]], at: datetime) -> int:
    return await store.write(lambda book: sum(book.do_not_dial.add(each, at, reason) for reason, each in numbers.items()))
