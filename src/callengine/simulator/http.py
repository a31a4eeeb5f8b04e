"""The server side of HTTP/1.1: one kept-alive connection, its requests in turn, Basic authentication.

Requests are judged by h11, so that a client's mistakes show; answers are our own and written as they are, which costs a
third of what h11 needs for both.
"""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

import h11
import msgspec
import trio
from attrs import define, field, frozen

Json: TypeAlias = str | int | float | bool | list[object] | dict[str, object] | None

MAX_BODY = 40_960
"""Bytes of a request's body; Asterisk's own limit."""

_RECEIVE = 16_384
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\nServer: Asterisk/22.10.1 (simulated)".encode()
    for status in HTTPStatus
}


class BadRequest(Exception):
    """The peer does not speak HTTP as we understand it, or its body is not JSON."""


@frozen
class Request:
    """A request, decoded.

    Attributes:
        path: unquoted, without `/ari` and query.
        query: parameters of the query string; a JSON body may carry them too.
        body: the JSON object of the body; empty without one.
        raw: the body as it came.
        authorization: header value as it came.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Json]
    raw: bytes
    authorization: bytes = field(repr=False)

    def get(self, name: str, default: str = "") -> str:
        """A parameter, from the query or from the body."""
        value = self.query.get(name)
        if value is None:
            found = self.body.get(name)
            value = default if found is None or isinstance(found, (list, dict)) else str(found)
        return value

    def number(self, name: str, default: float = 0) -> float:
        """A parameter that is a number; text that is none counts as zero, as Asterisk's atoi has it."""
        try:
            return float(self.get(name) or default)
        except ValueError:
            return 0


@frozen
class Response:
    status: int
    body: bytes = b""
    content_type: bytes = b"application/json"


def json_response(value: object, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value))


def problem(status: int, message: str) -> Response:
    """An error as ARI words it."""
    return json_response({"message": message}, status)


def basic_credentials(username: str, password: str) -> bytes:
    """The value of an Authorization header."""
    return b"Basic " + b64encode(f"{username}:{password}".encode())


@define(eq=False)
class HttpConnection:
    """One connection of a client; `unread` is what was received of it already.

    Raises:
        BadRequest: from `next_request`, after which `respond` may still be used once.
        trio.BrokenResourceError: the client went away.
    """

    _stream: trio.abc.Stream
    _unread: bytes
    _h11: h11.Connection = field(factory=lambda: h11.Connection(h11.SERVER))

    async def next_request(self, patience: float) -> Request | None:
        """Wait for a request; None when the client closed the connection or sent nothing for `patience` seconds."""
        if self._h11.their_state is h11.MUST_CLOSE:
            return None
        if self._h11.their_state is h11.DONE:
            self._unread = self._h11.trailing_data[0]
            self._h11 = h11.Connection(h11.SERVER)
        if self._unread:
            self._h11.receive_data(self._unread)
            self._unread = b""
        head: h11.Request | None = None
        body = bytearray()
        with trio.move_on_after(patience):
            while True:
                event = await self._next_event()
                if isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > MAX_BODY:
                        raise BadRequest("Request body too large")
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    return _decoded(head, bytes(body))
                else:
                    return None
        return None

    async def respond(self, response: Response) -> None:
        """Answer the request."""
        headers = [_STATUS_LINES[response.status], b"Content-Length: %d" % len(response.body)]
        if response.body:
            headers.append(b"Content-Type: " + response.content_type)
        if response.status == HTTPStatus.UNAUTHORIZED:
            headers.append(b'WWW-Authenticate: Basic realm="Asterisk REST Interface"')
        await self._stream.send_all(b"\r\n".join((*headers, b"", response.body)))

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            while True:
                event = self._h11.next_event()
                if event is not h11.NEED_DATA:
                    return event
                self._h11.receive_data(bytes(await self._stream.receive_some(_RECEIVE)))
        except h11.RemoteProtocolError as error:
            raise BadRequest(str(error)) from error


def _decoded(head: h11.Request, raw: bytes) -> Request:
    path, _, query = head.target.decode("ascii", "replace").partition("?")
    body: dict[str, Json] = {}
    if raw:
        try:
            body = msgspec.json.decode(raw, type=dict[str, Json])
        except msgspec.MsgspecError as error:
            raise BadRequest("Request body is not a JSON object") from error
    authorization = next((value for name, value in head.headers if name == b"authorization"), b"")
    return Request(
        method=head.method.decode("ascii"),
        path=unquote(path).removeprefix("/ari"),
        query=dict(parse_qsl(query, keep_blank_values=True)) if query else {},
        body=body,
        raw=raw,
        authorization=authorization,
    )
