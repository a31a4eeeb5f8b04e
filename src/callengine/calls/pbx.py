"""What every part of a call needs of the PBX, in one hand."""

from collections.abc import Awaitable, Callable

from attrs import frozen

from callengine.ari import AriClient, Router
from callengine.calls.reaper import Reaper
from callengine.model import Ambient


@frozen
class Pbx:
    """The PBX as a call sees it: requests, events, and who cleans up.

    Attributes:
        ready: waits until the event socket is up: a call placed without it would be answered by nobody.
    """

    ari: AriClient
    router: Router
    reaper: Reaper
    ambient: Ambient
    ready: Callable[[], Awaitable[None]]
