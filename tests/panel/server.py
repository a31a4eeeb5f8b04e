"""A panel on loopback that answers as a test says, and remembers what it was told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from attrs import define, field, frozen

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

QUIET = b'{"call_allowed": true, "batch": {"batch_id": null, "numbers": []}}'


@frozen
class Told:
    """One request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("idempotency-key", "")

    def json(self) -> dict[str, Json]:
        told: dict[str, Json] = json.loads(self.body)
        return told


Answer = tuple[int, bytes] | None
"""Status and body; None for a connection that breaks off."""


@define
class FakePanel:
    """Answers the scripted odd ones first, then nobody to call and thanks for every report."""

    batches: list[bytes | Answer] = field(factory=list)
    reports: list[Answer] = field(factory=list)
    told: list[Told] = field(factory=list)
    url: str = ""

    @property
    def reported(self) -> list[Told]:
        return [told for told in self.told if told.target.endswith("report-result")]

    def answer(self, told: Told) -> Answer:
        self.told.append(told)
        if told.method == "GET":
            scripted = self.batches.pop(0) if self.batches else QUIET
            return (200, scripted) if isinstance(scripted, bytes) else scripted
        return self.reports.pop(0) if self.reports else (200, b"{}")


async def _serve(panel: FakePanel, stream: trio.SocketStream) -> None:
    async with stream:
        head = b""
        while b"\r\n\r\n" not in head:
            part = await stream.receive_some()
            if not part:
                return
            head += part
        lines, _, body = head.partition(b"\r\n\r\n")
        first, *rest = lines.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        while len(body) < int(headers.get("content-length", "0")):
            body += await stream.receive_some()
        method, target, _ = first.split(" ")
        answer = panel.answer(Told(method, target, headers, body))
        if answer is not None:
            status, content = answer
            await stream.send_all(
                f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content
            )


@asynccontextmanager
async def serving(panel: FakePanel) -> AsyncIterator[FakePanel]:
    """Have the panel listen while the block runs."""

    async def handler(stream: trio.SocketStream) -> None:
        await _serve(panel, stream)

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        panel.url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        nursery.start_soon(trio.serve_listeners, handler, listeners)
        yield panel
        nursery.cancel_scope.cancel()
