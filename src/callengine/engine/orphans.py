"""Channels and bridges of our application that nobody holds."""

import structlog

from callengine.ari import AriClient, reconcile
from callengine.calls import Reaper
from callengine.errors import AriError

log = structlog.get_logger()


async def clear_orphans(client: AriClient, reaper: Reaper) -> None:
    """Hang up and delete what the PBX lists as ours and no estate holds. What belongs to other applications stays.

    Raises:
        AriError: the PBX did not do as asked, at least once; the others are cleared.
    """
    before = reaper.held
    channels, bridges = await client.list_channels(), await client.list_bridges()
    found = reconcile(client.app, channels, bridges, before=before, after=reaper.held)
    failures: list[AriError] = []
    for delete, orphans in ((client.hangup, found.hang_up), (client.delete_bridge, found.delete)):
        for orphan in orphans:
            try:
                await delete(orphan)
            except AriError as error:
                failures.append(error)
            else:
                log.warning("orphan cleared", object=orphan)
    if failures:
        raise failures[0]
