"""Requests to the PBX: a bounded pool of kept-alive connections, and lanes of their own for what begins and what ends calls.

httpx would cost four to eight times as much a request. A request that creates something is never sent twice: whether its
loss means that nothing happened cannot be known, and a second originate rings a person twice.
"""

from urllib.parse import urlsplit

import h11
import trio
from attrs import define, field

from callengine.ari.config import AriConfig
from callengine.ari.connection import Connection, ConnectionBroken, Response
from callengine.errors import AriLost
from callengine.model import StreamOpener

MAX_BODY = 40_960
"""Bytes Asterisk accepts in a request's body."""

_REPEATABLE = frozenset({"GET", "DELETE"})
_UNAVAILABLE = 503
_ORIGINATE = ("POST", "/channels")


class AriUnavailable(AriLost):
    """The request was not carried out: no connection could be had, or the PBX is not fully booted (503)."""


@define
class _Errand:
    """A request on its way."""

    what: str
    request: h11.Request = field(repr=False)  # it carries the credentials
    body: bytes = field(repr=False)
    repeatable: bool
    sent: bool = False


@define
class _Lane:
    """Connections for one kind of request: the slots that bound them, and those at rest, the freshest last."""

    slots: trio.Semaphore
    idle: list[Connection] = field(factory=list)

    async def enter(self) -> None:
        """Take a slot; without a checkpoint where one is free, as an exchange has enough of them."""
        try:
            self.slots.acquire_nowait()
        except trio.WouldBlock:
            await self.slots.acquire()

    async def rested(self, max_age: float) -> Connection | None:
        """The freshest connection at rest; where even that is too old, all of them go."""
        if not self.idle:
            return None
        connection = self.idle.pop()
        if trio.current_time() - connection.used_at < max_age:
            return connection
        await connection.close()
        await self.close_idle()
        return None

    async def close_idle(self) -> None:
        while self.idle:
            await self.idle.pop().close()

    async def exchange(self, connection: Connection, errand: _Errand) -> Response:
        """Over this connection, which afterwards rests or, if it was left in mid-exchange, is closed."""
        errand.sent = True
        try:
            return await connection.exchange(errand.request, errand.body)
        finally:
            if connection.reusable:
                self.idle.append(connection)
            else:
                await connection.close()


class Transport:
    """Carries requests to one PBX and knows which may be sent again.

    DELETE has connections of its own, so that hangups never wait behind requests the PBX is slow with: `addChannel` waits
    as long as a prompt plays. So have originate requests: one that waited would hold up whoever is called next.
    """

    def __init__(self, config: AriConfig, opener: StreamOpener) -> None:
        parts = urlsplit(config.base_url)
        self._config = config
        self._opener = opener
        self._base = parts.path.rstrip("/")
        self._general = _Lane(trio.Semaphore(config.pool))
        self._reserved = _Lane(trio.Semaphore(config.reserved))
        self._placing = _Lane(trio.Semaphore(config.placing))
        headers = [(b"Host", parts.netloc.encode()), (b"Authorization", config.authorization)]
        self._headers = h11.Request(method="GET", target="/", headers=headers).headers

    async def request(self, method: str, path: str, *, query: str = "", body: bytes = b"") -> Response:
        """Send one request and wait for its answer, whatever its status (but 503).

        Cancelled, it closes the connection it used; the PBX may carry the request out all the same.

        Args:
            path: below the address of the PBX, beginning with a slash, percent-encoded.
            query: percent-encoded, without the question mark.
            body: JSON, at most 40,960 bytes.

        Raises:
            AriUnavailable: it was not carried out.
            AriLost: no answer within the time allowed, or the connection broke; it may have been carried out. Only GET and
                DELETE are sent again, and only when a connection at rest turns out to be dead before it answers anything.
            ValueError: the body is too large.
        """
        errand = self._errand(method, path, query, body)
        lane = self._lane(method, path)
        with trio.CancelScope(relative_deadline=self._config.timeout):
            await lane.enter()
            try:
                response = await self._carry_out(errand, lane)
            finally:
                lane.slots.release()
            if response.status == _UNAVAILABLE:
                raise AriUnavailable(f"{errand.what}: the PBX is not ready (503)")
            return response
        if errand.sent:
            raise AriLost(f"{errand.what}: no answer within {self._config.timeout:g} s")
        raise AriUnavailable(f"{errand.what}: no connection within {self._config.timeout:g} s")

    async def close_idle(self) -> None:
        """Close the connections at rest: the PBX is known to be gone, or nothing more will be asked of it."""
        await self._general.close_idle()
        await self._reserved.close_idle()
        await self._placing.close_idle()

    def _lane(self, method: str, path: str) -> _Lane:
        if (method, path) == _ORIGINATE:
            return self._placing
        return self._reserved if method == "DELETE" else self._general

    def _errand(self, method: str, path: str, query: str, body: bytes) -> _Errand:
        what = f"{method} {path}"
        if len(body) > MAX_BODY:
            raise ValueError(f"{what}: a body of {len(body)} bytes; Asterisk takes {MAX_BODY}")
        target = f"{self._base}{path}?{query}" if query else f"{self._base}{path}"
        request = h11.Request(method=method, target=target, headers=self._headers)
        if body:
            headers = [*self._headers, (b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))]
            request = h11.Request(method=method, target=target, headers=headers)
        return _Errand(what, request, body, repeatable=method in _REPEATABLE)

    async def _carry_out(self, errand: _Errand, lane: _Lane) -> Response:
        connection = await lane.rested(self._config.idle)
        if connection is not None:
            try:
                return await lane.exchange(connection, errand)
            except ConnectionBroken as error:
                if error.answered or not errand.repeatable:
                    raise AriLost(f"{errand.what}: {error}") from error
            await lane.close_idle()
        connection = await self._open(errand)
        try:
            return await lane.exchange(connection, errand)
        except ConnectionBroken as error:
            raise AriLost(f"{errand.what}: {error}") from error

    async def _open(self, errand: _Errand) -> Connection:
        try:
            with trio.fail_after(self._config.connect_timeout):
                stream = await self._opener()
        except OSError as error:
            raise AriUnavailable(f"{errand.what}: no connection: {error}") from error
        except trio.TooSlowError:
            raise AriUnavailable(f"{errand.what}: no connection within {self._config.connect_timeout:g} s") from None
        return Connection(stream, self._config.max_response)
