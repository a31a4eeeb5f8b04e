"""The port itself, on the loopback interface."""

import socket

import httpx
import pytest
import trio

from callengine.errors import ConfigError
from callengine.web import application, serve
from tests.web.test_app import RELOAD, FakeEngine

PATIENCE = 10.0


async def test_it_serves_until_cancelled_and_leaves_nothing() -> None:
    """A connection that is kept open, and one on which nothing was ever said, hold up nothing."""
    before = trio.lowlevel.current_statistics().tasks_living
    with trio.fail_after(PATIENCE):
        async with httpx.AsyncClient() as http, trio.open_nursery() as nursery:
            url: str = await nursery.start(lambda **given: serve(application(FakeEngine()), "127.0.0.1", 0, **given))
            port = int(url.rpartition(":")[2])
            async with await trio.open_tcp_stream("127.0.0.1", port):
                assert (await http.get(f"{url}/healthz")).json() == {"status": "ok"}
                assert (await http.post(f"{url}{RELOAD}")).json()["loaded"] == ["one"]
                nursery.cancel_scope.cancel()
    assert trio.lowlevel.current_statistics().tasks_living == before
    with pytest.raises(OSError):
        await trio.open_tcp_stream("127.0.0.1", port)


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"ADMIN_PORT: 127\.0\.0\.1:{port} cannot be listened on"):
            await serve(application(FakeEngine()), "127.0.0.1", port)
