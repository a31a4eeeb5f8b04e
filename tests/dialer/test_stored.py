"""Contacts of the store, as the dialler is given them."""

from functools import partial

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from callengine.dialer import StoredContacts
from callengine.model import Attempt, AttemptState, Book, Contact, SeededAmbient
from callengine.store import MemoryBook, MemoryWriter
from tests.store.given import attempt_for, ended, person


def source(book: MemoryBook) -> StoredContacts:
    return StoredContacts(MemoryWriter(book), "main", SeededAmbient(1, trio.current_time), stay=False)


async def rehearsed(book: MemoryBook, contacts: StoredContacts) -> list[Contact]:
    """Whom a run in test mode calls, each written down as the dialler does."""
    called = []
    async for contact in contacts:
        attempt = attrs.evolve(attempt_for(contact, f"{len(book.attempts())}"), rehearsal=True)
        book.apply(partial(_intend, attempt))
        contacts.begun(attempt)
        book.apply(partial(_end, attempt))
        contacts.poke()
        called.append(contact)
    return called


def _intend(attempt: Attempt, book: Book) -> None:
    book.intend(attempt)


def _end(attempt: Attempt, book: Book) -> None:
    book.update(attrs.evolve(attempt, state=AttemptState.PLACED))
    book.update(ended(attempt))


async def test_a_run_in_test_mode_gets_each_contact_once_and_the_next_one_gets_them_again(autojump_clock: MockClock) -> None:
    book = MemoryBook()
    people = [person(name, place) for place, name in enumerate("abc")]
    book.apply(lambda page: page.contacts.add(people))
    for _ in range(2):
        assert await rehearsed(book, source(book)) == people


async def test_a_run_in_test_mode_ends_before_it_would_have_to_remember_too_many(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callengine.dialer.stored.MOST_REHEARSED", 2)
    book = MemoryBook()
    book.apply(lambda page: page.contacts.add(person(name, place) for place, name in enumerate("abc")))
    with capture_logs() as logs:
        assert len(await rehearsed(book, source(book))) == 2
    assert "start it again" in logs[-1]["event"]
