"""A book kept in memory: for simulations, tests, and runs that need not survive a restart."""

import sqlite3
import weakref
from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeVar

import trio
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool

from callengine.model import Ambient, Attempt, AttemptId, AttemptState, Book, Callback, Digits, Received, SystemAmbient
from callengine.store.book import SqlBook
from callengine.store.sql import store_errors
from callengine.store.tables import metadata

T = TypeVar("T")

BLOCKED = "blocked"
"""The reason of an entry of the do-not-dial list that was put there from outside of a call."""


@cache
def _blank() -> bytes:
    """A database with all tables and nothing in them; laying them out takes longer than many a simulated call."""
    blank = sqlite3.connect(":memory:")
    engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: blank)
    try:
        blank.execute("pragma page_size = 1024")
        metadata.create_all(engine)
        return blank.serialize()
    finally:
        engine.dispose()
        blank.close()


def _open() -> sqlite3.Connection:
    opened = sqlite3.connect(":memory:", check_same_thread=False)
    opened.deserialize(_blank())
    return opened


@cache
def _engine() -> Engine:
    """One for all books of the process, since it remembers the statements that it has compiled."""
    return create_engine("sqlite://", poolclass=NullPool, creator=_open)


class MemoryBook:
    """All that a store keeps, in a private database that is gone with this object.

    Args:
        do_not_dial: numbers `intend` refuses.
        ambient: tells when something that has no time of its own was written.
    """

    def __init__(self, do_not_dial: Iterable[Digits] = (), ambient: Ambient | None = None) -> None:
        self._connection: Connection = _engine().connect()
        self._book = SqlBook(self._connection, ambient or SystemAmbient())
        self.close = weakref.finalize(self, self._connection.close)
        numbers = tuple(do_not_dial)
        if numbers:
            self._block(numbers)

    def block(self, number: Digits) -> None:
        """Put a number on the do-not-dial list; intents from now on see it."""
        self._block([number])

    def _block(self, numbers: Iterable[Digits]) -> None:
        self.apply(lambda book: book.do_not_dial.add(numbers, self._book.ambient.wall(), BLOCKED))

    def apply(self, unit: Callable[[Book], T]) -> T:
        """Run a unit of work: all it wrote is kept when it returns, none of it when it raises."""
        with store_errors(), self._connection.begin():
            return unit(self._book)

    def look(self, unit: Callable[[Book], T]) -> T:
        """Run a unit that only reads: what it should write all the same is not kept."""
        with store_errors(), self._connection.begin() as transaction:
            try:
                return unit(self._book)
            finally:
                transaction.rollback()

    def attempt(self, attempt: AttemptId) -> Attempt | None:
        return self.look(lambda book: book.attempts.find(attempt))

    def attempts(self, state: AttemptState | None = None) -> tuple[Attempt, ...]:
        """Attempts in the order they were intended; all, or those in one state."""
        everything = self.look(lambda _: self._book.attempts.everything())
        return tuple(attempt for attempt in everything if state in (None, attempt.state))

    def do_not_dial(self) -> frozenset[Digits]:
        """The numbers that must not be dialled."""
        most = self.look(lambda book: book.do_not_dial.count())
        return frozenset(entry.number for entry in self.look(lambda book: book.do_not_dial.since(0, most)))

    def callbacks(self) -> tuple[Callback, ...]:
        """Who asked to be called back, in the order in which they did."""
        return tuple(self.look(lambda book: book.callbacks()))

    def received(self) -> tuple[Received, ...]:
        """Calls that came in, in the order of their arrival."""
        return self.look(lambda _: self._book.calls.everything())


class MemoryWriter:
    """Carries units of work to a book in memory, one after another; a `Store`.

    Args:
        shared: whether others than the one who writes here change the book, as a test may.
    """

    def __init__(self, book: MemoryBook, *, shared: bool = False) -> None:
        self._book = book
        self.shared = shared

    async def write(self, unit: Callable[[Book], T]) -> T:
        """Apply a unit. Cancelled, it was not applied."""
        await trio.lowlevel.checkpoint()
        return self._book.apply(unit)

    async def read(self, unit: Callable[[Book], T]) -> T:
        """Run a unit that writes nothing."""
        await trio.lowlevel.checkpoint()
        return self._book.look(unit)
