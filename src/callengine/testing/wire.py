"""A web server on loopback that answers as it is told, odd answers included, and counts the connections that are open."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import h11
import trio
from attrs import define, field, frozen

_RECEIVE = 65_536


@frozen
class Reply:
    """What the server answers.

    Attributes:
        cut: bytes of the body after which the connection breaks off; None for the whole body.
        held: bytes of the body after which nothing more comes, until the client goes away; -1 for not even a head.
        pieces: in which the body is sent.
        pause: seconds before each further piece.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    cut: int | None = None
    held: int | None = None
    pieces: int = 1
    pause: float = 0.0


@frozen
class Asked:
    """A request that came. Names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@define(eq=False)
class Wire:
    """The server, as a test sees it. Made by `open_wire`.

    Attributes:
        url: where it is, without a slash at its end.
        replies: to the requests to come, in turn; the last one is given again and again.
        asked: the requests that came.
        open: connections that are open at this moment.
    """

    url: str
    replies: list[Reply] = field(factory=lambda: [Reply()])
    asked: list[Asked] = field(factory=list)
    open: int = 0
    _news: trio.Event = field(factory=trio.Event, init=False)

    def told(self, *replies: Reply) -> "Wire":
        """Answer so from now on, and forget what was asked."""
        self.replies, self.asked = list(replies), []
        return self

    async def wait_asked(self, times: int = 1) -> None:
        """Wait until so many requests have come."""
        while len(self.asked) < times:
            await self._news.wait()

    async def wait_quiet(self) -> None:
        """Wait until no connection is open."""
        while self.open:
            await self._news.wait()

    def _tell(self) -> None:
        self._news.set()
        self._news = trio.Event()

    async def _serve(self, stream: trio.SocketStream) -> None:
        self.open += 1
        try:
            async with stream:
                while await self._exchange(stream, h11.Connection(h11.SERVER)):
                    pass
        except (trio.BrokenResourceError, h11.RemoteProtocolError):
            pass  # the client went away, or speaks no HTTP: nobody is left to answer
        finally:
            self.open -= 1
            self._tell()

    async def _exchange(self, stream: trio.SocketStream, connection: h11.Connection) -> bool:
        """Answer one request; returns whether there may be another one."""
        asked = await _request(stream, connection)
        if asked is None:
            return False
        self.asked.append(asked)
        self._tell()
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await _answer(stream, connection, reply)


async def _request(stream: trio.SocketStream, connection: h11.Connection) -> Asked | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(bytes(await stream.receive_some(_RECEIVE)))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            return Asked(head.method.decode(), head.target.decode(), headers, bytes(body))
        else:
            return None


async def _answer(stream: trio.SocketStream, connection: h11.Connection, reply: Reply) -> bool:
    if reply.held == -1:
        return await _until_gone(stream)
    headers = {"Content-Length": str(len(reply.body)), **reply.headers}
    await _send(stream, connection, h11.Response(status_code=reply.status, headers=list(headers.items())))
    whole = len(reply.body)
    sent = reply.body[: min(whole if part is None else part for part in (reply.cut, reply.held))]
    size = max(1, -(-len(sent) // reply.pieces))
    for start in range(0, len(sent), size):
        if start and await _gone_within(stream, reply.pause):
            return False
        await _send(stream, connection, h11.Data(data=sent[start : start + size]))
    if reply.held is not None:
        return await _until_gone(stream)
    if len(sent) < whole:
        return False
    await _send(stream, connection, h11.EndOfMessage())
    return True


async def _send(stream: trio.SocketStream, connection: h11.Connection, event: h11.Event) -> None:
    data = connection.send(event)
    if data:
        await stream.send_all(data)


async def _gone_within(stream: trio.SocketStream, seconds: float) -> bool:
    with trio.move_on_after(seconds):
        await _until_gone(stream)
        return True
    return False


async def _until_gone(stream: trio.SocketStream) -> bool:
    while await stream.receive_some(_RECEIVE):
        pass
    return False


@asynccontextmanager
async def open_wire(*replies: Reply) -> AsyncIterator[Wire]:
    """Serve on a free port of loopback while the block runs."""
    async with trio.open_nursery() as nursery:
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        _, port = listener.socket.getsockname()
        wire = Wire(f"http://127.0.0.1:{port}", list(replies) or [Reply()])
        nursery.start_soon(trio.serve_listeners, wire._serve, [listener])
        try:
            yield wire
        finally:
            nursery.cancel_scope.cancel()
