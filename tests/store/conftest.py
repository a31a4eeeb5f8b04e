"""A book in each database that is to be had."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from callengine.model import SystemAmbient
from callengine.store import SqlBook, metadata


@pytest.fixture(params=["sqlite"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection to an empty database, in a transaction that is not kept."""
    assert request.param == "sqlite"
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def book(connection: Connection) -> SqlBook:
    return SqlBook(connection, SystemAmbient())
