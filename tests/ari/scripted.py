"""A PBX that answers what a test tells it to, over streams in memory: HTTP by h11, the event socket by trio-websocket."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import h11
import trio
import trio.testing
from attrs import define, field, frozen
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

SECRET = "canary-7f3a"
STARTED = "2026-03-02T09:00:00.123-0600"


@frozen
class Request:
    method: str
    path: str
    """Below /ari, percent-encoding undone."""
    query: dict[str, str]
    raw_target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@frozen
class Reply:
    """An answer; `drop` closes the connection without one, `garbage` is sent as it is."""

    status: int = 200
    body: bytes = b"{}"
    after: float = 0.0
    close: bool = False
    drop: bool = False
    garbage: bytes = b""


Answer = Reply | Callable[[Request], Awaitable[Reply]]
"""What is answered; a function may do things first."""


def reply(value: object, status: int = 200, after: float = 0.0) -> Reply:
    return Reply(status, json.dumps(value).encode(), after)


class Replayed(trio.abc.Stream):
    """A stream whose first bytes were read already."""

    def __init__(self, first: bytes, stream: trio.abc.Stream) -> None:
        self.first = first
        self.stream = stream

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self.stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        first, self.first = self.first, b""
        return first or await self.stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        await self.stream.aclose()


@define(eq=False)
class ScriptedPbx:
    """Start `run` in a nursery, give `opener` to the client.

    Attributes:
        answers: by method and path below /ari; what is not there is answered 200 and {}.
        seen: every request, in order.
        opened: connections ever opened; `live` those the client has not closed.
    """

    answers: dict[tuple[str, str], Answer] = field(factory=dict)
    seen: list[Request] = field(factory=list)
    opened: int = 0
    live: int = 0
    most_live: int = 0
    down: bool = False
    sockets: list[WebSocketConnection] = field(factory=list)
    handshakes: list[float] = field(factory=list)
    handshake_heads: list[bytes] = field(factory=list)
    handshake_status: int = 101
    silent: trio.Event = field(factory=trio.Event)
    on_socket: Callable[[WebSocketConnection], Awaitable[None]] | None = None
    born: float = field(factory=trio.current_time)
    _new: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._new = trio.open_memory_channel[trio.abc.Stream](1000)
        self.answers[("GET", "/asterisk/info")] = reply({"system": {"version": "22.10.1"}, "status": {"startup_time": STARTED}})
        self.answers[("PUT", "/applications/callengine/eventFilter")] = reply({"name": "callengine"})

    async def opener(self) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        if self.down:
            raise ConnectionRefusedError("nobody listens")
        ours, theirs = trio.testing.memory_stream_pair()
        self._new[0].send_nowait(theirs)
        return ours

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        async with trio.open_nursery() as nursery:
            task_status.started()
            async for stream in self._new[1]:
                self.opened += 1
                nursery.start_soon(self._connection, stream, self.opened)

    async def tell(self, kind: str, **fields: object) -> None:
        """Send an event over the newest event socket."""
        event = {"type": kind, "timestamp": STARTED, "application": "callengine", "asterisk_id": "aa:bb", **fields}
        await self.sockets[-1].send_message(json.dumps(event))

    def elapsed(self) -> float:
        """Seconds since it was made; the clock of a test begins anywhere."""
        return trio.current_time() - self.born

    def requests(self, method: str, path: str) -> list[Request]:
        return [each for each in self.seen if (each.method, each.path) == (method, path)]

    async def _connection(self, stream: trio.abc.Stream, number: int) -> None:
        self.live += 1
        self.most_live = max(self.most_live, self.live)
        try:
            head = await self._head(stream)
            if b"pgrade: websocket" in head:
                self.handshakes.append(self.elapsed())
                self.handshake_heads.append(head)
                await self._socket(head, stream)
            elif head:
                await self._http(Replayed(head, stream), number)
        except trio.BrokenResourceError:
            pass
        finally:
            self.live -= 1
            await trio.aclose_forcefully(stream)

    @staticmethod
    async def _head(stream: trio.abc.Stream) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            data = await stream.receive_some(65536)
            if not data:
                return b""
            head += data
        return head

    async def _http(self, stream: trio.abc.Stream, number: int) -> None:
        http = h11.Connection(h11.SERVER)
        while True:
            request = await self._request(http, stream, number)
            if request is None:
                return
            self.seen.append(request)
            answer = self.answers.get((request.method, request.path), Reply())
            if callable(answer):
                answer = await answer(request)
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._watch, stream, scope)
                    await trio.sleep(answer.after)
                    nursery.cancel_scope.cancel()
            if scope.cancelled_caught or answer.drop:
                return
            if answer.garbage:
                await stream.send_all(answer.garbage)
                return
            await self._answer(http, stream, answer)
            if answer.close:
                return
            http.start_next_cycle()

    @staticmethod
    async def _watch(stream: trio.abc.Stream, scope: trio.CancelScope) -> None:
        """A client that closes while it waits is noticed; one that sends more would be a fault of the test."""
        assert not await stream.receive_some(1)
        scope.cancel()

    @staticmethod
    async def _request(http: h11.Connection, stream: trio.abc.Stream, number: int) -> Request | None:
        head, body = None, b""
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(bytes(await stream.receive_some(65536)))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return None
        assert head is not None
        target = head.target.decode()
        parts = urlsplit(target)
        return Request(
            head.method.decode(),
            unquote(parts.path.removeprefix("/ari")),
            {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            target,
            {name.decode(): value.decode() for name, value in head.headers},
            body,
            number,
        )

    @staticmethod
    async def _answer(http: h11.Connection, stream: trio.abc.Stream, answer: Reply) -> None:
        body = b"" if answer.status == 204 else answer.body
        headers = [("Content-Length", str(len(body)))] if answer.status != 204 else []
        data = http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
        if body:
            data += http.send(h11.Data(data=body)) or b""
        data += http.send(h11.EndOfMessage()) or b""
        await stream.send_all(data)

    async def _socket(self, head: bytes, stream: trio.abc.Stream) -> None:
        if self.handshake_status != 101:
            await stream.send_all(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.handshake_status)
            return
        async with trio.open_nursery() as reading:
            request = await wrap_server_stream(reading, Replayed(head, stream))
            socket = await request.accept()
            self.sockets.append(socket)
            async with trio.open_nursery() as serving:
                serving.start_soon(self._fall_silent, reading.cancel_scope)
                if self.on_socket is not None:
                    await self.on_socket(socket)
                with suppress(ConnectionClosed):
                    await socket.get_message()
                serving.cancel_scope.cancel()
        if self.silent.is_set():
            await trio.sleep_forever()

    async def _fall_silent(self, scope: trio.CancelScope) -> None:
        """From now on nothing is read, answered or closed, as behind a firewall that forgot the connection."""
        await self.silent.wait()
        scope.cancel()
