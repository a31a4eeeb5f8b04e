import socket
from contextlib import suppress

import pytest
import trio

from callengine.ari import tcp_opener


async def test_a_connection_over_tcp(nursery: trio.Nursery) -> None:
    async def echo(stream: trio.SocketStream) -> None:
        await stream.send_all(await stream.receive_some())

    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    nursery.start_soon(trio.serve_listeners, echo, listeners)
    async with await tcp_opener(f"http://127.0.0.1:{port}/ari")() as stream:
        await stream.send_all(b"hello")
        assert await stream.receive_some(5) == b"hello"


async def test_tls_where_the_address_says_so(nursery: trio.Nursery) -> None:
    greeting = trio.Event()

    async def serve(stream: trio.SocketStream) -> None:
        assert (await stream.receive_some())[:1] == b"\x16"
        greeting.set()

    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    nursery.start_soon(trio.serve_listeners, serve, listeners)
    stream = await tcp_opener(f"wss://127.0.0.1:{port}/ari/events")()
    with suppress(trio.BrokenResourceError):
        await stream.send_all(b"hello")
    await greeting.wait()
    await trio.aclose_forcefully(stream)


async def test_nobody_there_is_an_os_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(OSError):
            await tcp_opener(f"http://127.0.0.1:{bound.getsockname()[1]}/ari")()
