"""A second try beside a first one that is slow."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import trio
from attrs import define, field

from callengine.errors import ProviderError

T = TypeVar("T")


async def hedged(use: Callable[[], Awaitable[T]], after: float, spare: trio.CapacityLimiter) -> T:
    """Return what the first of two uses gives; the other one is cancelled.

    The second begins after so many seconds, and only if there is a place for it without a wait. Where both fail the first error
    counts; a use that fails before the second began is not repeated here.

    Raises:
        ProviderError: the use failed.
    """
    race = _Race[T]()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(race.run, use, nursery.cancel_scope)
        with trio.move_on_after(after):
            await race.first_over.wait()
        if not race.first_over.is_set():
            token = object()
            try:
                spare.acquire_on_behalf_of_nowait(token)
            except trio.WouldBlock:
                pass
            else:
                try:
                    await race.run(use, nursery.cancel_scope)
                finally:
                    spare.release_on_behalf_of(token)
    return race.result()


@define(eq=False)
class _Race(Generic[T]):
    answers: list[T] = field(factory=list)
    errors: list[ProviderError] = field(factory=list)
    first_over: trio.Event = field(factory=trio.Event)

    async def run(self, use: Callable[[], Awaitable[T]], both: trio.CancelScope) -> None:
        try:
            self.answers.append(await use())
        except ProviderError as error:
            self.errors.append(error)
        else:
            both.cancel()
        self.first_over.set()

    def result(self) -> T:
        if self.answers:
            return self.answers[0]
        raise self.errors[0]
