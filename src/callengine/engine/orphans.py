"""Channels and bridges of our application that nobody holds."""

import math

import structlog
import trio

from callengine.ari import AriClient, Link, reconcile
from callengine.calls import Reaper
from callengine.errors import AriError

AGAIN = 10.0
"""Seconds until orphans that could not be cleared are tried again."""

CLEARED_WITHIN = 10.0
"""Seconds for clearing them once: an engine that is done sooner waits for it, or they would be left for ever."""

HEARD_WITHIN = 1.0
"""Seconds in which we hear of a caller whose channel is in a list already: they are no orphan."""

log = structlog.get_logger()


async def keep_clear_of_orphans(link: Link, client: AriClient, reaper: Reaper) -> None:
    """Each time the PBX is reached, clear what an earlier life of ours, or an event we missed, has left there."""
    while not link.replaced:
        patience = AGAIN
        try:
            await link.wait_up()
            with trio.move_on_after(CLEARED_WITHIN, shield=True) as clearing:
                await clear_orphans(client, reaper)
            if not clearing.cancelled_caught:
                patience = math.inf
        except AriError as error:
            log.warning("orphans are left", error=str(error))
        with trio.move_on_after(patience):
            await link.wait_down()


async def clear_orphans(client: AriClient, reaper: Reaper) -> None:
    """Hang up and delete what the PBX lists as ours and no estate holds. What belongs to other applications stays.

    Raises:
        AriError: the PBX did not do as asked, at least once; the others are cleared.
    """
    before = reaper.held
    channels, bridges = await client.list_channels(), await client.list_bridges()
    await trio.sleep(HEARD_WITHIN)
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
