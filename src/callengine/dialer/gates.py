"""What must be the case before a call is placed, all at once: the PBX is there, it is the hour, nobody has paused us."""

from collections.abc import Awaitable, Callable

import trio
from attrs import frozen


@frozen
class Gate:
    """One condition.

    Attributes:
        name: for whoever asks what holds calls back.
        is_open: whether it is met now; synchronous.
        wait_open: waits until it is; a spurious return does no harm.
    """

    name: str
    is_open: Callable[[], bool]
    wait_open: Callable[[], Awaitable[None]]


@frozen
class Gates:
    """Several conditions together."""

    each: tuple[Gate, ...] = ()

    @property
    def closed(self) -> str:
        """The name of the first that is not met; empty when calls may be placed."""
        return next((gate.name for gate in self.each if not gate.is_open()), "")

    async def wait_open(self) -> None:
        """Wait until all are met at the same moment."""
        await trio.lowlevel.checkpoint()
        while shut := [gate for gate in self.each if not gate.is_open()]:
            for gate in shut:
                await gate.wait_open()
            await trio.lowlevel.checkpoint()
