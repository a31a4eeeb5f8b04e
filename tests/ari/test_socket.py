from datetime import datetime

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock, wait_all_tasks_blocked
from trio_websocket import WebSocketConnection

from callengine.ari import WANTED, AriClient, AriConfig, Channel, EventsLost, Link, Router, StasisEnd, StasisStart, Transport
from callengine.errors import AriLost, AriRefused
from callengine.model import SeededAmbient
from tests.ari.conftest import Wired
from tests.ari.scripted import SECRET, Reply, Request, reply

FILTER = ("PUT", "/applications/callengine/eventFilter")
INFO = ("GET", "/asterisk/info")


async def drop(wired: Wired) -> None:
    """The PBX closes the socket properly; the link has noticed when this returns."""
    await wired.pbx.sockets[-1].aclose()
    await wired.link.wait_down()


async def test_the_link_is_up_once_the_filter_is_set(wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    wired.pbx.answers[FILTER] = reply({"name": "callengine"}, after=2.0)
    nursery.start_soon(wired.link.run)
    await wait_all_tasks_blocked()
    assert wired.pbx.sockets and not wired.link.up
    await wired.link.wait_up()
    assert wired.pbx.elapsed() >= 2.0
    assert wired.link.info is not None and wired.link.info.version == "22.10.1"


async def test_it_asks_for_our_application_with_credentials_in_a_header(wired: Wired, nursery: trio.Nursery) -> None:
    await nursery.start(wired.link.run)
    head = wired.pbx.handshake_heads[0]
    assert head.startswith(b"GET /ari/events?app=callengine&subscribeAll=false HTTP/1.1\r\n")
    assert b"Authorization: Basic ZW5naW5lOmNhbmFyeS03ZjNh\r\n" in head
    assert wired.pbx.requests(*FILTER)[0].json == {"allowed": [{"type": each} for each in WANTED]}


async def test_events_reach_their_subscriptions(wired: Wired, nursery: trio.Nursery) -> None:
    await nursery.start(wired.link.run)
    with wired.router.subscribe("c") as events:
        await wired.pbx.tell("StasisStart", args=[], channel={"id": "c"})
        await wired.pbx.tell("TeapotBoiled")
        await wired.pbx.sockets[-1].send_message("{")
        await wired.pbx.tell("StasisEnd", channel={"id": "c"})
        assert isinstance(await events.receive(), StasisStart)
        assert isinstance(await events.receive(), StasisEnd)
    assert (wired.link.decoder.unknown, wired.link.decoder.malformed) == (1, 1)


async def test_events_are_read_while_the_link_is_being_set_up(wired: Wired, nursery: trio.Nursery) -> None:
    async def slow(request: Request) -> Reply:
        await wired.pbx.tell("StasisStart", args=[], channel={"id": "c"})
        with trio.fail_after(5):
            heard.append(await wired.router.arrivals.receive())
        return reply({"name": "callengine"})

    heard: list[StasisStart] = []
    wired.pbx.answers[FILTER] = slow
    await nursery.start(wired.link.run)
    assert [each.channel for each in heard] == [Channel("c")]


async def test_after_a_drop_everybody_learns_that_events_are_missing(
    wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await nursery.start(wired.link.run)
    with wired.router.subscribe("c") as events:
        await drop(wired)
        assert "closed" in wired.link.why_down
        await wired.link.wait_up()
        assert await events.receive() == EventsLost(restarted=False)
        await wired.pbx.tell("StasisEnd", channel={"id": "c"})
        assert isinstance(await events.receive(), StasisEnd)
    assert len(wired.pbx.requests(*FILTER)) == 2
    assert wired.link.why_down == ""


async def test_a_pbx_that_was_restarted_is_told_from_one_that_was_away(
    wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await nursery.start(wired.link.run)
    later = "2026-03-02T09:30:00.000-0600"
    with wired.router.subscribe("c") as events:
        wired.pbx.answers[INFO] = reply({"system": {"version": "22.10.2"}, "status": {"startup_time": later}})
        await drop(wired)
        assert await events.receive() == EventsLost(restarted=True)
    assert wired.link.info is not None and wired.link.info.startup_time == datetime.fromisoformat("2026-03-02T09:30:00-06:00")


async def test_a_drop_leaves_no_stale_connection_for_the_next_originate(
    wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    await nursery.start(wired.link.run)
    assert wired.pbx.live == 2
    wired.pbx.down = True
    await drop(wired)
    await wait_all_tasks_blocked()
    assert wired.pbx.live == 0


async def test_a_silent_drop_is_found_within_the_bound(wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    await nursery.start(wired.link.run)
    await trio.sleep(60)
    assert wired.link.up and wired.link.connects == 1
    wired.pbx.silent.set()
    fell_silent = trio.current_time()
    await wired.link.wait_down()
    assert trio.current_time() - fell_silent <= 10.0
    assert "ping" in wired.link.why_down


async def test_a_socket_closed_at_once_makes_no_tight_loop(
    wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def close(socket: WebSocketConnection) -> None:
        await trio.sleep(0.01)
        await socket.aclose()

    wired.pbx.on_socket = close
    nursery.start_soon(wired.link.run)
    await trio.sleep(3600)
    assert 100 < len(wired.pbx.handshakes) < 260
    gaps = [late - early for early, late in zip(wired.pbx.handshakes, wired.pbx.handshakes[1:], strict=False)]
    assert 0.5 <= gaps[0] <= 1.1
    assert min(gaps[8:]) >= 15.0
    assert len({round(each, 3) for each in gaps}) > len(gaps) // 2, "no jitter"


async def test_a_link_that_held_comes_back_quickly(wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    await nursery.start(wired.link.run)
    for _ in range(5):
        await trio.sleep(102)
        await drop(wired)
        dropped = trio.current_time()
        await wired.link.wait_up()
        assert trio.current_time() - dropped <= 0.5


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_it_waits_for_a_pbx_that_is_not_ready(
    wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock, status: int
) -> None:
    wired.pbx.handshake_status = status
    nursery.start_soon(wired.link.run)
    await trio.sleep(5)
    assert wired.link.why_down == f"the handshake was answered {status}"
    wired.pbx.handshake_status = 101
    await wired.link.wait_up()
    assert wired.link.connects > 2


async def test_it_waits_while_rest_answers_503(wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    good = wired.pbx.answers[FILTER]
    wired.pbx.answers[FILTER] = Reply(status=503)
    nursery.start_soon(wired.link.run)
    await trio.sleep(5)
    assert not wired.link.up and "503" in wired.link.why_down
    wired.pbx.answers[FILTER] = good
    await wired.link.wait_up()


async def test_it_waits_for_a_pbx_that_nobody_reaches(wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    wired.pbx.down = True
    nursery.start_soon(wired.link.run)
    await trio.sleep(100)
    assert wired.link.why_down == "no connection: nobody listens"
    wired.pbx.down = False
    await wired.link.wait_up()


@pytest.mark.parametrize("status", [401, 403])
async def test_wrong_credentials_are_said_at_once(wired: Wired, status: int) -> None:
    wired.pbx.handshake_status = status
    with pytest.raises(AriRefused, match="credentials") as caught:
        await wired.link.run()
    assert caught.value.status == status
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 101 Switching\r\nUpgrade: tea\r\n\r\n"])
async def test_a_peer_that_is_no_event_socket_is_tried_again(
    config: AriConfig, client: AriClient, nursery: trio.Nursery, autojump_clock: MockClock, greeting: bytes
) -> None:
    async def opener() -> trio.abc.Stream:
        ours, theirs = trio.testing.memory_stream_pair()
        if greeting:
            await theirs.send_all(greeting)
        else:
            await theirs.send_eof()
        return ours

    link = Link(config, opener, client, Router(), SeededAmbient(seed=1, elapsed=lambda: 0.0))
    nursery.start_soon(link.run)
    await trio.sleep(60)
    assert link.connects > 2
    assert link.why_down


async def test_taken_over_it_stops_for_good(wired: Wired, nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as running:
        await running.start(wired.link.run)
        await wired.pbx.tell("ApplicationReplaced")
        await wired.link.wait_down()
        with pytest.raises(AriLost, match="taken our application over"):
            await wired.link.wait_up()
    assert wired.link.replaced and not wired.link.up
    assert wired.link.connects == 1


async def test_taken_over_while_being_set_up(wired: Wired, nursery: trio.Nursery) -> None:
    async def replaced(request: Request) -> Reply:
        await wired.pbx.tell("ApplicationReplaced")
        return reply({"name": "callengine"})

    wired.pbx.answers[FILTER] = replaced
    await wired.link.run()
    assert wired.link.replaced


async def test_a_flood_fails_the_slow_reader_and_not_the_link(wired: Wired, nursery: trio.Nursery) -> None:
    await nursery.start(wired.link.run)
    with wired.router.subscribe("slow", limit=10) as slow, wired.router.subscribe("quick") as quick:
        for _ in range(500):
            await wired.pbx.tell("StasisStart", args=[], channel={"id": "slow"})
        await wired.pbx.tell("StasisStart", args=[], channel={"id": "quick"})
        assert isinstance(await quick.receive(), StasisStart)
        for _ in range(10):
            await slow.receive()
        with pytest.raises(AriLost):
            await slow.receive()
    assert wired.link.up


async def test_cancelled_it_leaves_no_connection(config: AriConfig, wired: Wired, autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as running:
        await running.start(wired.link.run)
        running.cancel_scope.cancel()
    assert not wired.link.up and wired.link.why_down == "the link was stopped"
    await wired.client.transport.close_idle()
    await wait_all_tasks_blocked()
    assert wired.pbx.live == 0
    assert wired.pbx.elapsed() < 0.1


async def test_a_handshake_that_never_ends_is_given_up(
    config: AriConfig, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    ends: list[trio.abc.Stream] = []

    async def opener() -> trio.abc.Stream:
        ours, theirs = trio.testing.memory_stream_pair()
        ends.append(theirs)
        return ours

    patient = evolve(config, connect_timeout=2.0)
    client = AriClient(Transport(patient, opener), "callengine")
    link = Link(patient, opener, client, Router(), SeededAmbient(seed=1, elapsed=lambda: 0.0))
    nursery.start_soon(link.run)
    await trio.sleep(2.1)
    assert link.why_down == "no handshake within 2 s"


async def test_a_connection_that_nobody_accepts_is_given_up(
    config: AriConfig, client: AriClient, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def opener() -> trio.abc.Stream:
        await trio.sleep_forever()
        raise AssertionError

    link = Link(config, opener, client, Router(), SeededAmbient(seed=1, elapsed=lambda: 0.0))
    nursery.start_soon(link.run)
    await trio.sleep(5.1)
    assert link.why_down == "no connection: timed out"
