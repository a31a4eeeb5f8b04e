"""A client of a few lines that speaks ARI without the engine: it proves the harness, and shows what Asterisk itself does."""

import base64
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import msgspec
import trio
from trio_websocket import WebSocketConnection, open_websocket_url

from tests.e2e.asterisk import LINE_VARIABLE, Asterisk

PATIENCE = 30.0
"""Seconds to wait for any one event."""


class Named(msgspec.Struct):
    """A channel or a recording, as far as these tests look at it."""

    id: str = ""
    name: str = ""
    state: str = ""
    duration: int | None = None


class Playback(msgspec.Struct):
    """A playback, and what it plays to as `channel:<id>`."""

    state: str = ""
    target_uri: str = ""

    @property
    def channel(self) -> str:
        return self.target_uri.removeprefix("channel:")


class Event(msgspec.Struct):
    """One event of the socket."""

    type: str
    channel: Named = msgspec.field(default_factory=Named)
    peer: Named = msgspec.field(default_factory=Named)
    forwarded: Named = msgspec.field(default_factory=Named)
    playback: Playback = msgspec.field(default_factory=Playback)
    recording: Named = msgspec.field(default_factory=Named)
    args: list[str] = []
    dialstatus: str = ""
    cause: int | None = None
    tech_cause: int | None = None
    variable: str = ""
    digit: str = ""
    duration: int | None = None
    timestamp: datetime | None = None

    def __str__(self) -> str:
        """Type and what it says, without ids and times: two calls alike read alike."""
        said = [*self.args, self.digit, self.dialstatus, self.channel.state, self.playback.state, self.recording.state]
        causes = [f"cause={self.cause}"] * (self.cause is not None) + [f"tech={self.tech_cause}"] * (
            self.tech_cause is not None
        )
        return " ".join([self.type, *(word for word in said if word), *causes])


class BareClient:
    """Requests and events of one application.

    Attributes:
        seen: all events but the variables that were set.
        variables: how many of those there were.
    """

    def __init__(self, http: httpx.AsyncClient, socket: WebSocketConnection, app: str) -> None:
        self.seen: list[Event] = []
        self.variables = 0
        self._http = http
        self._socket = socket
        self._app = app

    async def event(self, *types: str) -> Event:
        """The next event of one of these types; those before it are passed over."""
        with trio.fail_after(PATIENCE):
            while True:
                event = msgspec.json.decode(await self._socket.get_message(), type=Event)
                if event.type == "ChannelVarset":
                    self.variables += 1
                else:
                    self.seen.append(event)
                if event.type in types:
                    return event

    async def end_of(self, channel: str) -> Event:
        """The ChannelDestroyed of this channel."""
        while (event := await self.event("ChannelDestroyed")).channel.id != channel:
            pass
        return event

    async def rest(self, seconds: float = 0.5) -> None:
        """Take in whatever still comes in so many seconds."""
        with trio.move_on_after(seconds):
            await self.event()

    async def only(self, types: Sequence[str]) -> None:
        """Be sent these types of event only; all, if none is given."""
        body = {"allowed": [{"type": each} for each in types]}
        (await self._http.put(f"/applications/{self._app}/eventFilter", json=body)).raise_for_status()

    async def originate(self, digits: str, *, line: str = "5550001", timeout: int = 10, by: str = "trunk") -> str:
        """Call this number by way of an endpoint; the id of the channel."""
        channel = str(uuid.uuid4())
        query = {"endpoint": f"PJSIP/{digits}@{by}", "app": self._app, "callerId": line, "timeout": str(timeout)}
        body: dict[str, str | dict[str, str]] = {"channelId": channel, "variables": {LINE_VARIABLE: line}}
        await self.ask("POST", "/channels", query, body)
        return channel

    async def play(self, channel: str, sound: str) -> Event:
        """Play a sound to its end; the event that says how it ended."""
        await self.ask("POST", f"/channels/{channel}/play", {"media": f"sound:{sound}"})
        return await self.event("PlaybackFinished")

    async def record(self, channel: str) -> bytes:
        """Record what is said, until two seconds of silence; the file, which is deleted at the PBX."""
        await self.start_recording(channel)
        return await self.take_recording()

    async def start_recording(self, channel: str) -> None:
        query = {"format": "wav", "maxDurationSeconds": "10", "maxSilenceSeconds": "2", "name": str(uuid.uuid4())}
        await self.ask("POST", f"/channels/{channel}/record", query)

    async def take_recording(self) -> bytes:
        """Wait for the next recording that ends; the file, which is deleted at the PBX."""
        ended = await self.event("RecordingFinished", "RecordingFailed")
        stored = f"/recordings/stored/{ended.recording.name}"
        audio = await self.ask("GET", f"{stored}/file")
        await self.ask("DELETE", stored)
        return audio.content

    async def set_variable(self, channel: str, variable: str, value: str = "") -> None:
        """Set a variable of a channel, or a function of the dialplan."""
        await self.ask("POST", f"/channels/{channel}/variable", {"variable": variable, "value": value})

    async def hang_up(self, channel: str, last: str = "ChannelDestroyed") -> Event:
        """Hang up; the event that is the channel's last."""
        await self.ask("DELETE", f"/channels/{channel}")
        return await self.event(last)

    async def subscribe(self, channel: str) -> None:
        """Be told of this channel's end too, though it came in."""
        await self.ask("POST", f"/applications/{self._app}/subscription", {"eventSource": f"channel:{channel}"})

    async def bridge(self, *channels: str) -> str:
        """A bridge with these channels in it, if any; its id. Returns when they have entered."""
        bridge = str(uuid.uuid4())
        await self.ask("POST", "/bridges", {"bridgeId": bridge})
        if channels:
            await self.ask("POST", f"/bridges/{bridge}/addChannel", {"channel": ",".join(channels)})
        for _ in channels:
            await self.event("ChannelEnteredBridge")
        return bridge

    async def refusal(self, method: str, path: str, query: dict[str, str] | None = None) -> httpx.Response:
        """The answer to a request that Asterisk must not grant."""
        response = await self._http.request(method, path, params=query)
        assert response.is_error, f"{method} {path} was granted"
        return response

    async def ask(
        self, method: str, path: str, query: dict[str, str] | None = None, body: dict[str, str | dict[str, str]] | None = None
    ) -> httpx.Response:
        response = await self._http.request(method, path, params=query, json=body)
        response.raise_for_status()
        return response


@asynccontextmanager
async def bare_client(asterisk: Asterisk) -> AsyncGenerator[BareClient, None]:
    token = base64.b64encode(":".join(asterisk.credentials).encode())
    headers = [(b"Authorization", b"Basic " + token)]
    url = f"{asterisk.events_url}?app={asterisk.app}"
    async with (
        httpx.AsyncClient(base_url=asterisk.ari_url, auth=asterisk.credentials, trust_env=False) as http,
        open_websocket_url(url, extra_headers=headers, message_queue_size=1000) as socket,
    ):
        yield BareClient(http, socket, asterisk.app)
