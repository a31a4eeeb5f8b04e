"""The search for an operator who takes the call, whichever step it is for: ring, bridge, go on where that fails."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Generic, TypeVar

import trio
from attrs import define, field

from callengine.calls.bridge import bridged, separate
from callengine.calls.context import CallContext
from callengine.calls.estate import Entry, Kind
from callengine.calls.operator_leg import Answer, OperatorLeg, Seeking, try_operator
from callengine.calls.whisper import whisper_media
from callengine.fsm import ToOperator
from callengine.lines import Place
from callengine.model import Cause, MomentKind, Operator, TransferOutcome

S = TypeVar("S", bound=ToOperator)


@define
class Search(ABC, Generic[S]):
    """Whom to ring next, until when, and what the customer hears meanwhile.

    Attributes:
        call: whose customer is to be connected.
        step: that wants it.
        roster: everybody who may be rung.
        place: of the customer in line.
        outcome: of the last operator tried.
    """

    call: CallContext
    step: S
    roster: tuple[Operator, ...]
    place: Place
    outcome: TransferOutcome = field(default=TransferOutcome.NO_OPERATOR, init=False)

    @abstractmethod
    async def next(self, seeking: Seeking) -> OperatorLeg | None:
        """Try operators until one takes the call; None when the search is over."""

    @abstractmethod
    def company(self) -> AbstractAsyncContextManager[None]:
        """Keep the customer company for the time of a block."""

    async def ring(
        self, seeking: Seeking, candidates: tuple[Operator, ...], wait: float, by: float
    ) -> OperatorLeg | Operator | None:
        """Ring one of the candidates, and note what came of it if they do not take the call.

        Args:
            wait: seconds to wait while all of them are busy.
            by: when they must have been rung, on trio's clock.

        Returns:
            who takes the call, or who was rung and does not, or None if there was nobody to be had.
        """
        answer: Answer = await self.call.tasks.start(try_operator, seeking, candidates, wait, by)
        if isinstance(answer, OperatorLeg):
            return answer
        if answer.operator is not None:
            self.failed(answer.operator, answer.outcome)
        return answer.operator

    def failed(self, operator: Operator, outcome: TransferOutcome) -> None:
        """The operator and the customer were not connected."""
        self.outcome = outcome
        self.call.note(MomentKind.TRANSFER, operator.id, outcome.value)


def roster_of(call: CallContext, step: ToOperator) -> tuple[Operator, ...]:
    """Whom the step may ring."""
    return call.services.operators.rosters.roster(step.agent_type, call.chart.scenario.name)


async def connect(search: Search[S], rest: float = 0.0) -> TransferOutcome:
    """Connect the customer to the first operator who takes the call and can be bridged.

    The operator's leg and the bridge outlive this function: they belong to the call, which ends when the operator leaves. An
    operator whom the customer talks with already is let go of first: the customer is passed on.

    Args:
        rest: seconds for which an operator who did not take the call is not rung, by nobody.

    Returns:
        `COMPLETED` when both are bridged; otherwise what came of the last operator tried.

    Raises:
        AriLost: the PBX did not answer.
    """
    call, memory = search.call, search.call.memory
    if memory.part is not None:
        await memory.part()
    memory.transferring, memory.transfer = True, None
    memory.waiting.wanted(trio.current_time())
    async with call.beside(partial(whisper_media, call, search.step)) as whisper:
        outcome = await _connect(search, Seeking(call, search.step, whisper.result, search.place, rest))
    memory.transferring, memory.transfer = False, outcome
    return outcome


async def _connect(search: Search[S], seeking: Seeking) -> TransferOutcome:
    call = search.call
    while True:
        async with search.company():
            taken = await search.next(seeking)
        if taken is None:
            call.memory.waiting.given_up(trio.current_time())
            return search.outcome
        bridge = call.customer.estate.enter(Kind.BRIDGE, call.services.pbx.ambient.new_id())
        if await bridged(call, taken.leg, bridge):
            _connected(call, taken, bridge)
            return TransferOutcome.COMPLETED
        search.failed(taken.operator, TransferOutcome.UNREACHABLE)


def _connected(call: CallContext, taken: OperatorLeg, bridge: Entry) -> None:
    # At once: whatever ends the call from here on, it ends one whose customer was connected.
    call.memory.transferring, call.memory.transfer = False, TransferOutcome.COMPLETED
    call.memory.waiting.bridged(trio.current_time())
    call.note(MomentKind.TRANSFER, taken.operator.id, TransferOutcome.COMPLETED.value)
    if taken.leg.down.is_set():
        call.end(Cause.PARTNER_GONE)
        return
    taken.connected()

    async def part() -> None:
        call.memory.part = None
        call.memory.waiting.parted(trio.current_time())
        taken.bridged = False
        await separate(call, taken.leg, bridge)

    call.memory.part = part
