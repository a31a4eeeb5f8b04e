"""Stores for tests: files, and databases of a PostgreSQL server of the test session's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.postgres import Server, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for each process of the test session, started when the first test asks for it."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that nobody has opened yet, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server: Server = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """An SQLite store that nobody has opened yet."""
    return f"sqlite:///{tmp_path}/store.db"
