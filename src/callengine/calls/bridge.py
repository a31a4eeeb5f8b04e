"""The bridge between the customer and an operator: proven before it counts, and taken apart where it fails."""

import structlog
import trio

from callengine.ari import AriClient, ChannelDestroyed, ChannelEnteredBridge, EventsLost, StasisEnd
from callengine.calls.context import CallContext
from callengine.calls.estate import Entry
from callengine.calls.legs import SAYS_SO_WITHIN, Leg
from callengine.errors import AriRefused
from callengine.model import ChannelId

BRIDGED_WITHIN = 5.0
"""Seconds from addChannel to ChannelEnteredBridge of both: the 204 alone does not mean bridged."""

log = structlog.get_logger()


async def bridged(call: CallContext, operator: Leg, bridge: Entry) -> bool:
    """Bridge both; where that fails, the customer is out of the bridge again and the operator is hung up."""
    try:
        if await _joined(call, operator, bridge):
            return True
        log.warning("not bridged", operator_left=operator.down.is_set())
    except AriRefused as refusal:
        log.warning("bridge failed", error=str(refusal))
        with trio.move_on_after(SAYS_SO_WITHIN):
            await operator.down.wait()
    await separate(call, operator, bridge)
    return False


async def separate(call: CallContext, operator: Leg, bridge: Entry) -> None:
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
