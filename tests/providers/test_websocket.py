"""What speaking over a websocket has in common: keeping it, waits that end, closing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import trio
import trio.testing
from attrs import define, field
from trio_websocket import ConnectionClosed, wrap_client_stream, wrap_server_stream

from callengine.errors import ProviderRefused, ProviderThrottled, ProviderUnavailable
from callengine.providers.websocket import KeepAlive, ServiceSocket, open_socket
from callengine.providers.wording import ServiceWords
from callengine.testing import Speech, open_socket_wire

WORDS = ServiceWords("the recogniser")


@define
class Peer:
    """The other end, which reads as long as it is let."""

    said: list[str | bytes] = field(factory=list)
    reads: trio.CancelScope = field(factory=trio.CancelScope)


@asynccontextmanager
async def in_memory() -> AsyncIterator[tuple[ServiceSocket, Peer]]:
    """A connection over a pipe that holds nothing: what is not read is not sent."""
    ours, theirs = trio.testing.lockstep_stream_pair()
    peer = Peer()

    async def serve() -> None:
        with peer.reads, suppress(ConnectionClosed):
            async with trio.open_nursery() as reading:
                connection = await (await wrap_server_stream(reading, theirs)).accept()
                while True:
                    peer.said.append(await connection.get_message())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        connection = await wrap_client_stream(nursery, ours, "host", "/")  # type: ignore[arg-type]  # any stream will do
        yield ServiceSocket(WORDS, 2.0, connection), peer
        nursery.cancel_scope.cancel()


async def test_silence_is_bridged_until_the_farewell(autojump_clock: trio.testing.MockClock) -> None:
    async with in_memory() as (socket, peer), trio.open_nursery() as nursery:
        nursery.start_soon(socket.keep_alive, KeepAlive("still here", 4.0))
        await trio.sleep(9.0)
        assert peer.said == ["still here"] * 2
        for _ in range(10):
            await socket.send(b"audio")
            await trio.sleep(3.0)
        await socket.send_last("bye")
        await trio.sleep(30.0)
        assert peer.said == ["still here"] * 2 + [b"audio"] * 10 + ["bye"]


async def test_a_peer_that_takes_nothing_is_waited_for_within_patience(autojump_clock: trio.testing.MockClock) -> None:
    async with in_memory() as (socket, peer):
        await socket.send(b"audio")
        peer.reads.cancel()
        began = trio.current_time()
        with pytest.raises(ProviderUnavailable, match="took nothing for 2 s"):
            await socket.send(b"audio" * 10)
        await socket.close()
        assert trio.current_time() - began == pytest.approx(2.0)


async def test_whoever_reads_already_does_not_wait_for_the_end_any_longer(autojump_clock: trio.testing.MockClock) -> None:
    async with in_memory() as (socket, _), trio.open_nursery() as nursery:

        async def finish_later() -> None:
            await trio.sleep(60.0)
            await socket.send_last("bye")

        nursery.start_soon(finish_later)
        with pytest.raises(ProviderUnavailable, match="did not end within 2 s"):
            await socket.receive()
        assert trio.current_time() == pytest.approx(62.0, abs=0.1)


@pytest.mark.parametrize(
    ("code", "error"),
    [(1001, ProviderUnavailable), (1003, ProviderRefused), (1013, ProviderThrottled), (4000, ProviderUnavailable)],
)
async def test_why_a_peer_closes_decides_whether_to_try_again(code: int, error: type[Exception]) -> None:
    async with open_socket_wire(Speech(closes=code, reason="because\nof this")) as wire:
        with pytest.raises(error, match=rf"the recogniser closed the connection \({code}\): 'because of this'"):
            async with open_socket(WORDS, httpx.URL(wire.url), patience=2.0, headers={}) as socket:
                await socket.send("hello")
                await socket.receive()


async def test_a_peer_without_tls_is_told_of() -> None:
    async with open_socket_wire(Speech(raw=b"HTTP/1.1 400 Bad Request\r\n\r\n")) as wire:
        url = httpx.URL(wire.url.replace("http:", "https:"))
        with pytest.raises(ProviderUnavailable, match="the recogniser could not be reached: SSLError"):
            async with open_socket(WORDS, url, patience=2.0, headers={}):
                raise AssertionError("there is no TLS here")
