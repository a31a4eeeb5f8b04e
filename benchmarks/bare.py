"""The requests of a yes-flow by a script as bare as can be: HTTP by hand, frames by hand, no checks, nothing cleaned up."""

import json
from base64 import b64encode
from uuid import uuid4

import trio
from attrs import define, field

from benchmarks.pbx import PROMPT

FILTER = {"allowed": [{"type": kind} for kind in ("StasisStart", "PlaybackFinished", "RecordingFinished", "ChannelDestroyed")]}
CONNECTIONS = 16
"""At once, as many as the engine has."""

AUTHORIZATION = f"Authorization: Basic {b64encode(b'callengine:callengine').decode()}"


@define(eq=False)
class Script:
    """Calls people on the PBX at a port of this machine.

    Attributes:
        requests: sent so far.
        events: received so far.
    """

    port: int
    requests: int = 0
    events: int = 0
    _slots: trio.Semaphore = field(factory=lambda: trio.Semaphore(CONNECTIONS), init=False)
    _idle: list[trio.SocketStream] = field(factory=list, init=False)
    _waiting: dict[str, trio.MemorySendChannel[str]] = field(factory=dict, init=False)

    async def run(self, calls: int) -> None:
        """Make so many calls at once."""
        async with trio.open_nursery() as socket:
            await socket.start(self._listen)
            await self._ask("PUT", "/applications/bare/eventFilter", FILTER)
            self.requests = 0
            async with trio.open_nursery() as nursery:
                for number in range(calls):
                    nursery.start_soon(self._call, f"0912{number:07}")
            socket.cancel_scope.cancel()
        while self._idle:
            await self._idle.pop().aclose()

    async def _call(self, number: str) -> None:
        channel, recording = str(uuid4()), str(uuid4())
        self._waiting[channel], events = trio.open_memory_channel[str](10)
        placing = {"endpoint": f"PJSIP/{number}@trunk", "app": "bare", "callerId": "02191302000", "channelId": channel}
        await self._ask("POST", "/channels", placing)
        await events.receive()
        await self._ask("POST", f"/channels/{channel}/play/{uuid4()}?media={PROMPT}")
        await events.receive()
        await self._ask("POST", f"/channels/{channel}/record?name={recording}&format=wav&maxSilenceSeconds=1")
        await events.receive()
        await self._ask("GET", f"/recordings/stored/{recording}/file")
        await self._ask("DELETE", f"/recordings/stored/{recording}")
        await self._ask("POST", f"/channels/{channel}/play/{uuid4()}?media={PROMPT}")
        await events.receive()
        await self._ask("DELETE", f"/channels/{channel}")
        await events.receive()

    async def _ask(self, method: str, path: str, body: object = None) -> None:
        async with self._slots:
            await self._exchange(method, path, body)

    async def _exchange(self, method: str, path: str, body: object) -> None:
        stream = self._idle.pop() if self._idle else await trio.open_tcp_stream("127.0.0.1", self.port)
        content = "" if body is None else json.dumps(body)
        head = f"{method} /ari{path} HTTP/1.1\r\nHost: pbx\r\n{AUTHORIZATION}\r\nContent-Length: {len(content)}\r\n\r\n"
        await stream.send_all(f"{head}{content}".encode())
        data = await stream.receive_some(65536)
        end = data.index(b"\r\n\r\n") + 4
        length = int(data[:end].lower().split(b"content-length: ")[1].split(b"\r")[0])
        left = length - len(data) + end
        while left > 0:
            left -= len(await stream.receive_some(65536))
        self._idle.append(stream)
        self.requests += 1

    async def _listen(self, task_status: trio.TaskStatus[None]) -> None:
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        head = f"GET /ari/events?app=bare HTTP/1.1\r\nHost: pbx\r\n{AUTHORIZATION}\r\n{upgrade}"
        await stream.send_all(f"{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        await stream.receive_some(65536)
        task_status.started()
        data = b""
        while True:
            data += await stream.receive_some(65536)
            data = self._frames(data)

    def _frames(self, data: bytes) -> bytes:
        """Take the whole frames off; the PBX does not mask its own, and no event is as long as 64 KiB."""
        while len(data) >= 4:
            begin, length = (4, int.from_bytes(data[2:4], "big")) if data[1] == 126 else (2, data[1])
            if len(data) < begin + length:
                break
            self._hear(json.loads(data[begin : begin + length]))
            data = data[begin + length :]
        return data

    def _hear(self, event: dict[str, dict[str, str]]) -> None:
        self.events += 1
        about = event.get("channel") or event.get("playback") or event.get("recording") or {}
        channel = about["id"] if "channel" in event else about["target_uri"].removeprefix("channel:")
        self._waiting[channel].send_nowait(str(event["type"]))
