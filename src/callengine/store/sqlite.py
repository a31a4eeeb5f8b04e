"""An SQLite file as a store: durable when a commit returns, read while it is written to."""

import errno
import fcntl
import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from callengine.errors import ConfigError
from callengine.store.address import Address

BUSY_SECONDS: Final = 5.0
"""How long one waits for another process that writes."""

_RETRY_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 0.2
"""So long an engine waits for its lock: others that only look whether it is held hold it for a moment."""
_PRIMARY: Final = 0xFF
"""The part of SQLite's extended error codes that tells the kind."""

_ONLY_FOR_US: Final = 0o600


def engines(address: Address, path: Path, *, exclusive: bool) -> tuple[Engine, Engine]:
    """The engines that write and that read; the first one holds the lock of the file until it is disposed of.

    Raises:
        ConfigError: there can be no such file, or another engine runs on it.
    """
    _make(address, path)
    lock = _locked(address, path) if exclusive else None
    writing, reading = _engine(path), _engine(path)

    @event.listens_for(writing, "engine_disposed")
    def _unlock(engine: Engine) -> None:  # noqa: ARG001
        nonlocal lock
        if lock is not None:
            os.close(lock)
            lock = None

    @event.listens_for(writing, "connect")
    def _to_write(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
        _keep_a_log(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(writing, "begin")
    def _begin_to_write(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(reading, "connect")
    def _to_read(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
        connection.execute("PRAGMA query_only=ON")

    @event.listens_for(reading, "begin")
    def _begin_to_read(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return writing, reading


def _engine(path: Path) -> Engine:
    return create_engine(
        f"sqlite:///{path}",
        # Transactions are begun by us: the driver would begin none before a SELECT or a savepoint.
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": BUSY_SECONDS},
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
    )


def _make(address: Address, path: Path) -> None:
    """See that the file is there; a new one can be read by its owner alone, and so can what SQLite puts beside it."""
    if path.is_dir():
        raise ConfigError(f"the store {address.name} is a folder: name a file in STORE_URL")
    if not path.parent.is_dir():
        raise ConfigError(f"the folder of the store {address.name} does not exist: create it, or name another STORE_URL")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _ONLY_FOR_US))
    except FileExistsError:
        # Not opened, just to see: closing it would give up the locks that SQLite holds elsewhere in this process.
        if not os.access(path, os.R_OK | os.W_OK):
            raise _forbidden(address, os.strerror(errno.EACCES)) from None
    except OSError as error:
        raise _forbidden(address, str(error.strerror)) from None


def _forbidden(address: Address, reason: str) -> ConfigError:
    return ConfigError(
        f"the store {address.name} cannot be written to ({reason}): see that callengine may write to the file and its"
        " folder, or name another STORE_URL"
    )


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Have the file written by way of a log, as it stays from then on.

    Where two do this at once SQLite refuses the second without waiting, whatever its timeout.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _locked(address: Address, path: Path) -> int:
    try:
        lock = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _ONLY_FOR_US)
    except OSError as error:
        raise _forbidden(address, str(error.strerror)) from None
    until = time.monotonic() + _LOOK_SECONDS
    while not _took(lock, fcntl.LOCK_EX):
        if time.monotonic() > until:
            os.close(lock)
            raise taken(address)
        time.sleep(_RETRY_SECONDS)
    return lock


def is_locked(address: Address, path: Path) -> bool:
    """Whether an engine runs on the file.

    Raises:
        ConfigError: its lock may not be looked at.
    """
    try:
        lock = os.open(_lock_of(path), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _forbidden(address, str(error.strerror)) from None
    try:
        return not _took(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _took(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def taken(address: Address) -> ConfigError:
    """What is said where two engines would share a store."""
    return ConfigError(f"another engine runs on {address.name}: stop it, or give this one a STORE_URL of its own")
