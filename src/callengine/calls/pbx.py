"""What every part of a call needs of the PBX, in one hand."""

from collections.abc import Awaitable, Callable

from attrs import frozen

from callengine.ari import AriClient, Router
from callengine.calls.reaper import Reaper
from callengine.errors import AriRefused
from callengine.model import Ambient

NOT_FOUND = 404
_ABSENT = frozenset({NOT_FOUND})


def always() -> bool:
    return True


@frozen
class Pbx:
    """The PBX as a call sees it: requests, events, and who cleans up.

    Attributes:
        ready: waits until the event socket is up: a call placed without it would be answered by nobody.
        in_reach: whether it is up at this moment.
    """

    ari: AriClient
    router: Router
    reaper: Reaper
    ambient: Ambient
    ready: Callable[[], Awaitable[None]]
    in_reach: Callable[[], bool] = always


async def found(request: Awaitable[object], absent: frozenset[int] = _ABSENT) -> bool:
    """Whether what a request concerns is there.

    Args:
        absent: the statuses that say it is not.

    Raises:
        AriRefused: for any other reason.
        AriLost: the PBX did not say.
    """
    try:
        await request
    except AriRefused as refusal:
        if refusal.status not in absent:
            raise
        return False
    return True
