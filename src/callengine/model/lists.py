"""Aggregates of the book: whom to call, and whom never to call."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from attrs import frozen

from callengine.model.contact import Contact, ContactState, Listed
from callengine.model.ids import ContactId, Digits


@frozen
class Added:
    """What came of adding contacts.

    Attributes:
        added: how many are new.
        repeated: those whose intent was known already, and who gave nothing new.
    """

    added: int
    repeated: tuple[Contact, ...] = ()


class Contacts(Protocol):
    """Whom to call, and where they are on the way to it."""

    def add(self, contacts: Iterable[Contact]) -> Added:
        """Put contacts on the list, pending; one whose campaign and intent are there already changes nothing."""
        ...

    def due(self, campaign: str, now: datetime, limit: int, beside: Collection[ContactId] = ()) -> tuple[Contact, ...]:
        """Pending contacts who may be called now: by priority, then the one due longest, then in the order they were added.

        Callbacks of every campaign are due in each.

        Args:
            beside: contacts that are known to be due and not asked for again.
        """
        ...

    def next_due(self, campaign: str, now: datetime, *, callbacks: bool = True) -> datetime | None:
        """When the next pending contact who is not due now will be; None if there is none.

        Args:
            callbacks: whether those who asked to be called back count.
        """
        ...

    def postpone(self, contact: ContactId, until: datetime) -> None:
        """Have a pending contact wait; any other stays as it is."""
        ...

    def recycle(self, contact: ContactId, due_at: datetime) -> None:
        """Make a contact pending again whose attempt is over."""
        ...

    def find(self, number: Digits, *, open_only: bool = False) -> tuple[Listed, ...]:
        """Contacts with this number, in the order they were added.

        Args:
            open_only: only those who are pending or being dialled.
        """
        ...

    def open_references(self, references: Collection[str]) -> Mapping[str, Digits]:
        """Which of these ids of the panel belong to somebody who is pending or being dialled, and to which number."""
        ...

    def page(
        self, *, campaign: str | None = None, state: ContactState | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[Listed, ...]:
        """Contacts in the order they were added, those after a serial."""
        ...

    def counts(self, campaign: str | None = None) -> Mapping[ContactState, int]:
        """How many are in each state; states without any are left out."""
        ...

    def campaigns(self) -> tuple[str, ...]:
        """All that have contacts, by name."""
        ...


@frozen
class Blocked:
    """An entry of the do-not-dial list.

    Attributes:
        serial: in the order in which entries were made; for whoever follows the list.
        reason: for people; `opted out` where the person asked for it in a call.
    """

    number: Digits
    serial: int
    at: datetime
    reason: str = ""


class DoNotDialList(Protocol):
    """Numbers that must not be dialled."""

    def add(self, numbers: Iterable[Digits], at: datetime, reason: str = "") -> int:
        """Returns how many were not on the list yet."""
        ...

    def remove(self, numbers: Iterable[Digits]) -> int:
        """Returns how many were on the list."""
        ...

    def holds(self, number: Digits) -> bool: ...

    def since(self, serial: int, limit: int = 1000) -> tuple[Blocked, ...]:
        """Entries made after a serial, the first made first."""
        ...

    def last_serial(self) -> int:
        """Of the entry made last; 0 before there is any."""
        ...

    def count(self) -> int: ...
