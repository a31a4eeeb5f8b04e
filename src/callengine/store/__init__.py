"""The store: the book of contacts, attempts and results, in SQLite or PostgreSQL, or in memory."""

from callengine.store.address import free_mib
from callengine.store.book import SqlBook
from callengine.store.looking import StoreLook, look_at_store
from callengine.store.memory import MemoryBook, MemoryWriter
from callengine.store.sql import store_errors
from callengine.store.tables import metadata
from callengine.store.writer import Commits, DurableStore, Executor, Inline, InThread, open_store

__all__ = [
    "Commits",
    "DurableStore",
    "Executor",
    "InThread",
    "Inline",
    "MemoryBook",
    "MemoryWriter",
    "SqlBook",
    "StoreLook",
    "free_mib",
    "look_at_store",
    "metadata",
    "open_store",
    "store_errors",
]
