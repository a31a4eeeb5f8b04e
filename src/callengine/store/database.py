"""A database that holds a store: opened, brought up to date, and worked with in transactions. Everything here blocks."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import outcome
from attrs import frozen
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from callengine.errors import ConfigError, StoreError
from callengine.model import Ambient, Book
from callengine.store import postgresql, sqlite
from callengine.store.address import Address
from callengine.store.book import SqlBook
from callengine.store.migrations import HEAD, KNOWN, revision_of, upgrade

T = TypeVar("T")
Unit = Callable[[Book], object]

_DAMAGED: Final = re.compile("not a database|malformed|disk I/O error|data corrupted|invalid page")
_FORBIDDEN: Final = re.compile(
    "unable to open|readonly|permission denied|authentication failed|does not exist|no password", re.I
)
_LOCKED: Final = re.compile("locked|lock timeout")


@frozen
class Database:
    """One store's database: a connection that writes, and another that reads.

    Attributes:
        writing: its connections hold the engine's lock, if there is to be one.
    """

    address: Address
    ambient: Ambient
    writing: Engine
    reading: Engine

    def write(self, units: Sequence[Unit]) -> list[outcome.Outcome[object]]:
        """Run units in one transaction, each in a savepoint of its own; what a unit raises is its outcome alone.

        Raises:
            StoreError: nothing was written.
            ConfigError: another engine runs on this store meanwhile.
        """
        with translated(self.address), self.writing.begin() as connection:
            return [self._one(connection, unit) for unit in units]

    def _one(self, connection: Connection, unit: Unit) -> outcome.Outcome[object]:
        savepoint = connection.begin_nested()
        came = outcome.capture(unit, SqlBook(connection, self.ambient))
        if isinstance(came, outcome.Value):
            savepoint.commit()
            return came
        if isinstance(came.error, DBAPIError) and came.error.connection_invalidated:
            raise came.error
        savepoint.rollback()
        if isinstance(came.error, SQLAlchemyError):
            return outcome.Error(translation(self.address, came.error))
        return came

    def read(self, unit: Callable[[Book], T]) -> T:
        """Run a unit that writes nothing, on what is committed.

        Raises:
            StoreError: the store cannot be read.
        """
        with translated(self.address), self.reading.begin() as connection:
            return unit(SqlBook(connection, self.ambient))

    def is_served(self) -> bool:
        """Whether an engine runs on this store, this process's own included.

        Raises:
            StoreError: the store cannot be read.
            ConfigError: the lock of its engine may not be looked at.
        """
        if self.address.path is not None:
            return sqlite.is_locked(self.address, self.address.path)
        with translated(self.address), self.reading.begin() as connection:
            return postgresql.is_locked(connection)

    def close(self) -> None:
        """Close every connection, and with them give the engine's lock back."""
        self.writing.dispose()
        self.reading.dispose()


def open_database(address: Address, ambient: Ambient, *, exclusive: bool) -> Database:
    """Open a store, and bring its tables up to date if they are older.

    Args:
        exclusive: hold the lock that one engine alone may hold.

    Raises:
        ConfigError: there can be no such store, another engine runs on it, or a newer version wrote it.
        StoreError: it cannot be opened, or not be brought up to date.
    """
    if address.path is None:
        writing, reading = postgresql.engines(address, exclusive=exclusive)
    else:
        writing, reading = sqlite.engines(address, address.path, exclusive=exclusive)
    database = Database(address, ambient, writing, reading)
    try:
        with _opening(address):
            _bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up_to_date(database: Database) -> None:
    with database.writing.connect() as connection:
        found = revision_of(connection)
        connection.rollback()
    if found == HEAD:
        return
    with database.writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            postgresql.lock_migrations(connection)
        found = revision_of(connection)  # another process may have done it while this one waited for the lock
        if found is not None and found not in KNOWN:
            raise ConfigError(
                f"the store {database.address.name} was written by a newer callengine (its tables are at {found}, this"
                f" version knows {HEAD}): install that version, or name another STORE_URL"
            )
        if found != HEAD:
            _migrate(connection, database.address)


def _migrate(connection: Connection, address: Address) -> None:
    try:
        upgrade(connection)
    except SQLAlchemyError as error:
        raise StoreError(
            f"the tables of the store {address.name} could not be brought up to date, and are as they were:"
            f" {address.reason(error)}"
        ) from None
    if revision_of(connection) != HEAD:
        raise StoreError(f"the tables of the store {address.name} are not at {HEAD} after their migration")


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Tell an error of the database in our own words."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translation(address, error) from None


@contextmanager
def _opening(address: Address) -> Iterator[None]:
    """While a store is opened, what it does not permit is a matter of settings."""
    try:
        with translated(address):
            yield
    except StoreError as error:
        if _FORBIDDEN.search(str(error)):
            raise ConfigError(
                f"{error}. See that it is there and that callengine may write to it, or name another STORE_URL"
            ) from None
        raise


def translation(address: Address, error: SQLAlchemyError) -> StoreError:
    """The error of ours that tells what became of the store, and what to do."""
    reason = address.reason(error)
    if _DAMAGED.search(reason):
        return StoreError(
            f"the store {address.name} is damaged or none of ours ({reason}): put a backup in its place,"
            " or name another STORE_URL"
        )
    if _LOCKED.search(reason):
        return StoreError(f"the store {address.name} is held by another program for too long ({reason}): try again")
    return StoreError(f"the store {address.name} failed: {reason}")
