"""Ports that more than one room stands on."""

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import trio

from callengine.model.book import Book

T = TypeVar("T")

StreamOpener = Callable[[], Awaitable[trio.abc.Stream]]
"""Opens one connection to the PBX: TCP in earnest, a bounded in-memory pipe in simulation. Raises OSError when it cannot."""


ScenarioSwitch = AsyncIterable[Sequence[str] | None]
"""Tells which scenarios are to be active from now on, as a panel does; None stands for all that are loaded."""


class Writer(Protocol):
    """Carries units of work to the book. When `write` returns, what the unit wrote is durable.

    Raises:
        StoreError: the unit was not written.
    """

    async def write(self, unit: Callable[[Book], T]) -> T: ...


class Store(Writer, Protocol):
    """A writer that reads, too. What `read` sees was committed; it waits for no writer."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write in it, too, so that who wants to know must look from time to time."""
        ...

    async def read(self, unit: Callable[[Book], T]) -> T:
        """Run a unit that writes nothing.

        Raises:
            StoreError: the store cannot be read.
        """
        ...
