"""The event socket and its application."""

import pytest
import trio
from trio.testing import MockClock

from callengine.simulator import Kind, PbxConfig, People
from tests.simulator.client import BASIC, Client, Document, running

CHANNEL = "c" * 36
ALLOWED = b"Authorization: " + BASIC + b"\r\n"


def handshake(target: str, headers: bytes) -> bytes:
    """What a client says to open a websocket."""
    return (
        b"GET %s HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" % (target.encode(), headers)
    )


async def test_a_second_socket_replaces_the_first(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, first):
        second = Client(pbx.opener, first.nursery)
        await second.listen()
        await first.wait("ApplicationReplaced")
        await second.answered()
        assert first.trace() == ["ApplicationReplaced"]


async def test_only_the_application_s_own_channels_are_told(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        other = Client(pbx.opener, client.nursery)
        await other.listen("other")
        await client.answered()
        assert other.events == []
        assert [row["name"] for row in (await client.request("GET", "/applications")).rows()] == ["callengine", "other"]


async def test_a_filter_keeps_events_out(autojump_clock: MockClock) -> None:
    async with running(People()) as (_, client):
        wanted: Document = {"allowed": [{"type": "StasisStart"}, {"type": "ChannelDestroyed"}]}
        answer = await client.request("PUT", "/applications/callengine/eventFilter", wanted)
        assert (answer.status, answer.json()["events_allowed"]) == (200, wanted["allowed"])
        await client.answered()
        await client.request("DELETE", f"/channels/{CHANNEL}")
        await client.wait("ChannelDestroyed")
        assert [event["type"] for event in client.events] == ["StasisStart", "ChannelDestroyed"]
        assert (await client.request("PUT", "/applications/callengine/eventFilter", {"allowed": "x"})).status == 400
        assert (await client.request("PUT", "/applications/nobody/eventFilter", wanted)).status == 404


async def test_an_application_outlives_its_socket_while_it_has_channels(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        await client.answered()
        pbx.cut_event_sockets()
        await client.wait("closed")
        application = (await client.request("GET", "/applications/callengine")).json()
        assert application["channel_ids"] == [CHANNEL]
        heard = len(client.events)
        await client.request("POST", f"/channels/{CHANNEL}/play/p?media=sound:x")
        await trio.sleep(10)
        assert len(client.events) == heard
        await client.listen()
        await client.request("DELETE", f"/channels/{CHANNEL}")
        await client.wait("ChannelDestroyed")


async def test_a_socket_nobody_reads_is_closed(autojump_clock: MockClock) -> None:
    async with running(People(), PbxConfig(session_limit=1000)) as (pbx, client):
        (await client.listen("callengine")).cancel()
        stream = await pbx.opener()
        await stream.send_all(handshake("/ari/events?app=callengine", ALLOWED))
        await trio.sleep(1)
        for number in range(50):
            await client.originate(channel=f"{number:036d}")
        await trio.sleep(20)
        assert pbx.log[-1].kind is not Kind.APP_DOWN
        assert any(record.kind is Kind.APP_DOWN for record in pbx.log)


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [("/ari/events?app=a", b"", b"401"), ("/ari/events", ALLOWED, b"400"), ("/other?app=a", ALLOWED, b"404")],
)
async def test_a_handshake_can_be_refused(autojump_clock: MockClock, target: str, headers: bytes, status: bytes) -> None:
    async with running(People()) as (pbx, _):
        stream = await pbx.opener()
        await stream.send_all(handshake(target, headers))
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 " + status)
