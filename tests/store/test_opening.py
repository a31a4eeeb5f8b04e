import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import attrs
import pytest
import trio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from callengine.errors import CallEngineError, ConfigError, StoreError
from callengine.model import Book, ChannelId, SystemAmbient
from callengine.store import free_mib, metadata, open_store
from callengine.store.address import address_of
from callengine.store.migrations import FOLDER, HEAD, KNOWN, upgrade

AMBIENT = SystemAmbient()


def note(book: Book) -> None:
    book.notebook.write("name", "value")


def noted(book: Book, name: str = "name") -> str | None:
    return book.notebook.read(name)


async def open_it(url: str) -> None:
    async with open_store(url, AMBIENT) as store:
        assert await store.read(noted) == "value"


def run_sql(url: str, statement: str) -> None:
    engine = create_engine(address_of(url).url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


async def test_migrations_make_the_tables_that_the_code_uses(url: str) -> None:
    async with open_store(url, AMBIENT):
        pass
    engine = create_engine(address_of(url).url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_this_version_knows_every_migration() -> None:
    script = ScriptDirectory(str(FOLDER))
    assert script.get_current_head() == HEAD
    assert {revision.revision for revision in script.walk_revisions()} == KNOWN


async def test_a_filled_store_is_opened_again_as_it_was(url: str) -> None:
    async with open_store(url, AMBIENT) as store:
        await store.write(note)
    await open_it(url)


async def test_a_store_of_a_newer_version_is_left_alone(url: str) -> None:
    async with open_store(url, AMBIENT) as store:
        await store.write(note)
    run_sql(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match=r"newer callengine .*9999.*install that version, or name another STORE_URL"):
        await open_it(url)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    run_sql(url, "CREATE TABLE outbox (another_program INTEGER)")
    with pytest.raises(StoreError, match="could not be brought up to date, and are as they were"):
        await open_it(url)
    run_sql(url, "INSERT INTO outbox VALUES (1)")
    with pytest.raises(StoreError, match="as they were"):
        await open_it(url)


FIRST_TABLES = (
    "INSERT INTO contacts (id, campaign, intent, number, phone_number, fields, source, reference, batch, priority, scenario,"
    " tried, state, queue, due_at) VALUES ('k', 'main', 'panel:7:17', '09121234567', '0912 123 4567', '{}', 'panel', '17', '7',"
    " 0, '', 0, 'pending', 'main', 0)",
    "INSERT INTO calls (call, caller, dialled, line, scenario, chart, arrived_at, transcript)"
    " VALUES ('in', '09130000001', '0211', '0211', 'sales', 'x', 1764000000.5, '')",
)
"""A contact and a call in progress, as the first version wrote them down."""


async def test_a_store_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(url: str) -> None:
    engine = create_engine(address_of(url).url)
    with engine.begin() as connection:
        upgrade(connection, "0001")
        for statement in FIRST_TABLES:
            connection.execute(text(statement))
    engine.dispose()
    async with open_store(url, AMBIENT, exclusive=True) as store:
        [call] = await store.read(lambda book: book.calls.unfinished())
        assert (call.caller, call.line, call.channel) == ("09130000001", "0211", None)
        [listed] = await store.read(lambda book: book.contacts.page())
        assert (listed.contact.reference, listed.contact.phone_number) == ("17", "0912 123 4567")
        assert await store.read(lambda book: book.contacts.open_references(["17", "18"])) == {"17": "09121234567"}
        await store.write(lambda book: book.receive(attrs.evolve(call, channel=ChannelId("77.1"))))
        [again] = await store.read(lambda book: book.calls.unfinished())
        assert again.channel == "77.1"
    engine = create_engine(address_of(url).url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_many_who_open_a_new_store_at_once_all_get_it(url: str) -> None:
    async def write(name: str) -> None:
        async with open_store(url, AMBIENT) as store:
            await store.write(lambda book: book.notebook.write(name, name))

    async with trio.open_nursery() as nursery:
        for number in range(8):
            nursery.start_soon(write, str(number))
    async with open_store(url, AMBIENT) as store:
        for number in range(8):
            assert await store.read(partial(noted, name=str(number))) is not None


def test_a_store_that_is_up_to_date_is_opened_without_alembic(file_url: str) -> None:
    program = (
        "import sys, trio; from callengine.model import SystemAmbient; from callengine.store import open_store\n"
        "async def main():\n"
        "    async with open_store(sys.argv[1], SystemAmbient()): pass\n"
        "trio.run(main); print('alembic' in sys.modules)"
    )
    source = str(Path(__file__).parents[2] / "src")
    run = partial(subprocess.run, env={"PYTHONPATH": source}, capture_output=True, text=True, check=True)
    said = [run([sys.executable, "-W", "error", "-c", program, file_url]).stdout.strip() for _ in range(2)]
    assert said == ["True", "False"]


def test_a_new_file_can_be_read_by_its_owner_alone(file_url: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_store(file_url, AMBIENT, exclusive=True) as store:
            await store.write(note)
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}

    trio.run(main)


async def test_a_damaged_file_is_named(file_url: str, tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match=r"store\.db is damaged or none of ours .*put a backup in its place"):
        await open_it(file_url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////nowhere/at/all/store.db", "folder of the store .* does not exist: create it"),
        ("sqlite:////tmp", "is a folder: name a file"),
        ("sqlite:////sys/store.db", "cannot be written to .* name another STORE_URL"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://me:secret@host/calls", "no address of a store"),
        ("postgresql://me:secret@host:port/calls", "no address of a store"),
        ("postgresql://me:secret@127.0.0.1:1/calls", "postgresql://me.*@127.0.0.1:1/calls"),
    ],
)
async def test_what_cannot_be_opened_is_told_without_a_password(url: str, says: str) -> None:
    with pytest.raises(CallEngineError, match=says) as caught:
        await open_it(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_without_its_library_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callengine.store.postgresql.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'callengine\[postgres\]'"):
        await open_it("postgresql://me@host/calls")


async def test_a_store_that_another_program_holds_is_given_up_after_a_while(
    file_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_store(file_url, AMBIENT):
        pass
    monkeypatch.setattr("callengine.store.sqlite.BUSY_SECONDS", 0.01)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    async with open_store(file_url, AMBIENT) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program for too long"):
            await store.write(note)
        other.execute("ROLLBACK")
        await store.write(note)
    other.close()


def test_free_disk_is_told_of_files_alone(tmp_path: Path) -> None:
    free = free_mib(f"sqlite:///{tmp_path}/store.db")
    assert free is not None and free > 0
    assert free_mib("sqlite:////nowhere/at/all/store.db") is None
    assert free_mib("postgresql://me@host/calls") is None
