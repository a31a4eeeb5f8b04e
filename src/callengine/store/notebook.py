"""Single values under a name."""

from attrs import frozen
from sqlalchemy import Connection, bindparam, select

from callengine.store.sql import Upsert
from callengine.store.tables import notebook

_READ = select(notebook.c.value).where(notebook.c.name == bindparam("name"))
_WRITE = Upsert(
    notebook, lambda insert: insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
)


@frozen
class SqlNotebook:
    """A `Notebook` in the database."""

    connection: Connection

    def read(self, name: str) -> str | None:
        return self.connection.execute(_READ, {"name": name}).scalar()

    def write(self, name: str, value: str) -> None:
        self.connection.execute(_WRITE.on(self.connection), {"name": name, "value": value})
