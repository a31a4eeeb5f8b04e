"""One kept-alive HTTP/1.1 connection: h11 over a trio stream."""

import h11
import trio
from attrs import frozen

_RECEIVE = 64 * 1024


@frozen
class Response:
    """What the PBX answered: a status code and a body."""

    status: int
    body: bytes


class ConnectionBroken(Exception):
    """The connection failed during an exchange.

    Attributes:
        answered: whether any of the answer had arrived.
    """

    def __init__(self, reason: str, *, answered: bool) -> None:
        super().__init__(reason)
        self.answered = answered


class Connection:
    """Carries one exchange after another.

    Attributes:
        used_at: when the last exchange ended, on trio's clock; at first when it was opened.
    """

    def __init__(self, stream: trio.abc.Stream, max_response: int) -> None:
        self._stream = stream
        self._max_response = max_response
        self._http = h11.Connection(h11.CLIENT)
        self.used_at = trio.current_time()

    @property
    def reusable(self) -> bool:
        """Whether the last exchange came to its end and both sides keep the connection."""
        return self._http.our_state is h11.IDLE

    async def exchange(self, request: h11.Request, body: bytes) -> Response:
        """Send a request and wait for the whole answer. Given up half-way, the connection is of no more use.

        Raises:
            ConnectionBroken: the peer closed it, or does not speak HTTP, or sends more than was agreed.
        """
        answered = False
        status, parts, room = 0, [], self._max_response
        try:
            await self._send(request, body)
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    data = await self._stream.receive_some(_RECEIVE)
                    answered = answered or bool(data)
                    self._http.receive_data(bytes(data))
                elif isinstance(event, h11.Response):
                    status = event.status_code
                elif isinstance(event, h11.Data):
                    parts.append(event.data)
                    room -= len(event.data)
                    if room < 0:
                        raise ConnectionBroken("the answer is larger than accepted", answered=True)
                elif isinstance(event, h11.EndOfMessage):
                    break
        except (h11.RemoteProtocolError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionBroken(str(error) or type(error).__name__, answered=answered) from error
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        self.used_at = trio.current_time()
        return Response(status, b"".join(parts))

    async def close(self) -> None:
        """Close the stream without ceremony; works in a cancelled scope too."""
        await trio.aclose_forcefully(self._stream)

    async def _send(self, request: h11.Request, body: bytes) -> None:
        data = self._http.send(request) or b""
        if body:
            data += self._http.send(h11.Data(data=body)) or b""
        data += self._http.send(h11.EndOfMessage()) or b""
        await self._stream.send_all(data)
