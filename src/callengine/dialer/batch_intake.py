"""What becomes of the rows of a panel's batch: new contacts, people who are known already, and those who cannot be called."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

import structlog
import trio
from attrs import define, field, frozen

from callengine.errors import StoreError
from callengine.model import Ambient, Book, Contact, ContactId, Digits, Message, Source, Store
from callengine.panel import DUPLICATE_NUMBER, ID_REUSED, INVALID_NUMBER, Batch, PanelNumber, Reporter

CHUNK = 500
"""Rows written in one transaction."""

STORE_PAUSE = 5.0
"""Seconds until a store that failed is asked again."""

log = structlog.get_logger()

NumberRules = Callable[[str], Digits]
"""The digits of a number; ValueError for one that must not be called."""


_Read = tuple[PanelNumber, Digits | None]
"""A row, and its number as we write it; None for one that cannot be called."""


@define
class _Sorted:
    """What a chunk of rows comes to."""

    contacts: list[Contact] = field(factory=list)
    reports: list[Message] = field(factory=list)

    def write(self, book: Book) -> int:
        for report in self.reports:
            book.outbox.post(report)
        return book.contacts.add(self.contacts).added


@frozen
class _Standing:
    """What the store knows of the people in a chunk.

    Attributes:
        waiting: ids the panel is still to be told of.
        by_id: the number of each id whose contact is open.
        open: numbers of open contacts, whoever gave them.
    """

    waiting: frozenset[str]
    by_id: Mapping[str, Digits]
    open: frozenset[Digits]


@define(eq=False)
class BatchIntake:
    """Takes one batch. One person is one contact.

    An id whose contact is open, or whose result the panel has not accepted yet, is not taken again. Where it comes with another
    number than before, that row is reported: of two numbers under one id only the first is called, since the result of either
    would be taken for that of both. Another id with the number of an open contact is reported, too.

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
    _ids: dict[str, Digits | None] = field(factory=dict, init=False)
    _numbers: set[Digits] = field(factory=set, init=False)

    async def take(self) -> None:
        """Take every row. The store may fail meanwhile: nobody else knows of these people, so it is asked until it has them."""
        rows = self.batch.numbers
        for at in range(0, len(rows), CHUNK):
            chunk = [(row, self._digits(row)) for row in rows[at : at + CHUNK]]
            while not await self._took(chunk):  # noqa: ASYNC110  # the store tells nobody that it works again
                await trio.sleep(STORE_PAUSE)

    async def _took(self, chunk: Iterable[_Read]) -> bool:
        try:
            standing = await self.store.read(partial(_known, chunk))
            found, ids = self._sorted(chunk, standing)
            if found.contacts or found.reports:
                self.added += await self.store.write(found.write)
        except StoreError as error:
            log.warning("A batch waits for the store", batch=self.batch.id, reason=str(error), retry_seconds=STORE_PAUSE)
            return False
        self.posted += len(found.reports)
        self._ids = ids
        self._numbers.update(contact.number for contact in found.contacts)
        return True

    def _digits(self, row: PanelNumber) -> Digits | None:
        try:
            return self.rules(row.phone_number)
        except ValueError as error:
            log.warning("The panel gave a number that cannot be called", id=row.reference, reason=str(error))
            return None

    def _sorted(self, chunk: Iterable[_Read], standing: _Standing) -> tuple[_Sorted, dict[str, Digits | None]]:
        """What each row comes to, and the ids of the batch so far, with their numbers."""
        found, ids = _Sorted(), dict(self._ids)
        taken = {*self._numbers, *standing.open}
        for row, digits in chunk:
            first = row.reference not in ids
            before = standing.by_id.get(row.reference) if first else ids[row.reference]
            ids.setdefault(row.reference, digits if before is None else before)
            if first and row.reference in standing.waiting:
                continue
            wrong = self._wrong_with(digits, before, taken, first=first)
            if wrong:
                found.reports.append(self.reporter.rejected(row, wrong, self.batch.id))
            elif digits is not None and before is None and first:
                taken.add(digits)
                found.contacts.append(self._contact(row, digits))
        return found, ids

    def _wrong_with(self, digits: Digits | None, before: Digits | None, taken: Collection[Digits], *, first: bool) -> str:
        """Why a row is not taken and the panel is to be told; empty where nothing is wrong.

        Args:
            before: the number that the id came with earlier.
        """
        if digits is None:
            return INVALID_NUMBER if first or before is not None else ""
        if before is not None or not first:
            return "" if digits == before else ID_REUSED
        return DUPLICATE_NUMBER if digits in taken else ""

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


def _known(chunk: Iterable[_Read], book: Book) -> _Standing:
    ids = [row.reference for row, _ in chunk]
    return _Standing(
        frozenset(reference for reference in ids if book.outbox.is_waiting(reference)),
        book.contacts.open_references(ids),
        frozenset(digits for _, digits in chunk if digits is not None and book.contacts.find(digits, open_only=True)),
    )
