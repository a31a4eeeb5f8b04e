"""Services over a websocket: what speaking to any of them has in common."""

import math
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import h11
import httpx
import trio
import wsproto.utilities
from attrs import define, field, frozen
from trio_websocket import CloseReason, ConnectionClosed, ConnectionRejected, WebSocketConnection, wrap_client_stream

from callengine.errors import ProviderError, ProviderRefused, ProviderThrottled, ProviderUnavailable, innermost
from callengine.providers.wording import ServiceWords

LARGEST_MESSAGE = 256 * 1024
"""Bytes. What is heard in a piece of speech takes a few thousand, with all that surrounds it."""

LONGEST_FAREWELL = 1.0
"""Seconds that closing may take; trio-websocket alone would wait for a peer that never answers."""

LONGEST_GREETING = 5.0
"""Seconds to connect in, however patient one is afterwards: a caller waits."""

_QUEUE = 16
_REFUSALS = {1002, 1003, 1007, 1008, 1009, 1010}
"""Close codes (RFC 6455, 7.4.1) by which a peer says that what it was sent is wrong: sent again it would be wrong again."""

_TRY_LATER = 1013


@frozen
class KeepAlive:
    """What is sent where nothing else has been for so many seconds."""

    message: str
    seconds: float


@define(eq=False)
class ServiceSocket:
    """A connection, as `open_socket` yields it. One task may send while another one receives."""

    words: ServiceWords
    patience: float
    _socket: WebSocketConnection = field(repr=False)
    _sent: float = field(factory=trio.current_time, init=False)
    _last: float = field(default=math.inf, init=False)
    _reading: trio.CancelScope | None = field(default=None, init=False)
    _stuck: bool = field(default=False, init=False)

    async def send(self, message: str | bytes) -> None:
        """Send a message: text, or audio.

        Raises:
            ProviderError: the connection is closed.
            ProviderUnavailable: or nothing is taken any more.
        """
        with trio.move_on_after(self.patience) as time:
            try:
                await self._socket.send_message(message)
            except ConnectionClosed as closed:
                raise self._error(closed.reason) from None
            except wsproto.utilities.LocalProtocolError:
                raise ProviderUnavailable(f"{self.words.name} has ended the connection") from None
        if time.cancelled_caught:
            self._stuck = True
            raise ProviderUnavailable(f"{self.words.name} took nothing for {self.patience:g} s")
        self._sent = trio.current_time()

    async def send_last(self, message: str) -> None:
        """Send a message after which the peer is to say what is left, within the connection's patience, and to close.

        Raises:
            ProviderError: as `send`.
        """
        await self.send(message)
        self._last = trio.current_time() + self.patience
        if self._reading is not None:
            self._reading.deadline = self._last

    async def receive(self) -> str | bytes | None:
        """Wait for a message; None once the peer has closed after `send_last`.

        Raises:
            ProviderError: it closed for another reason.
            ProviderUnavailable: or it did not end in time.
        """
        with trio.CancelScope(deadline=self._last) as self._reading:
            try:
                return await self._socket.get_message()
            except ConnectionClosed as closed:
                if closed.reason is not None and closed.reason.code == 1000 and self._last < math.inf:
                    return None
                raise self._error(closed.reason) from None
            finally:
                self._reading = None
        raise ProviderUnavailable(f"{self.words.name} did not end within {self.patience:g} s")

    def _error(self, reason: CloseReason | None) -> ProviderError:
        code, content = (1006, b"") if reason is None else (reason.code, (reason.reason or "").encode("utf-8", "replace"))
        told = self.words.telling(code, content)
        if told is not None:
            return told
        text = f"{self.words.name} closed the connection ({code}): {self.words.shown(content)}"
        if code == _TRY_LATER:
            return ProviderThrottled(text)
        return ProviderRefused(text) if code in _REFUSALS else ProviderUnavailable(text)

    async def keep_alive(self, keep: KeepAlive) -> None:
        """Send what keeps the connection, until the last message or a failure, of which whoever uses it hears."""
        while self._last == math.inf:
            await trio.sleep_until(self._sent + keep.seconds)
            if trio.current_time() >= self._sent + keep.seconds and self._last == math.inf:
                try:
                    await self.send(keep.message)
                except ProviderError:
                    return

    async def close(self) -> None:
        """Say farewell, if the peer listens and takes its time no longer than a moment."""
        if not self._stuck:
            with trio.move_on_after(LONGEST_FAREWELL):
                await self._socket.aclose()


@asynccontextmanager
async def open_socket(
    words: ServiceWords, url: httpx.URL, *, patience: float, headers: Mapping[str, str], keep: KeepAlive | None = None
) -> AsyncIterator[ServiceSocket]:
    """Hold a connection while the block runs.

    Args:
        url: http or https; the connection is to the same place by ws or wss.
        patience: seconds for each wait that no person is the reason of.
        keep: what keeps the connection while nothing is sent.

    Raises:
        ProviderError: the service cannot be had. Where the peer breaks the protocol, the block is cancelled.
    """
    greeting = min(patience, LONGEST_GREETING)
    with trio.move_on_after(greeting) as time:
        stream = await _connected(words, url)
    if time.cancelled_caught:
        raise ProviderUnavailable(f"{words.name} could not be reached within {greeting:g} s")
    try:
        async with trio.open_nursery() as nursery:
            with trio.move_on_after(greeting) as time:
                connection = await wrap_client_stream(
                    nursery,
                    stream,
                    url.netloc.decode("ascii"),
                    url.raw_path.decode("ascii"),
                    extra_headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()],
                    message_queue_size=_QUEUE,
                    max_message_size=LARGEST_MESSAGE,
                )
            if time.cancelled_caught:
                raise ProviderUnavailable(f"{words.name} made no connection within {greeting:g} s")
            socket = ServiceSocket(words, patience, connection)
            if keep is not None:
                nursery.start_soon(socket.keep_alive, keep)
            yield socket
            await socket.close()
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise _alone(group, words) from None
    finally:
        await trio.aclose_forcefully(stream)


async def _connected(words: ServiceWords, url: httpx.URL) -> trio.SocketStream | trio.SSLStream[trio.SocketStream]:
    secure = url.scheme == "https"
    try:
        stream = await trio.open_tcp_stream(url.host, url.port or (443 if secure else 80))
    except OSError as error:
        raise ProviderUnavailable(f"{words.name} could not be reached: {type(error).__name__}") from None
    if not secure:
        return stream
    safe = trio.SSLStream(stream, ssl.create_default_context(), server_hostname=url.host, https_compatible=True)
    try:
        await safe.do_handshake()
    except trio.BrokenResourceError as error:
        await trio.aclose_forcefully(stream)
        raise ProviderUnavailable(f"{words.name} could not be reached: {type(error.__cause__).__name__}") from None
    except trio.Cancelled:
        await trio.aclose_forcefully(stream)
        raise
    return safe


def _alone(group: BaseExceptionGroup[BaseException], words: ServiceWords) -> BaseException:
    """What ended the nursery: an error of the block, as it was, else what trio-websocket raised beside it, in our words."""
    _, of_block = group.split((ConnectionRejected, wsproto.utilities.ProtocolError, h11.ProtocolError))
    if of_block is not None:
        return of_block if len(of_block.exceptions) > 1 else of_block.exceptions[0]
    error = innermost(group)
    if isinstance(error, ConnectionRejected):
        return _rejection(error, words)
    return ProviderUnavailable(f"{words.name} does not speak WebSocket: {type(error).__name__}")


def _rejection(error: ConnectionRejected, words: ServiceWords) -> ProviderError:
    content = bytes(error.body or b"")
    if 200 <= error.status_code < 300:
        return words.not_an_answer(content)
    headers = {name.lower(): value for name, value in error.headers}
    retry_after = headers.get(b"retry-after")
    return words.error(error.status_code, content, None if retry_after is None else retry_after.decode("latin-1"))
