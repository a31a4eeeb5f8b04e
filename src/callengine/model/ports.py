"""Ports that more than one room stands on."""

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import trio

from callengine.model.call import Attempt, Callback, Received
from callengine.model.ids import Digits

T = TypeVar("T")

StreamOpener = Callable[[], Awaitable[trio.abc.Stream]]
"""Opens one connection to the PBX: TCP in earnest, a bounded in-memory pipe in simulation. Raises OSError when it cannot."""


ScenarioSwitch = AsyncIterable[Sequence[str] | None]
"""Tells which scenarios are to be active from now on, as a panel does; None stands for all that are loaded."""


class Book(Protocol):
    """What a unit of work may do to the book of attempts, inside its transaction."""

    def intend(self, attempt: Attempt) -> None:
        """Write down an attempt that will be made.

        Raises:
            DoNotDial: the number is on the do-not-dial list; nothing is written.
        """
        ...

    def decline(self, attempt: Attempt) -> None:
        """Write down an attempt that will not be made, with its reason: it is over (`NEVER_PLACED`) before it began."""
        ...

    def update(self, attempt: Attempt) -> None:
        """Replace the record of an attempt by its newer state; a settled attempt stays as it is."""
        ...

    def receive(self, received: Received) -> None:
        """Write down a call that came in, or replace its record; one that has its outcome stays as it is."""
        ...

    def permit(self, number: Digits) -> None:
        """Look once more whether a number may be dialled: long after its intent was written somebody may have opted out.

        Raises:
            DoNotDial: the number is on the do-not-dial list.
        """
        ...

    def opt_out(self, number: Digits) -> None:
        """Put a number on the do-not-dial list: no intent for it is written from now on."""
        ...

    def call_back(self, callback: Callback) -> None:
        """Write down that somebody is to be called back."""
        ...


class Writer(Protocol):
    """Carries units of work to the book. When `write` returns, what the unit wrote is durable.

    Raises:
        StoreError: the unit was not written.
    """

    async def write(self, unit: Callable[[Book], T]) -> T: ...
