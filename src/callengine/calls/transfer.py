"""Connecting the customer to a human: operators are tried in turn while the customer hears the hold audio."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

import structlog
import trio

from callengine.ari import ChannelEnteredBridge, Subscription
from callengine.calls.context import CallContext, OperatorEndpoint
from callengine.calls.estate import Entry, Kind
from callengine.calls.legs import SAYS_SO_WITHIN, Leg, LegState, Placement
from callengine.errors import AriError, AriRefused
from callengine.fsm.steps import LONGEST_TRANSFER
from callengine.model import BridgeId, Cause, ChannelId, LeaseRequest, MomentKind, Passage, Purpose

BRIDGED_WITHIN = 5.0
"""Seconds from addChannel to ChannelEnteredBridge of both: the 204 alone does not mean bridged."""

HOLD_PROMPT = "onhold"

log = structlog.get_logger()


async def transfer(call: CallContext) -> bool:
    """Connect the customer to the first operator who answers and can be bridged.

    The operator's leg and the bridge outlive this function: they belong to the call, which ends when the operator leaves.

    Returns:
        whether both are bridged; False when every operator was tried, or `LONGEST_TRANSFER` was over before the next.

    Raises:
        AriLost: the PBX did not answer.
    """
    call.memory.transferring = True
    operator = await _bridged(call)
    call.memory.transferring = False
    if operator is None:
        log.warning("No available agents", tried=len(call.services.rules.operators))
        return False
    call.tasks.start_soon(_until_gone, call, operator)
    return True


async def _bridged(call: CallContext) -> Leg | None:
    untried = _in_time(call.services.rules.operators)
    while (operator := await _first_to_answer(call, untried)) is not None:
        if await _bridge(call, operator):
            return operator
    return None


def _in_time(operators: Iterable[OperatorEndpoint]) -> Iterator[OperatorEndpoint]:
    deadline = trio.current_time() + LONGEST_TRANSFER
    return takewhile(lambda _: trio.current_time() < deadline, operators)


async def _first_to_answer(call: CallContext, untried: Iterator[OperatorEndpoint]) -> Leg | None:
    async with call.talk.hold(call.beside, call.chart.scenario.prompts.get(HOLD_PROMPT)):
        for operator in untried:
            leg = await _ring(call, operator)
            if leg is not None:
                return leg
    return None


async def _ring(call: CallContext, operator: OperatorEndpoint) -> Leg | None:
    """Ring an operator; None if nobody answered."""
    lines = call.services.lines
    if not operator.over_trunk:
        return await _dial(call, operator, lines.passage(), {})
    with trio.move_on_after(call.services.rules.operator_slot_wait) as patience:
        lease = await lines.lease(LeaseRequest(Purpose.OPERATOR))
    if patience.cancelled_caught:
        log.warning("no slot for an operator", operator=operator.name)
        return None
    return await _dial(call, operator, lease, {"CALLENGINE_LINE": lease.line.id})


async def _dial(call: CallContext, operator: OperatorEndpoint, passage: Passage, variables: Mapping[str, str]) -> Leg | None:
    rules, pbx = call.services.rules, call.services.pbx
    estate = pbx.reaper.open(call.id)
    estate.hold(passage)
    leg = Leg(
        id=ChannelId(pbx.ambient.new_id()),
        pbx=pbx,
        estate=estate,
        changed=lambda state: call.note(MomentKind.STATE, f"operator {state.value}", operator.name),
    )
    placement = Placement(
        operator.endpoint,
        call.customer_number or rules.operator_caller_id,
        rules.operator_timeout,
        {"CALLENGINE_CALL": call.id, **variables},
    )
    call.tasks.start_soon(_operator, leg, placement, passage)
    await leg.decided.wait()
    return leg if leg.state is LegState.UP else None


async def _operator(leg: Leg, placement: Placement, passage: Passage) -> None:
    """The operator's leg: rings, is bridged, leaves; whatever happens, the reaper gets what it owns."""
    try:
        await leg.dial(placement, passage, leg.pbx.ready)
    except AriError as error:
        log.warning("operator leg failed", error=str(error))
    finally:
        leg.pbx.reaper.take(leg.estate)


async def _until_gone(call: CallContext, operator: Leg) -> None:
    await operator.down.wait()
    call.end(Cause.PARTNER_GONE)


async def _bridge(call: CallContext, operator: Leg) -> bool:
    """Bridge both; where that fails, the customer is out of the bridge again and the operator is hung up."""
    ari = call.services.pbx.ari
    bridge = BridgeId(call.services.pbx.ambient.new_id())
    entry = call.customer.estate.enter(Kind.BRIDGE, bridge)
    try:
        if await _joined(call, operator, entry):
            return True
        log.warning("not bridged in time", seconds=BRIDGED_WITHIN)
    except AriRefused as refusal:
        log.warning("bridge failed", error=str(refusal))
        with trio.move_on_after(SAYS_SO_WITHIN):
            await operator.down.wait()
    if await ari.delete_bridge(bridge):
        entry.bury()
    operator.lost()
    return False


async def _joined(call: CallContext, operator: Leg, entry: Entry) -> bool:
    pbx, bridge = call.services.pbx, entry.id
    with pbx.router.subscribe(bridge) as events, trio.move_on_after(BRIDGED_WITHIN):
        await pbx.reaper.create(entry, lambda: pbx.ari.create_bridge(bridge))
        await pbx.ari.add_channel(bridge, call.customer.id, operator.id)
        await _entered(events, {call.customer.id, operator.id})
        return True
    return False


async def _entered(events: Subscription, awaited: set[ChannelId]) -> None:
    async for event in events:
        if isinstance(event, ChannelEnteredBridge):
            awaited.discard(ChannelId(event.channel.id))
        if not awaited:
            return
