"""Work that goes on beside a step, in the call's own nursery: recorder, classifier, hold audio."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import trio
from attrs import define, field, frozen

from callengine.errors import CallEngineError

T = TypeVar("T")


@define(eq=False)
class Companion(Generic[T]):
    """One piece of work under way."""

    _scope: trio.CancelScope = field(factory=trio.CancelScope, init=False)
    _over: trio.Event = field(factory=trio.Event, init=False)
    _answers: list[T | CallEngineError] = field(factory=list, init=False)

    async def result(self) -> T:
        """Wait for what the work returns; it must not have been stopped.

        Raises:
            CallEngineError: as the work did; no error of that family crosses the call's nursery.
        """
        await self._over.wait()
        answer = self._answers[0]
        if isinstance(answer, CallEngineError):
            raise answer
        return answer

    async def run(self, work: Callable[[], Awaitable[T]]) -> None:
        """The task itself. A fault of our own ends the nursery, and with it whoever waits here."""
        try:
            with self._scope:
                self._answers.append(await work())
        except CallEngineError as error:
            self._answers.append(error)
        self._over.set()

    async def stop(self) -> None:
        """Cancel the work if it still goes on, and wait until it has ended."""
        self._scope.cancel()
        await self._over.wait()


@frozen
class Beside:
    """Starts work in a call's nursery for the time of an `async with` block."""

    _tasks: trio.Nursery

    @asynccontextmanager
    async def __call__(self, work: Callable[[], Awaitable[T]]) -> AsyncIterator[Companion[T]]:
        """Start the work; on leaving the block it is cancelled, if need be, and awaited."""
        companion: Companion[T] = Companion()
        self._tasks.start_soon(companion.run, work)
        try:
            yield companion
        finally:
            await companion.stop()
