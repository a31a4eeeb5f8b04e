"""The steps that bring a database to the tables of this version, carried out by alembic when a store is opened."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

HEAD: Final = "0002"
"""The revision that this version works with."""

KNOWN: Final = frozenset({"0001", HEAD})
"""It and the earlier ones, from which it can be reached."""

FOLDER: Final = Path(__file__).parent


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; None for one that holds no store yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Bring a database to a revision, inside the transaction that the connection is in."""
    from alembic import command  # most starts need none of it, and it takes a while to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
