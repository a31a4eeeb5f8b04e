"""The event socket: a websocket on the same port, one per client, for one application or several."""

from urllib.parse import parse_qs, urlsplit

import trio
from attrs import define, field
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, wrap_server_stream

from callengine.simulator.http import basic_credentials
from callengine.simulator.office import Office


@define(eq=False)
class EventSocket:
    """Sends events to one client, and closes when that client does not read."""

    _connection: WebSocketConnection
    _queue: trio.MemorySendChannel[bytes]
    _events: trio.MemoryReceiveChannel[bytes]
    _write_timeout: float
    _scope: trio.CancelScope = field(factory=trio.CancelScope)

    def offer(self, event: bytes) -> None:
        """Queue an event; one more than the queue holds closes the socket."""
        try:
            self._queue.send_nowait(event)
        except trio.WouldBlock:
            self.cut()

    def cut(self) -> None:
        """Close without a word."""
        self._scope.cancel()

    async def run(self) -> None:
        """Until the client closes, or does not read."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._read)
                await self._write()

    async def _write(self) -> None:
        try:
            async for event in self._events:
                with trio.fail_after(self._write_timeout):
                    await self._connection.send_message(event.decode())
        except (ConnectionClosed, trio.TooSlowError):
            self.cut()

    async def _read(self) -> None:
        """Keep reading, so that pings are answered; what clients send, nobody wants."""
        try:
            while True:
                await self._connection.get_message()
        except ConnectionClosed:
            self.cut()


async def serve_events(office: Office, stream: trio.abc.Stream) -> None:
    """Serve one websocket connection from its handshake to its end; the stream is closed afterwards."""
    async with stream, trio.open_nursery() as nursery:
        request = await wrap_server_stream(nursery, stream)
        apps = _applications(request)
        refusal = _refusal(office, request, apps)
        if refusal is not None:
            await request.reject(refusal)
        else:
            await _listen(office, request, apps)
        await trio.aclose_forcefully(stream)
        nursery.cancel_scope.cancel()


async def _listen(office: Office, request: WebSocketRequest, apps: list[str]) -> None:
    try:
        connection = await request.accept()
    except ConnectionClosed:
        return
    queue, events = trio.open_memory_channel[bytes](office.config.event_queue)
    socket = EventSocket(connection, queue, events, office.config.write_timeout)
    for app in apps:
        office.apps.connect(app, socket)
    try:
        await socket.run()
    finally:
        office.apps.disconnect(socket)


def _refusal(office: Office, request: WebSocketRequest, apps: list[str]) -> int | None:
    """The HTTP status to refuse a handshake with."""
    given = next((value for name, value in request.headers if name.lower() == b"authorization"), b"")
    if given != basic_credentials(office.config.username, office.config.password):
        return 401
    if not urlsplit(request.path).path.endswith("/ari/events"):
        return 404
    return None if apps else 400


def _applications(request: WebSocketRequest) -> list[str]:
    named = parse_qs(urlsplit(request.path).query).get("app", [])
    return [app for names in named for app in names.split(",") if app]
