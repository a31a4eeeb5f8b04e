"""How the PBX is reached, and the bounds of every wait on it."""

import re
from base64 import b64encode
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen
from attrs.validators import ge, gt

from callengine.errors import ConfigError

_APP = re.compile(r"[A-Za-z0-9_.-]+")


def _checked(url: str, schemes: tuple[str, ...]) -> SplitResult:
    """Raise ConfigError, without repeating the address, when it cannot be one of the PBX."""
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ConfigError(f"the address of the PBX must look like {schemes[0]}://host:8088/ari")
    if parts.username is not None or parts.query:
        raise ConfigError("the address of the PBX must hold neither credentials nor a query: both end up in logs")
    return parts


@frozen
class AriConfig:
    """One Asterisk and how patient we are with it. Times are seconds.

    Attributes:
        app: the Stasis application this engine answers for.
        base_url: of the REST interface.
        ws_url: of the event socket; empty means the one beside `base_url`.
        timeout: longest wait for one request, the wait for a free connection included.
        pool: connections at once for requests; Asterisk takes 100 in all unless told otherwise (`sessionlimit`).
        reserved: further connections, for DELETE alone, so that no hangup waits behind a slow request.
        placing: further connections, for originate requests alone, whose turn would pass while they wait.
        idle: age at which an unused connection is dropped; Asterisk closes it at 15.
        max_response: largest body accepted, in bytes; recordings may be megabytes.
        connect_timeout: longest wait for a connection or for the handshake of the event socket.
        ping_interval: between two pings of the event socket.
        ping_timeout: longest wait for the answer to one. A silent drop is found within interval + timeout.
        backoff_base: longest first wait before a reconnect; doubled with every failure.
        backoff_cap: longest wait before a reconnect.

    Raises:
        ConfigError: an address or the name of the application cannot be right.
    """

    app: str
    username: str
    password: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8088/ari"
    ws_url: str = ""
    timeout: float = field(default=10.0, validator=gt(0))
    pool: int = field(default=16, validator=ge(1))
    reserved: int = field(default=4, validator=ge(1))
    placing: int = field(default=16, validator=ge(1))
    idle: float = field(default=10.0, validator=gt(0))
    max_response: int = field(default=64 * 2**20, validator=ge(1))
    connect_timeout: float = field(default=5.0, validator=gt(0))
    ping_interval: float = field(default=5.0, validator=gt(0))
    ping_timeout: float = field(default=5.0, validator=gt(0))
    backoff_base: float = field(default=0.5, validator=gt(0))
    backoff_cap: float = field(default=30.0, validator=gt(0))

    def __attrs_post_init__(self) -> None:
        _checked(self.base_url, ("http", "https"))
        _checked(self.events_url, ("ws", "wss"))
        if not _APP.fullmatch(self.app):
            raise ConfigError(f"the application name {self.app!r} may hold letters, digits, '_', '-' and '.' only")

    @property
    def events_url(self) -> str:
        """Of the event socket."""
        return self.ws_url or f"ws{self.base_url.removeprefix('http').rstrip('/')}/events"

    @property
    def authorization(self) -> bytes:
        """The value of the Basic header; a URL or a log never holds it."""
        return b"Basic " + b64encode(f"{self.username}:{self.password}".encode())
