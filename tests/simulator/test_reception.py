"""The port: HTTP, refusals, connections, mishaps."""

import h11
import pytest
import trio
from trio.testing import MockClock

from callengine.model import SeededAmbient
from callengine.simulator import Fault, Instead, Kind, PbxConfig, People, Persona, SimulatedPbx
from tests.simulator.client import Answer, Client, exchange, running

CHANNEL = "c" * 36


async def raw(pbx: SimulatedPbx, request: bytes) -> bytes:
    """Everything the PBX says to these bytes until it closes."""
    stream = await pbx.opener()
    await stream.send_all(request)
    said = b""
    while more := await stream.receive_some():
        said += more
    return said


async def test_who_gives_no_password_is_told_so(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, _):
        said = await raw(pbx, b"GET /ari/applications HTTP/1.1\r\nHost: pbx\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
        assert b'WWW-Authenticate: Basic realm="Asterisk REST Interface"\r\n' in said
        assert said.endswith(b'{"message":"Authentication required"}')


async def test_nonsense_is_refused_and_the_connection_closed(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        assert (await raw(pbx, b"what is this\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        assert (await client.request("GET", "/nothing")).json() == {"message": "Resource not found"}
        assert (await client.request("PATCH", "/channels")).json() == {"message": "Invalid method"}
        assert (await client.request("GET", "/asterisk/info")).status == 200


async def test_an_idle_connection_is_closed_after_a_while(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, _):
        assert await raw(pbx, b"") == b""
        assert trio.current_time() == pytest.approx(pbx.config.keep_alive, abs=0.1)


async def test_one_connection_too_many_is_closed_at_once(autojump_clock: MockClock) -> None:
    async with running(People(), PbxConfig(session_limit=2)) as (pbx, _):
        held = await pbx.opener()
        await held.send_all(b"G")
        assert await (await pbx.opener()).receive_some() == b""
        assert trio.current_time() == 0


async def test_who_gives_up_while_it_opens_leaves_no_connection(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, _):
        before = trio.lowlevel.current_statistics().tasks_living
        with trio.CancelScope() as scope:
            scope.cancel()
            await pbx.opener()
        await trio.testing.wait_all_tasks_blocked()
        assert trio.lowlevel.current_statistics().tasks_living == before


async def test_a_delete_overtakes_the_originate_it_was_meant_for(autojump_clock: MockClock) -> None:
    """The channel of a cancelled request comes to be although a DELETE answered 404 before."""
    async with running(People(otherwise=Persona(answers_after=60))) as (pbx, client):
        pbx.delay("POST /channels", 2.0)
        with trio.move_on_after(1):
            await impatient(client)
        assert (await client.request("DELETE", f"/channels/{CHANNEL}")).status == 404
        await trio.sleep(2)
        assert (await client.request("DELETE", f"/channels/{CHANNEL}")).status == 204
        arrival, created = pbx.log[1:3]
        assert (arrival.kind, created.kind) == (Kind.ORIGINATE, Kind.CREATED)
        assert created.at - arrival.at >= 2.0


async def impatient(client: Client) -> Answer:
    async with await client.opener() as stream:
        body = b'{"endpoint":"PJSIP/1@t","app":"callengine","channelId":"%s"}' % CHANNEL.encode()
        return await exchange(stream, h11.Connection(h11.CLIENT), "POST", "/channels", body)


async def test_mishaps_refuse_or_swallow_the_answer(autojump_clock: MockClock) -> None:
    async with running(People(otherwise=Persona(instead=Instead.NO_ANSWER))) as (pbx, client):
        pbx.faults.append(Fault("GET /channels", status=503))
        assert (await client.request("GET", "/channels")).status == 503
        pbx.faults[:] = [Fault("POST /channels", unanswered=True)]
        with pytest.raises(h11.RemoteProtocolError):
            await impatient(client)
        assert (await client.request("GET", f"/channels/{CHANNEL}")).status == 200


async def test_events_may_come_before_the_answer(autojump_clock: MockClock) -> None:
    """Over some calls both orders occur."""
    async with running(People(), PbxConfig(latency=1.0)) as (_, client):
        early = []
        for number in range(8):
            channel = f"{number:036d}"
            await client.originate(channel=channel)
            early.append(any(channel in str(event) for event in client.events))
        assert set(early) == {True, False}


async def test_it_serves_a_real_port() -> None:
    pbx = SimulatedPbx(SeededAmbient(1, trio.current_time), People(otherwise=Persona(rings_after=0, answers_after=0)))
    async with trio.open_nursery() as nursery:
        with pytest.raises(ConnectionRefusedError):
            await pbx.opener()
        await nursery.start(pbx.run)
        host, port = await nursery.start(pbx.serve_tcp, "127.0.0.1", 0)

        async def connect() -> trio.abc.Stream:
            return await trio.open_tcp_stream(host, port)

        client = Client(connect, nursery)
        await client.listen()
        await client.answered()
        assert (await client.request("DELETE", f"/channels/{CHANNEL}")).status == 204
        await client.wait("ChannelDestroyed", seconds=10)
        await client.aclose()
        nursery.cancel_scope.cancel()
