"""A websocket server on loopback that speaks as it is told, odd things included, and counts the connections that are open."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import trio
from attrs import define, field, frozen
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, wrap_server_stream

_RECEIVE = 65_536


@frozen
class Speech:
    """How the server treats one connection.

    Attributes:
        status: of its answer to the handshake; 101 takes the connection.
        body: of an answer that does not.
        headers: of such an answer.
        raw: what is sent instead of any answer, after which nothing more comes; None for an answer.
        says: what it says to the first message.
        breaks: bytes that it sends then and that need be no frame.
        closes: the code it closes with thereafter; 0 for none, and 1006 breaks off without a word.
        reason: that it gives for closing.
        deaf: whether it heeds nothing after the first message, not even that the client wants to close.
        ending: the message of the client after which it says the last things.
        last: what these are.
        closes_last: the code it closes with thereafter; 0 for none.
    """

    status: int = 101
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    raw: bytes | None = None
    says: tuple[str | bytes, ...] = ()
    breaks: bytes = b""
    closes: int = 0
    reason: str = ""
    deaf: bool = False
    ending: str = ""
    last: tuple[str | bytes, ...] = ()
    closes_last: int = 1000


@frozen
class Opened:
    """A connection that a client asked for. Names of headers are in lower case."""

    target: str
    headers: Mapping[str, str]
    said: list[str | bytes] = field(factory=list)

    @property
    def audio(self) -> bytes:
        """All binary messages, one after another."""
        return b"".join(message for message in self.said if isinstance(message, bytes))


@define(eq=False)
class SocketWire:
    """The server, as a test sees it. Made by `open_socket_wire`.

    Attributes:
        url: where it is, by http, without a slash at its end.
        speech: how it treats the connections to come.
        opened: the connections that clients asked for.
        open: connections that are open at this moment.
    """

    url: str
    speech: Speech = field(factory=Speech)
    opened: list[Opened] = field(factory=list)
    open: int = 0
    _news: trio.Event = field(factory=trio.Event, init=False)

    def told(self, speech: Speech) -> "SocketWire":
        """Speak so from now on, and forget who connected."""
        self.speech, self.opened = speech, []
        return self

    async def wait_open(self) -> None:
        """Wait until a connection is open."""
        while not self.open:
            await self._news.wait()

    async def wait_said(self, messages: int) -> None:
        """Wait until clients have said so many messages."""
        while sum(len(opened.said) for opened in self.opened) < messages:
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
        self._tell()
        try:
            async with stream:
                await self._treat(stream, self.speech)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the client went away: nobody is left to answer
        finally:
            self.open -= 1
            self._tell()

    async def _treat(self, stream: trio.SocketStream, speech: Speech) -> None:
        if speech.raw is not None:
            if speech.raw:
                await stream.send_all(speech.raw)
            await _until_gone(stream)
            return
        async with trio.open_nursery() as nursery:
            with suppress(ConnectionClosed):
                await self._talk(await wrap_server_stream(nursery, stream), speech, stream)
            nursery.cancel_scope.cancel()
        if speech.deaf:
            await _until_gone(stream)

    async def _talk(self, request: WebSocketRequest, speech: Speech, stream: trio.SocketStream) -> None:
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in request.headers}
        opened = Opened(request.path, headers)
        self.opened.append(opened)
        if speech.status != 101:
            length = {"Content-Length": str(len(speech.body))}
            extra = [(name.encode(), value.encode()) for name, value in {**length, **speech.headers}.items()]
            await request.reject(speech.status, extra_headers=extra, body=speech.body or None)
            return
        connection = await request.accept()
        while True:
            message = await connection.get_message()
            opened.said.append(message)
            self._tell()
            if len(opened.said) == 1 and not await _begins(connection, speech, stream):
                return
            if message == speech.ending:
                for says in speech.last:
                    await connection.send_message(says)
                if speech.closes_last:
                    await connection.aclose(speech.closes_last)


async def _begins(connection: WebSocketConnection, speech: Speech, stream: trio.SocketStream) -> bool:
    """Say what is said to the first message; returns whether there is anything to come."""
    for says in speech.says:
        await connection.send_message(says)
    if speech.breaks:
        await stream.send_all(speech.breaks)
    if speech.deaf or speech.closes == 1006:
        return False
    if speech.closes:
        await connection.aclose(speech.closes, speech.reason)
    return True


async def _until_gone(stream: trio.SocketStream) -> None:
    while await stream.receive_some(_RECEIVE):
        pass


@asynccontextmanager
async def open_socket_wire(speech: Speech | None = None) -> AsyncIterator[SocketWire]:
    """Serve on a free port of loopback while the block runs."""
    async with trio.open_nursery() as nursery:
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        _, port = listener.socket.getsockname()
        wire = SocketWire(f"http://127.0.0.1:{port}", speech or Speech())
        nursery.start_soon(trio.serve_listeners, wire._serve, [listener])
        try:
            yield wire
        finally:
            nursery.cancel_scope.cancel()
