"""The calls under way, within reach of whoever ends them all."""

import trio
from attrs import define, field

from callengine import logs
from callengine.calls import Call
from callengine.engine.sight import Sight
from callengine.model import CallId, CallResult, Cause


@define(eq=False)
class LiveCalls:
    """Carries calls to their ends, whichever way they came about.

    Attributes:
        sight: keeps what may be kept of them.
    """

    sight: Sight
    _calls: dict[CallId, Call] = field(factory=dict, init=False)
    _over: bool = field(default=False, init=False)

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, call: CallId) -> Call | None:
        """A call that is under way."""
        return self._calls.get(call)

    async def carry(self, call: Call) -> CallResult:
        """Run a call to its end."""
        self._calls[call.id] = call
        self.sight.began(call.id, call.chart)
        if self._over:
            call.end(Cause.SHUTDOWN)
        try:
            with logs.context(call_id=call.id):
                return await call.run()
        finally:
            del self._calls[call.id]

    async def end(self) -> None:
        """Hang up all of them, and those that are yet to come at once."""
        self._over = True
        for call in tuple(self._calls.values()):
            call.end(Cause.SHUTDOWN)
            await trio.lowlevel.checkpoint()  # all at once would stall the loop for longer than Asterisk bears with
