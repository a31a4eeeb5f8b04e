"""A bare ARI client for these tests: no engine, just requests and events."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import h11
import trio
from attrs import define, field
from trio_websocket import ConnectionClosed, wrap_client_stream

from callengine.model import SeededAmbient, StreamOpener
from callengine.simulator import PbxConfig, People, SimulatedPbx

Document = dict[str, object]
BASIC = b"Basic " + b64encode(b"callengine:callengine")


@define
class Answer:
    """What a request got."""

    status: int
    body: bytes

    def json(self) -> Document:
        document = json.loads(self.body)
        assert isinstance(document, dict)
        return document

    def rows(self) -> list[Document]:
        rows = json.loads(self.body)
        assert isinstance(rows, list)
        return rows


async def exchange(stream: trio.abc.Stream, connection: h11.Connection, method: str, target: str, body: bytes = b"") -> Answer:
    """One request and its answer on a kept-alive connection."""
    headers = [("Host", "pbx"), ("Authorization", BASIC.decode()), ("Content-Length", str(len(body)))]
    start = connection.send(h11.Request(method=method, target="/ari" + target, headers=headers))
    assert start is not None
    await stream.send_all(start + (connection.send(h11.Data(data=body)) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    status, received = 0, b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(bytes(await stream.receive_some(65536)))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            received += event.data
        elif isinstance(event, h11.EndOfMessage):
            connection.start_next_cycle()
            return Answer(status, received)
        else:
            raise trio.BrokenResourceError("the PBX closed the connection")


@define(eq=False)
class Client:
    """Requests over a small pool, and every event ever received."""

    opener: StreamOpener
    nursery: trio.Nursery
    events: list[Document] = field(factory=list)
    changed: trio.Condition = field(factory=trio.Condition)
    idle: list[tuple[trio.abc.Stream, h11.Connection]] = field(factory=list)

    async def request(self, method: str, target: str, body: Document | None = None) -> Answer:
        stream, connection = self.idle.pop() if self.idle else (await self.opener(), h11.Connection(h11.CLIENT))
        answer = await exchange(stream, connection, method, target, json.dumps(body).encode() if body else b"")
        self.idle.append((stream, connection))
        return answer

    async def listen(self, app: str = "callengine") -> trio.CancelScope:
        """Open an event socket; cancelling the scope returned stops reading it."""
        headers = [(b"Authorization", BASIC)]
        stream = await self.opener()
        socket = await wrap_client_stream(
            self.nursery,
            stream,  # type: ignore[arg-type]  # annotated too narrowly: any stream will do
            "pbx",
            f"/ari/events?app={app}",
            extra_headers=headers,
        )
        scope = trio.CancelScope()

        async def read() -> None:
            try:
                with scope:
                    while True:
                        await self.hear(json.loads(await socket.get_message()))
            except ConnectionClosed:
                await self.hear({"type": "closed"})
            finally:
                await trio.aclose_forcefully(stream)

        self.nursery.start_soon(read)
        return scope

    async def aclose(self) -> None:
        """Close the idle connections."""
        for stream, _ in self.idle:
            await trio.aclose_forcefully(stream)

    async def hear(self, event: Document) -> None:
        self.events.append(event)
        async with self.changed:
            self.changed.notify_all()

    async def wait(self, kind: str, matches: Callable[[Document], bool] = lambda _: True, seconds: float = 300) -> Document:
        """The first event of a type that matches, past or future."""
        with trio.fail_after(seconds):
            seen = 0
            while True:
                while seen < len(self.events):
                    event = self.events[seen]
                    seen += 1
                    if event["type"] == kind and matches(event):
                        return event
                async with self.changed:
                    if seen == len(self.events):
                        await self.changed.wait()

    async def originate(self, number: str = "09120000001", channel: str = "c" * 36, **more: object) -> Answer:
        body: Document = {"endpoint": f"PJSIP/{number}@trunk", "app": "callengine", "channelId": channel, **more}
        return await self.request("POST", "/channels", body)

    async def answered(self, number: str = "09120000001", channel: str = "c" * 36, **more: object) -> str:
        """Originate, and wait until the channel is in the application."""
        assert (await self.originate(number, channel, **more)).status == 200
        await self.wait("StasisStart", lambda event: id_of(event) == channel)
        return channel

    def trace(self) -> list[str]:
        """The types of all events so far, with the state or status that tells them apart."""
        return [_named(event) for event in self.events if event["type"] != "ChannelVarset"]


def _named(event: Document) -> str:
    detail = event.get("dialstatus")
    for kind in ("playback", "recording"):
        thing = event.get(kind)
        if isinstance(thing, dict):
            detail = thing["state"]
    channel = event.get("channel")
    if event["type"] == "ChannelStateChange" and isinstance(channel, dict):
        detail = channel["state"]
    return f"{event['type']} {detail}" if detail else str(event["type"])


def id_of(event: Document, kind: str = "channel") -> str:
    thing = event[kind]
    assert isinstance(thing, dict)
    return str(thing["id"])


@asynccontextmanager
async def running(people: People, config: PbxConfig | None = None, seed: int = 1) -> AsyncIterator[tuple[SimulatedPbx, Client]]:
    """A PBX and a client whose event socket is open."""
    ambient = SeededAmbient(seed, trio.current_time)
    pbx = SimulatedPbx(ambient, people, config or PbxConfig())
    async with trio.open_nursery() as nursery:
        await nursery.start(pbx.run)
        client = Client(pbx.opener, nursery)
        await client.listen()
        yield pbx, client
        nursery.cancel_scope.cancel()
