"""Channels and bridges of our application that nobody holds."""

import structlog

from callengine.ari import AriClient, reconcile
from callengine.calls import Reaper

log = structlog.get_logger()


async def clear_orphans(client: AriClient, reaper: Reaper) -> None:
    """Hang up and delete what the PBX lists as ours and no estate holds. What belongs to other applications stays.

    Raises:
        AriError: the PBX did not do as asked.
    """
    before = reaper.held
    channels, bridges = await client.list_channels(), await client.list_bridges()
    found = reconcile(client.app, channels, bridges, before=before, after=reaper.held)
    for channel in found.hang_up:
        log.warning("orphaned channel hung up", channel=channel)
        await client.hangup(channel)
    for bridge in found.delete:
        log.warning("orphaned bridge deleted", bridge=bridge)
        await client.delete_bridge(bridge)
