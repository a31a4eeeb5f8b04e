"""The store: the book of contacts, attempts and results, in SQLite or PostgreSQL, or in memory."""

from callengine.store.book import SqlBook
from callengine.store.memory import MemoryBook, MemoryWriter
from callengine.store.sql import store_errors
from callengine.store.tables import metadata

__all__ = ["MemoryBook", "MemoryWriter", "SqlBook", "metadata", "store_errors"]
