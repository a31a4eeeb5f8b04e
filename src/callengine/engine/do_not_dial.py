"""The do-not-dial list while the engine runs: other processes, too, put numbers on it."""

from collections.abc import Callable

import structlog
import trio
from attrs import define, field

from callengine.calls import Call
from callengine.dialer import Dialer
from callengine.errors import StoreError
from callengine.fsm import Chart
from callengine.model import CallId, Cause, Digits, Store

LOOK_EVERY = 1.0
"""Seconds between two looks at the list."""

LOOK_OFTEN = 0.1
"""The same while a call waits for its turn, having been found to be permitted before."""

log = structlog.get_logger()


@define(eq=False)
class DoNotDialWatch:
    """Withdraws calls to numbers that come onto the list, and hangs up those that ring; who has answered is left alone."""

    store: Store
    dialer: Dialer[Chart]
    call_of: Callable[[CallId], Call | None]
    _seen: int = field(default=0, init=False)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Look until cancelled."""
        self._seen = await self.store.read(lambda book: book.do_not_dial.last_serial())
        task_status.started()
        while self.store.shared:
            await trio.sleep(LOOK_OFTEN if self.dialer.awaits_turn else LOOK_EVERY)
            try:
                await self._look()
            except StoreError as error:
                log.warning("The do-not-dial list cannot be read", reason=str(error))

    async def _look(self) -> None:
        while entries := await self.store.read(lambda book: book.do_not_dial.since(self._seen)):
            self._seen = entries[-1].serial
            for entry in entries:
                self.block(entry.number)

    def block(self, number: Digits) -> None:
        """A number is on the list from now on."""
        for ringing in self.dialer.block(number):
            call = self.call_of(ringing)
            if call is not None:
                log.info("Call ended: the number is on the do-not-dial list now", call_id=ringing)
                call.end(Cause.DO_NOT_DIAL)
