"""Where connections arrive: plain HTTP and event sockets are told apart, requests answered, mishaps let happen."""

import trio
from attrs import define

from callengine.simulator.asked import Asked, Refused
from callengine.simulator.channel_requests import originate, read_placing
from callengine.simulator.exchange import Exchange
from callengine.simulator.faults import Fault
from callengine.simulator.http import BadRequest, HttpConnection, Request, Response, basic_credentials, problem
from callengine.simulator.log import Kind
from callengine.simulator.routes import find
from callengine.simulator.socket import serve_events

_MAX_HEAD = 16_384


@define(eq=False)
class _Rewound(trio.abc.Stream):
    """A stream whose first bytes have been looked at and are read again."""

    _stream: trio.abc.Stream
    _seen: bytes

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        if self._seen:
            await trio.lowlevel.checkpoint()
            taken, self._seen = self._seen[:max_bytes], self._seen[len(self._seen[:max_bytes]) :]
            return taken
        return await self._stream.receive_some(max_bytes)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Unanswered(Exception):
    """The connection is to be closed in place of an answer."""


@define(eq=False)
class Reception:
    """Serves every connection of the PBX."""

    exchange: Exchange
    faults: list[Fault]
    _sessions: int = 0

    @property
    def nursery(self) -> trio.Nursery:
        return self.exchange.office.nursery

    async def serve(self, stream: trio.abc.Stream) -> None:
        """One connection, from its first byte to its end."""
        if self._sessions >= self.exchange.office.config.session_limit:
            await trio.aclose_forcefully(stream)
            return
        self._sessions += 1
        try:
            async with stream:
                await self._serve(stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError, _Unanswered):
            return
        finally:
            self._sessions -= 1

    async def _serve(self, stream: trio.abc.Stream) -> None:
        head = b""
        with trio.move_on_after(self.exchange.office.config.keep_alive):
            head = await _read_head(stream)
        if b"upgrade: websocket" in head.lower():
            await serve_events(self.exchange.office, _Rewound(stream, head))
        elif head:
            await self._serve_http(HttpConnection(stream, head))

    async def _serve_http(self, connection: HttpConnection) -> None:
        try:
            while (request := await connection.next_request(self.exchange.office.config.keep_alive)) is not None:
                await connection.respond(await self._answer(request))
        except BadRequest as error:
            await connection.respond(problem(400, str(error)))

    async def _answer(self, request: Request) -> Response:
        office = self.exchange.office
        if request.authorization != basic_credentials(office.config.username, office.config.password):
            return problem(401, "Authentication required")
        found = find(request.method, request.path)
        if isinstance(found, Response):
            return found
        handler, ids = found
        channel_id = self._note_arrival(request, ids) if handler is originate else ""
        before, after = self._held_back()
        if before:
            await trio.sleep(before)
        fault = await self._mishap(f"{request.method} {request.path}")
        try:
            if fault is not None and fault.status is not None:
                response = problem(fault.status, "Simulated fault")
            else:
                response = await handler(Asked(self.exchange, request, ids))
        except Refused as refused:
            response = refused.response
        if handler is originate and response.status != 200:
            office.log.note(Kind.REFUSED, channel_id, status=str(response.status))
        if fault is not None and fault.unanswered:
            raise _Unanswered
        if after:
            await trio.sleep(after)
        return response

    def _note_arrival(self, request: Request, ids: tuple[str, ...]) -> str:
        placing = read_placing(request, ids)
        self.exchange.office.log.note(
            Kind.ORIGINATE, placing.channel_id, line=placing.line, endpoint=placing.endpoint, customer=placing.customer
        )
        return placing.channel_id

    def _held_back(self) -> tuple[float, float]:
        """Seconds a request waits, and seconds its answer does: one of them is zero."""
        rng = self.exchange.office.ambient.rng
        pause = rng.random() * self.exchange.office.config.latency
        return (pause, 0.0) if rng.random() < 0.5 else (0.0, pause)

    async def _mishap(self, request: str) -> Fault | None:
        """The first fault that befalls this request; its delay is over when this returns."""
        rng = self.exchange.office.ambient.rng
        for fault in self.faults:
            if fault.befalls(request) and rng.random() < fault.chance:
                await trio.sleep(fault.seconds)
                return fault
        return None


async def _read_head(stream: trio.abc.Stream) -> bytes:
    """The first bytes of a connection, up to the end of a request's headers; fewer where the client closed early."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _MAX_HEAD:
        more = await stream.receive_some(_MAX_HEAD)
        if not more:
            break
        head += more
    return head
