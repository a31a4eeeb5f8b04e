"""A queue: the customer stands in line until an operator takes the call, the time is over, or they press a key."""

import math
from contextlib import AbstractAsyncContextManager

import trio
from attrs import define, field

from callengine.calls.asking import pressed
from callengine.calls.company import in_company
from callengine.calls.context import CallContext
from callengine.calls.operator_leg import OperatorLeg, Seeking
from callengine.calls.search import Search, connect, roster_of
from callengine.calls.spoken import spoken
from callengine.fsm import Queue
from callengine.fsm.outcomes import ON_FAILURE, ON_LEAVE, ON_SUCCESS, ON_TIMEOUT
from callengine.fsm.steps import LONGEST_SYNTHESIS
from callengine.model import MomentKind, Outcome, TransferOutcome

RESTS = 10.0
"""Seconds for which an operator who did not take the call of a customer in a queue is not rung, by nobody."""


async def queue(call: CallContext, step: Queue) -> Outcome:
    """Connect the customer to the first operator who takes the call and can be bridged, however often it takes.

    Raises:
        AriLost: the PBX did not answer.
    """
    roster = roster_of(call, step)
    with call.services.operators.in_line(roster, patient=True) as place:
        search = _InLine(call, step, roster, place)
        async with call.beside(search.listen):
            outcome = await connect(search, RESTS)
    if outcome is TransferOutcome.COMPLETED:
        return ON_SUCCESS
    if not roster:
        return ON_FAILURE
    return ON_LEAVE if search.left else ON_TIMEOUT


@define
class _InLine(Search[Queue]):
    """Everybody again and again.

    Attributes:
        left: the customer pressed the key with which they leave.
    """

    left: bool = field(default=False, init=False)
    _deadline: float = field(init=False)
    _silence: float = field(init=False)
    """Seconds until the next announcement."""
    _ringing: trio.CancelScope = field(factory=trio.CancelScope, init=False)

    def __attrs_post_init__(self) -> None:
        self._deadline = trio.current_time() + self.step.timeout
        self._silence = self.step.every if self.step.position_text is None else 0.0

    async def next(self, seeking: Seeking) -> OperatorLeg | None:
        while self.roster and not self.left and trio.current_time() < self._deadline:
            with trio.CancelScope(deadline=self._deadline) as self._ringing:
                rung = await self.ring(seeking, self.roster, math.inf, self._deadline)
                if isinstance(rung, OperatorLeg):
                    return rung
        return None

    async def listen(self) -> None:
        """Wait for the key with which the customer leaves."""
        with self.call.services.pbx.router.subscribe(self.call.customer.id) as events:
            await pressed(events, (self.step.leave_key or "",))
        self.left = True
        self._ringing.cancel()

    def company(self) -> AbstractAsyncContextManager[None]:
        announces = self.roster and (self.step.prompt or self.step.position_text)
        return in_company(self.call, self._word) if announces else self.call.on_hold()

    async def _word(self) -> str:
        while True:
            await trio.sleep(self._silence)
            self._silence = self.step.every
            media = await self._announcement()
            if media is not None:
                return media

    async def _announcement(self) -> str | None:
        if self.step.position_text is None:
            return None if self.step.prompt is None else self.call.media(self.step.prompt)
        position = str(self.place.position)
        self.call.note(MomentKind.PROVIDER, "text to speech", f"position {position}")
        return await spoken(self.call, self.step.position_text, LONGEST_SYNTHESIS, {"position": position})
