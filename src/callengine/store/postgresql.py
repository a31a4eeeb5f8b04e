"""A PostgreSQL database as a store: every wait for it is bounded on its side, and a lost connection is made again."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from callengine.errors import ConfigError
from callengine.store.address import Address
from callengine.store.sqlite import taken

if TYPE_CHECKING:
    import psycopg

ENGINE_LOCK: Final = 0x63616C6C656E67
"""The advisory lock that one engine alone holds in a database."""

MIGRATION_LOCK: Final = ENGINE_LOCK + 1

WAIT_SECONDS: Final = 5.0
"""How long one waits for another program's lock."""

_SETTINGS: Final = {
    "statement_timeout": "30s",
    "lock_timeout": f"{WAIT_SECONDS:.0f}s",
    "idle_in_transaction_session_timeout": "60s",
    "synchronous_commit": "on",
}
_LINK: Final = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_UNACKNOWLEDGED_MS: Final = 20_000

_IS_LOCKED: Final = text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
    " AND classid = :high AND objid = :low AND objsubid = 1)"
)
"""How PostgreSQL shows a lock whose key has 64 bits."""


def engines(address: Address, *, exclusive: bool) -> tuple[Engine, Engine]:
    """The engines that write and that read.

    Whoever writes holds the engine's lock, if there is to be one: a connection that is made anew takes it again, and
    where another engine has it meanwhile, nothing is written.

    Raises:
        ConfigError: the library for PostgreSQL is missing.
    """
    if find_spec("psycopg") is None:
        raise ConfigError(f"the store {address.name} needs a library: pip install 'callengine[postgres]'")
    writing = _engine(address)
    reading = _engine(address, isolation_level="REPEATABLE READ", default_transaction_read_only="on")
    if exclusive:

        @event.listens_for(writing, "connect")
        def _lock(connection: "psycopg.Connection[tuple[bool]]", entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
            found = connection.execute("SELECT pg_try_advisory_lock(%s)", (ENGINE_LOCK,)).fetchone()
            connection.commit()
            if found != (True,):
                connection.close()
                raise taken(address)

    return writing, reading


def is_locked(connection: Connection) -> bool:
    """Whether an engine runs on the database."""
    return bool(connection.execute(_IS_LOCKED, {"high": ENGINE_LOCK >> 32, "low": ENGINE_LOCK & 0xFFFFFFFF}).scalar())


def lock_migrations(connection: Connection) -> None:
    """Let no other process migrate until this transaction is over; migrations may take longer than other statements."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text("SET LOCAL statement_timeout = 0"))


def _engine(address: Address, isolation_level: str = "READ COMMITTED", **settings: str) -> Engine:
    given = address.url.query.get("options", "")
    ours = [f"-c {name}={value}" for name, value in {**_SETTINGS, **settings}.items()]
    options = " ".join([*ours, *([given] if isinstance(given, str) else given)]).strip()
    return create_engine(
        address.url.difference_update_query(["options"]),
        connect_args={
            **_LINK,
            "tcp_user_timeout": _UNACKNOWLEDGED_MS,
            "application_name": "callengine",
            "options": options,
        },
        isolation_level=isolation_level,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
