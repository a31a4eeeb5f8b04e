"""Stores for tests: files, databases with empty tables, and a book in each of the two."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine

from callengine.model import SystemAmbient
from callengine.store import SqlBook, metadata
from callengine.store.address import address_of
from tests.store.postgres import Server


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """An SQLite store that nobody has opened yet."""
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture(scope="session")
def postgres_tables(postgres: Server) -> Iterator[Engine]:
    """A database with empty tables, for tests that keep nothing in them."""
    engine = create_engine(address_of(postgres.fresh()).url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_tables() -> Iterator[Engine]:
    """A database in memory with empty tables."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection to an empty database, in a transaction that is not kept."""
    kind = "sqlite_tables" if request.param == "sqlite" else "postgres_tables"
    engine: Engine = request.getfixturevalue(kind)
    with engine.connect() as opened:
        yield opened


@pytest.fixture
def book(connection: Connection) -> SqlBook:
    return SqlBook(connection, SystemAmbient())
