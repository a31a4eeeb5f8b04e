"""The language server that editors use for YAML, spoken to as an editor does: LSP over its standard input and output."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE

import msgspec
import trio
from attrs import define, field

from tests.e2e.packages import fetch, require
from tests.e2e.rootfs import cache_folder, locked

VERSION = "1.25.0"
PATIENCE = 60.0
"""Seconds for everything a test asks."""


class Place(msgspec.Struct):
    """Line and character, both counted from 0."""

    line: int
    character: int


class Span(msgspec.Struct):
    start: Place
    end: Place


class Diagnostic(msgspec.Struct):
    """What an editor underlines."""

    range: Span
    message: str


class Diagnostics(msgspec.Struct):
    uri: str
    diagnostics: list[Diagnostic]


class Item(msgspec.Struct):
    label: str


class Completion(msgspec.Struct):
    items: list[Item]


class Asked(msgspec.Struct):
    """What `workspace/configuration` asks for."""

    items: list[msgspec.Raw]


class Incoming(msgspec.Struct):
    """A message of the server: a request has id and method, a notification only a method, an answer only an id."""

    id: int | str | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()


@define
class LanguageServer:
    """A running server; one question at a time."""

    process: trio.Process
    _buffer: bytearray = field(factory=bytearray)
    _asked: int = 0

    async def diagnostics(self, path: Path, text: str) -> Sequence[Diagnostic]:
        """Open a file of this text; return what the server underlines in it."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        await self.notify("textDocument/didOpen", {"textDocument": document})
        while True:
            message = await self._receive()
            if message.method == "textDocument/publishDiagnostics":
                found = msgspec.json.decode(message.params, type=Diagnostics)
                if found.uri == path.as_uri():
                    return found.diagnostics
            await self._oblige(message)

    async def completions(self, path: Path, line: int, character: int) -> Sequence[str]:
        """What the server offers at a place of an open file."""
        place = {"line": line, "character": character}
        result = await self.request("textDocument/completion", {"textDocument": {"uri": path.as_uri()}, "position": place})
        return [item.label for item in msgspec.json.decode(result, type=Completion).items]

    async def request(self, method: str, params: Mapping[str, object]) -> msgspec.Raw:
        self._asked += 1
        await self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = await self._receive()
            if message.method is None and message.id == self._asked:
                return message.result
            await self._oblige(message)

    async def notify(self, method: str, params: Mapping[str, object]) -> None:
        await self._send({"method": method, "params": params})

    async def _oblige(self, message: Incoming) -> None:
        """Answer what the server asks of an editor: it has default settings, and agrees to all else."""
        if message.id is None or message.method is None:
            return
        settings = message.method == "workspace/configuration"
        items = msgspec.json.decode(message.params, type=Asked).items if settings else []
        await self._send({"id": message.id, "result": [{} for _ in items] if settings else None})

    async def _send(self, message: Mapping[str, object]) -> None:
        assert self.process.stdin is not None
        body = msgspec.json.encode({"jsonrpc": "2.0", **message})
        await self.process.stdin.send_all(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _receive(self) -> Incoming:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            await self._read()
        (length,) = [
            int(line[15:]) for line in self._buffer[:end].split(b"\r\n") if line.lower().startswith(b"content-length:")
        ]
        while len(self._buffer) < end + 4 + length:
            await self._read()
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        return msgspec.json.decode(body, type=Incoming)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        chunk = await self.process.stdout.receive_some()
        assert chunk, f"the language server ended with {await self.process.wait()}"
        self._buffer += chunk


@asynccontextmanager
async def language_server(program: Path, folder: Path) -> AsyncIterator[LanguageServer]:
    """The server, for files of a folder; it ends with the block."""
    process = await trio.lowlevel.open_process([str(program), "--stdio"], stdin=PIPE, stdout=PIPE)
    try:
        with trio.fail_after(PATIENCE):
            server = LanguageServer(process)
            await server.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
            await server.notify("initialized", {})
            yield server
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


def installed() -> Path:
    """The server's program, kept in the user's cache.

    Raises:
        CannotFetch: it could not be had.
    """
    folder = cache_folder() / f"yaml-language-server-{VERSION}"
    program = folder / "node_modules" / ".bin" / "yaml-language-server"
    with locked(cache_folder() / "yaml-language-server.lock"):
        if not program.exists():
            require("npm")
            fetch(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"yaml-language-server@{VERSION}"])
    return program
