"""Connecting the customer to a human: operators are tried in turn while the customer hears the hold audio."""

from functools import partial

import structlog
import trio
from attrs import define, field

from callengine.ari import AriClient, ChannelDestroyed, ChannelEnteredBridge, EventsLost, StasisEnd
from callengine.calls.context import CallContext
from callengine.calls.estate import Entry, Kind
from callengine.calls.legs import SAYS_SO_WITHIN, Leg
from callengine.calls.operator_leg import Answer, OperatorLeg, try_operator
from callengine.calls.whisper import Whisper, whisper_media
from callengine.errors import AriRefused
from callengine.fsm import TransferToOperator
from callengine.fsm.steps import LONGEST_TRANSFER
from callengine.model import Cause, ChannelId, MomentKind, Operator, TransferOutcome

BRIDGED_WITHIN = 5.0
"""Seconds from addChannel to ChannelEnteredBridge of both: the 204 alone does not mean bridged."""

log = structlog.get_logger()


async def transfer(call: CallContext, step: TransferToOperator) -> TransferOutcome:
    """Connect the customer to the first operator who takes the call and can be bridged.

    The operator's leg and the bridge outlive this function: they belong to the call, which ends when the operator leaves. An
    operator whom the customer talks with already is let go of first: the customer is passed on.

    Returns:
        `COMPLETED` when both are bridged; otherwise what came of the last operator tried, after every one was, or
        `LONGEST_TRANSFER` was over before the next.

    Raises:
        AriLost: the PBX did not answer.
    """
    if call.memory.part is not None:
        await call.memory.part()
    call.memory.transferring, call.memory.transfer = True, None
    async with call.beside(partial(whisper_media, call, step)) as whisper:
        outcome = await _connect(call, _Search(call, step, whisper.result))
    call.memory.transferring, call.memory.transfer = False, outcome
    if outcome is not TransferOutcome.COMPLETED:
        log.warning("No available agents", outcome=outcome.value)
    return outcome


@define
class _Search:
    """Who was tried so far, and what came of the last.

    Attributes:
        outcome: of the last operator tried.
    """

    _call: CallContext
    _step: TransferToOperator
    _whisper: Whisper
    outcome: TransferOutcome = field(default=TransferOutcome.NO_OPERATOR, init=False)
    _untried: tuple[Operator, ...] = field(init=False)
    _deadline: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        rosters = self._call.services.operators.rosters
        self._untried = rosters.roster(self._step.agent_type, self._call.chart.scenario.name)
        self._deadline = trio.current_time() + LONGEST_TRANSFER

    async def next(self) -> OperatorLeg | None:
        """Try operators until one takes the call; None when there is nobody left to try."""
        while self._untried and trio.current_time() < self._deadline:
            answer: Answer = await self._call.tasks.start(
                try_operator, self._call, self._step, self._untried, self._whisper, self._wait(), self._deadline
            )
            if answer.operator is None:
                return None
            self._untried = tuple(operator for operator in self._untried if operator.id != answer.operator.id)
            if isinstance(answer, OperatorLeg):
                return answer
            self.failed(answer.operator, answer.outcome)
        return None

    def failed(self, operator: Operator, outcome: TransferOutcome) -> None:
        """The operator and the customer were not connected."""
        self.outcome = outcome
        self._call.note(MomentKind.TRANSFER, operator.id, outcome.value)
        if outcome is TransferOutcome.NO_SLOT:  # nor is there one for the next: waiting again would only take longer
            self._untried = tuple(operator for operator in self._untried if not operator.over_trunk)

    def _wait(self) -> float:
        wait = self._call.services.rules.operator_wait if self._step.wait is None else self._step.wait
        return max(0.0, min(wait, self._deadline - trio.current_time()))


async def _connect(call: CallContext, search: _Search) -> TransferOutcome:
    while True:
        async with call.on_hold():
            taken = await search.next()
        if taken is None:
            return search.outcome
        bridge = call.customer.estate.enter(Kind.BRIDGE, call.services.pbx.ambient.new_id())
        if await _bridge(call, taken.leg, bridge):
            _connected(call, taken, bridge)
            return TransferOutcome.COMPLETED
        search.failed(taken.operator, TransferOutcome.UNREACHABLE)


def _connected(call: CallContext, taken: OperatorLeg, bridge: Entry) -> None:
    # At once: whatever ends the call from here on, it ends one whose customer was connected.
    call.memory.transferring, call.memory.transfer = False, TransferOutcome.COMPLETED
    call.note(MomentKind.TRANSFER, taken.operator.id, TransferOutcome.COMPLETED.value)
    if taken.leg.down.is_set():
        call.end(Cause.PARTNER_GONE)
        return
    taken.connected()

    async def part() -> None:
        call.memory.part = None
        taken.bridged = False
        await _separate(call, taken.leg, bridge)

    call.memory.part = part


async def _bridge(call: CallContext, operator: Leg, bridge: Entry) -> bool:
    """Bridge both; where that fails, the customer is out of the bridge again and the operator is hung up."""
    try:
        if await _joined(call, operator, bridge):
            return True
        log.warning("not bridged", operator_left=operator.down.is_set())
    except AriRefused as refusal:
        log.warning("bridge failed", error=str(refusal))
        with trio.move_on_after(SAYS_SO_WITHIN):
            await operator.down.wait()
    await _separate(call, operator, bridge)
    return False


async def _separate(call: CallContext, operator: Leg, bridge: Entry) -> None:
    """The customer is out of the bridge, and the operator is hung up."""
    if await call.services.pbx.ari.delete_bridge(bridge.id):
        bridge.bury()
    operator.let_go()


async def _joined(call: CallContext, operator: Leg, entry: Entry) -> bool:
    """Wait until both are in the bridge; False when the operator leaves first, or it takes too long."""
    pbx, bridge = call.services.pbx, entry.id
    with pbx.router.subscribe(bridge, operator.id) as events, trio.move_on_after(BRIDGED_WITHIN):
        await pbx.reaper.create(entry, lambda: pbx.ari.create_bridge(bridge))
        await pbx.ari.add_channel(bridge, call.customer.id, operator.id)
        awaited = {call.customer.id, operator.id}
        while awaited:
            match await events.receive():
                case ChannelEnteredBridge(channel=channel):
                    awaited.discard(ChannelId(channel.id))
                case StasisEnd(channel=channel) | ChannelDestroyed(channel=channel) if channel.id == operator.id:
                    return False
                case EventsLost():
                    awaited -= await _members(pbx.ari, bridge)
        return True
    return False


async def _members(ari: AriClient, bridge: str) -> set[str]:
    return {channel for each in await ari.list_bridges() if each.id == bridge for channel in each.channels}
