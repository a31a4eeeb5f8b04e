"""The book of attempts."""

from callengine.store.memory import MemoryBook, MemoryWriter

__all__ = ["MemoryBook", "MemoryWriter"]
