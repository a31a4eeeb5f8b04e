"""What the rooms of the store share: upserts for both databases, JSON texts, and their errors in our words."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from msgspec import convert, to_builtins
from sqlalchemy import Connection, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from callengine.errors import StoreError
from callengine.model import CallResult

T = TypeVar("T")

Insert: TypeAlias = sqlite.Insert | postgresql.Insert
AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
"""Of a statement that says by itself what its columns are."""

AT_ONCE = 500
"""Rows that one statement looks up or writes."""

_text_of = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NO_FIELDS = "{}"


class Upsert:
    """An insert that says what happens when the row is there already, in the dialect of each database.

    Args:
        shape: completes the insert.
    """

    def __init__(self, table: Table, shape: Callable[[Insert], Insert]) -> None:
        self._by_dialect: Mapping[str, Executable] = {
            "sqlite": shape(sqlite.insert(table)).execution_options(preserve_rowcount=True),
            "postgresql": shape(postgresql.insert(table)).execution_options(preserve_rowcount=True),
        }

    def on(self, connection: Connection) -> Executable:
        """The statement as this database speaks it."""
        return self._by_dialect[connection.dialect.name]


def unless_there(table: Table) -> Upsert:
    """An insert that changes nothing where a row with one of the unique values is there."""
    return Upsert(table, lambda insert: insert.on_conflict_do_nothing())


@contextmanager
def store_errors() -> Iterator[None]:
    """Have what the database says be a `StoreError`.

    Raises:
        StoreError: in the words of the database, without the statement and what stood in it.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"the store failed: {getattr(error, 'orig', None) or error}") from error


def in_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Lists of at most `AT_ONCE`."""
    left = iter(values)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


def fields_text(fields: Mapping[str, str]) -> str:
    return _text_of(dict(fields)) if fields else _NO_FIELDS


def fields_of(text: str) -> dict[str, str]:
    return {} if text == _NO_FIELDS else convert(json.loads(text), dict[str, str])


def outcome_text(outcome: CallResult | None) -> str | None:
    """All of an outcome but what the customer said, which is kept apart so that it can be forgotten."""
    if outcome is None:
        return None
    told = to_builtins(outcome)
    del told["transcript"]
    return _text_of(told)


def outcome_of(text: str | None, transcript: str) -> CallResult | None:
    if text is None:
        return None
    return convert({**json.loads(text), "transcript": transcript}, CallResult)
