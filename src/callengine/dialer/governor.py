"""Holds new outbound calls back until pacing permits them."""

from collections.abc import Callable

import attrs
import trio

from callengine.dialer.pacing import Figures, Pacer

LOOK_AGAIN = 1.0
"""Seconds after which somebody who waits looks again at how things stand, if nobody poked."""


class Governor:
    """Permits outbound calls one by one.

    Args:
        figures: how things stand at this moment; asked only while somebody wants to call.
    """

    def __init__(self, pacer: Pacer, figures: Callable[[], Figures]) -> None:
        self._pacer = pacer
        self._figures = figures
        self._permitted = 0
        self._poked = trio.Event()

    @property
    def permitted(self) -> int:
        """Calls that were permitted and are not in the figures yet; they count as on the way."""
        return self._permitted

    async def allow(self) -> None:
        """Return when one more call may be placed now. It counts as on the way until `told`."""
        await trio.lowlevel.checkpoint()
        while not self._may():
            poked = self._poked
            with trio.move_on_after(LOOK_AGAIN):
                await poked.wait()
        self._permitted += 1

    async def ready(self) -> None:
        """The same for a dialler that calls one contact after the other.

        When it asks again, its last call is in the figures, or there will be none.
        """
        self.told()
        await self.allow()

    def told(self) -> None:
        """A call that was permitted is in the figures now, or will not be placed."""
        self._permitted = max(0, self._permitted - 1)
        self.poke()

    def poke(self) -> None:
        """Something changed: an operator is ready, a call is over. Who waits looks at once."""
        self._poked.set()
        self._poked = trio.Event()

    def _may(self) -> bool:
        if self._pacer.mode == "agentless":
            return True  # the lines alone hold these back
        figures = self._figures()
        return self._pacer.calls(attrs.evolve(figures, ringing=figures.ringing + self._permitted)) > 0
