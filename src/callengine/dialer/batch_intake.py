"""What becomes of the rows of a panel's batch: new contacts, people who are known already, and those who cannot be called."""

from collections.abc import Callable, Iterable
from functools import partial

import structlog
import trio
from attrs import define, field

from callengine.errors import StoreError
from callengine.model import Ambient, Book, Contact, ContactId, Digits, Message, Source, Store
from callengine.panel import DUPLICATE_NUMBER, INVALID_NUMBER, Batch, PanelNumber, Reporter

CHUNK = 500
"""Rows written in one transaction."""

STORE_PAUSE = 5.0
"""Seconds until a store that failed is asked again."""

log = structlog.get_logger()

NumberRules = Callable[[str], Digits]
"""The digits of a number; ValueError for one that must not be called."""


@define
class _Sorted:
    """What a chunk of rows comes to."""

    contacts: list[Contact] = field(factory=list)
    reports: list[Message] = field(factory=list)

    def write(self, book: Book) -> int:
        for report in self.reports:
            book.outbox.post(report)
        return book.contacts.add(self.contacts).added


@define(eq=False)
class BatchIntake:
    """Takes one batch. One person is one contact.

    An id whose contact is open, or whose result the panel has not accepted yet, is not taken again; another id with the number
    of an open contact is reported.

    Attributes:
        added: contacts that are new.
        posted: reports of those who cannot be called.
    """

    batch: Batch
    campaign: str
    store: Store
    ambient: Ambient
    reporter: Reporter
    rules: NumberRules
    added: int = field(default=0, init=False)
    posted: int = field(default=0, init=False)
    _ids: set[str] = field(factory=set, init=False)
    _numbers: set[Digits] = field(factory=set, init=False)

    async def take(self) -> None:
        """Take every row. The store may fail meanwhile: nobody else knows of these people, so it is asked until it has them."""
        rows = self.batch.numbers
        for at in range(0, len(rows), CHUNK):
            chunk = [row for row in rows[at : at + CHUNK] if self._first(row)]
            while not await self._took(chunk):  # noqa: ASYNC110  # the store tells nobody that it works again
                await trio.sleep(STORE_PAUSE)

    def _first(self, row: PanelNumber) -> bool:
        first = row.reference not in self._ids
        self._ids.add(row.reference)
        return first

    async def _took(self, chunk: Iterable[PanelNumber]) -> bool:
        numbers = {row.reference: self._digits(row) for row in chunk}
        try:
            waiting, open_ids = await self.store.read(partial(_known, numbers))
            found = self._sorted([row for row in chunk if row.reference not in waiting], numbers, open_ids)
            if found.contacts or found.reports:
                self.added += await self.store.write(found.write)
        except StoreError as error:
            log.warning("A batch waits for the store", batch=self.batch.id, reason=str(error), retry_seconds=STORE_PAUSE)
            return False
        self.posted += len(found.reports)
        self._numbers.update(contact.number for contact in found.contacts)
        return True

    def _digits(self, row: PanelNumber) -> Digits | None:
        try:
            return self.rules(row.phone_number)
        except ValueError as error:
            log.warning("The panel gave a number that cannot be called", id=row.reference, reason=str(error))
            return None

    def _sorted(
        self, rows: Iterable[PanelNumber], numbers: dict[str, Digits | None], open_ids: dict[Digits, frozenset[str]]
    ) -> _Sorted:
        found = _Sorted()
        taken = set(self._numbers)
        for row in rows:
            digits = numbers[row.reference]
            if digits is None:
                found.reports.append(self.reporter.rejected(row, INVALID_NUMBER, self.batch.id))
            elif row.reference in open_ids[digits]:
                continue
            elif open_ids[digits] or digits in taken:
                found.reports.append(self.reporter.rejected(row, DUPLICATE_NUMBER, self.batch.id))
            else:
                taken.add(digits)
                found.contacts.append(self._contact(row, digits))
        return found

    def _contact(self, row: PanelNumber, digits: Digits) -> Contact:
        return Contact(
            ContactId(self.ambient.new_id()),
            digits,
            phone_number=row.phone_number,
            campaign=self.campaign,
            intent=f"panel:{self.batch.id}:{row.reference}",
            source=Source.PANEL,
            reference=row.reference,
            batch=self.batch.id,
        )


def _known(numbers: dict[str, Digits | None], book: Book) -> tuple[frozenset[str], dict[Digits, frozenset[str]]]:
    """Ids the panel is still to be told of, and by number the ids of open contacts; empty for who came from elsewhere."""
    waiting = frozenset(reference for reference in numbers if book.outbox.is_waiting(reference))
    asked = {digits for digits in numbers.values() if digits is not None}
    return waiting, {digits: _open_ids(book, digits) for digits in asked}


def _open_ids(book: Book, digits: Digits) -> frozenset[str]:
    return frozenset(listed.contact.reference for listed in book.contacts.find(digits, open_only=True))
