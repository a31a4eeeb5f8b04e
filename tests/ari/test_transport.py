from contextlib import suppress

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.ari import AriConfig, AriUnavailable, Transport
from callengine.ari.transport import MAX_BODY
from callengine.errors import AriLost
from tests.ari.scripted import SECRET, Reply, Request, ScriptedPbx, reply


async def test_a_connection_is_kept_and_used_again(transport: Transport, pbx: ScriptedPbx) -> None:
    for _ in range(5):
        assert (await transport.request("GET", "/channels")).status == 200
    assert pbx.opened == 1


async def test_an_answer_comes_whole_whatever_its_status(transport: Transport, pbx: ScriptedPbx) -> None:
    pbx.answers[("GET", "/recordings/stored/r/file")] = Reply(body=b"RIFF" * 300_000)
    pbx.answers[("GET", "/channels/x")] = reply({"message": "Channel not found"}, 404)
    assert (await transport.request("GET", "/recordings/stored/r/file")).body == b"RIFF" * 300_000
    assert (await transport.request("GET", "/channels/x")).status == 404
    assert pbx.opened == 1


async def test_credentials_travel_in_a_header_only(transport: Transport, pbx: ScriptedPbx) -> None:
    await transport.request("GET", "/channels")
    request = pbx.seen[0]
    assert request.headers["authorization"] == "Basic ZW5naW5lOmNhbmFyeS03ZjNh"
    assert SECRET not in request.raw_target


async def test_a_request_on_its_way_does_not_show_its_credentials(transport: Transport, pbx: ScriptedPbx) -> None:
    """Whoever prints a traceback with its local variables prints errands."""
    pbx.answers[("GET", "/channels")] = Reply(garbage=b"no HTTP\r\n\r\n")
    with pytest.raises(AriLost) as caught:
        await transport.request("GET", "/channels")
    errands = [repr(entry.frame.f_locals["errand"]) for entry in caught.traceback if "errand" in entry.frame.f_locals]
    assert errands
    assert not any(text in errand for errand in errands for text in ("Basic", "ZW5naW5l"))


async def test_the_pool_is_bounded(pbx: ScriptedPbx, autojump_clock: MockClock) -> None:
    transport = Transport(AriConfig(app="callengine", username="u", password="p", pool=3, reserved=1), pbx.opener)
    pbx.answers[("GET", "/channels")] = Reply(after=1.0)
    async with trio.open_nursery() as nursery:
        for _ in range(12):
            nursery.start_soon(transport.request, "GET", "/channels")
            nursery.start_soon(transport.request, "DELETE", "/channels/x")
    assert len(pbx.seen) == 24
    assert pbx.most_live == 4
    assert pbx.elapsed() == pytest.approx(4.0)


async def test_hangups_pass_slow_requests(transport: Transport, pbx: ScriptedPbx, autojump_clock: MockClock) -> None:
    pbx.answers[("POST", "/bridges/b/addChannel")] = Reply(status=204, after=9.0)
    async with trio.open_nursery() as nursery:
        for _ in range(40):
            nursery.start_soon(_lost_or_not, transport, "POST", "/bridges/b/addChannel")
        await trio.sleep(0.1)
        for _ in range(50):
            await transport.request("DELETE", "/channels/x")
        assert pbx.elapsed() == pytest.approx(0.1)
        nursery.cancel_scope.cancel()


async def _lost_or_not(transport: Transport, method: str, path: str) -> None:
    with suppress(AriLost):
        await transport.request(method, path)


async def test_no_answer_in_time_is_lost(transport: Transport, pbx: ScriptedPbx, autojump_clock: MockClock) -> None:
    pbx.answers[("POST", "/channels")] = Reply(after=60.0)
    with pytest.raises(AriLost, match=r"POST /channels: no answer within 10 s") as caught:
        await transport.request("POST", "/channels", body=b"{}")
    assert not isinstance(caught.value, AriUnavailable)
    assert pbx.elapsed() == pytest.approx(10.0)
    await wait_all_tasks_blocked()
    assert pbx.live == 0
    assert len(pbx.seen) == 1


async def test_without_a_free_connection_nothing_is_sent(
    transport: Transport, pbx: ScriptedPbx, autojump_clock: MockClock
) -> None:
    pbx.answers[("GET", "/channels")] = Reply(after=60.0)
    async with trio.open_nursery() as nursery:
        for _ in range(16):
            nursery.start_soon(_lost_or_not, transport, "GET", "/channels")
        await wait_all_tasks_blocked()
        with pytest.raises(AriUnavailable, match="no connection within 10 s"):
            await transport.request("POST", "/bridges", body=b"{}")
    assert pbx.requests("POST", "/bridges") == []


async def test_originate_requests_wait_for_no_others(transport: Transport, pbx: ScriptedPbx, autojump_clock: MockClock) -> None:
    pbx.answers[("GET", "/channels")] = Reply(after=60.0)
    async with trio.open_nursery() as nursery:
        for _ in range(16):
            nursery.start_soon(_lost_or_not, transport, "GET", "/channels")
        await wait_all_tasks_blocked()
        await transport.request("POST", "/channels", body=b"{}")
        assert pbx.elapsed() == 0
        nursery.cancel_scope.cancel()


async def test_a_pbx_that_is_not_there_or_not_booted_did_nothing(transport: Transport, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels")] = Reply(status=503)
    with pytest.raises(AriUnavailable, match="503"):
        await transport.request("POST", "/channels", body=b"{}")
    await transport.close_idle()
    pbx.down = True
    with pytest.raises(AriUnavailable, match="nobody listens"):
        await transport.request("POST", "/channels", body=b"{}")


async def test_a_connection_that_nobody_accepts_is_given_up(config: AriConfig, autojump_clock: MockClock) -> None:
    with pytest.raises(AriUnavailable, match="no connection within 5 s"):
        await Transport(config, _never_opened).request("GET", "/channels")


async def _never_opened() -> trio.abc.Stream:
    await trio.sleep_forever()
    raise AssertionError


@pytest.mark.parametrize("wait, opened", [(9.0, 1), (11.0, 2)])
async def test_connections_rest_no_longer_than_asterisk_keeps_them(
    transport: Transport, pbx: ScriptedPbx, wait: float, opened: int, autojump_clock: MockClock
) -> None:
    await transport.request("GET", "/channels")
    await trio.sleep(wait)
    await transport.request("POST", "/bridges", body=b"{}")
    assert pbx.opened == opened


async def _die_when_used_again(request: Request) -> Reply:
    return Reply(drop=request.connection == 1 and request.query == {"again": "1"})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_stale_connection_is_replaced_for_what_may_be_repeated(
    transport: Transport, pbx: ScriptedPbx, method: str
) -> None:
    pbx.answers[(method, "/channels/x")] = _die_when_used_again
    await transport.request(method, "/channels/x")
    assert (await transport.request(method, "/channels/x", query="again=1")).status == 200
    assert [each.connection for each in pbx.seen] == [1, 1, 2]


async def test_what_creates_something_is_never_sent_twice(transport: Transport, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels")] = _die_when_used_again
    await transport.request("POST", "/channels", body=b"{}")
    with pytest.raises(AriLost, match="POST /channels"):
        await transport.request("POST", "/channels", query="again=1", body=b"{}")
    assert len(pbx.seen) == 2


async def test_a_dead_fresh_connection_is_not_tried_again(transport: Transport, pbx: ScriptedPbx) -> None:
    pbx.answers[("GET", "/channels")] = Reply(drop=True)
    with pytest.raises(AriLost):
        await transport.request("GET", "/channels")
    assert len(pbx.seen) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ],
)
async def test_an_answer_broken_off_or_not_http_is_lost(transport: Transport, pbx: ScriptedPbx, garbage: bytes) -> None:
    await transport.request("GET", "/bridges")
    pbx.answers[("GET", "/channels")] = Reply(garbage=garbage)
    with pytest.raises(AriLost, match="GET /channels"):
        await transport.request("GET", "/channels")
    assert len(pbx.requests("GET", "/channels")) == 1


async def test_a_connection_the_pbx_closes_is_not_kept(transport: Transport, pbx: ScriptedPbx) -> None:
    pbx.answers[("POST", "/channels")] = Reply(garbage=b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    for _ in range(2):
        assert (await transport.request("POST", "/channels", body=b"{}")).body == b"{}"
    assert pbx.opened == 2


async def test_an_answer_too_large_is_refused(pbx: ScriptedPbx) -> None:
    transport = Transport(AriConfig(app="callengine", username="u", password="p", max_response=1000), pbx.opener)
    pbx.answers[("GET", "/recordings/stored/r/file")] = Reply(body=b"x" * 1001)
    with pytest.raises(AriLost, match="larger than accepted"):
        await transport.request("GET", "/recordings/stored/r/file")
    await wait_all_tasks_blocked()
    assert pbx.live == 0


async def test_a_body_asterisk_would_not_take_is_not_sent(transport: Transport, pbx: ScriptedPbx) -> None:
    with pytest.raises(ValueError, match="40961 bytes"):
        await transport.request("POST", "/channels", body=b"x" * (MAX_BODY + 1))
    assert (await transport.request("POST", "/channels", body=b"x" * MAX_BODY)).status == 200


async def test_a_cancelled_request_closes_its_connection(pbx: ScriptedPbx, autojump_clock: MockClock) -> None:
    transport = Transport(AriConfig(app="callengine", username="u", password="p", pool=1, reserved=1), pbx.opener)
    pbx.answers[("POST", "/channels")] = Reply(after=5.0)
    with trio.move_on_after(1.0):
        await transport.request("POST", "/channels", body=b"{}")
    await wait_all_tasks_blocked()
    assert pbx.live == 0
    await transport.request("DELETE", "/channels/x")
    await transport.request("GET", "/channels")
    assert pbx.elapsed() == pytest.approx(1.0)
    assert len(pbx.requests("POST", "/channels")) == 1


async def test_errors_hold_no_credentials(transport: Transport, config: AriConfig, pbx: ScriptedPbx) -> None:
    pbx.answers[("GET", "/channels")] = Reply(drop=True)
    with pytest.raises(AriLost) as caught:
        await transport.request("GET", "/channels", query="app=callengine")
    error: BaseException | None = caught.value
    told = [repr(config), repr(transport), str(config)]
    while error is not None:
        told += [str(error), repr(error)]
        error = error.__cause__ or error.__context__
    for each in told:
        assert SECRET not in each and "ZW5naW5lOmNhbmFyeS03ZjNh" not in each
