"""People who call us, as Asterisk tells of them: from StasisStart to StasisEnd and no further."""

import pytest
import trio
from trio.testing import MockClock

from callengine.model import SeededAmbient
from callengine.simulator import HangUp, Kind, Moment, PbxConfig, People, Persona, SimulatedPbx, leaked
from tests.simulator.client import Client, id_of, running

LINE, CALLER = "02155", "09130000001"
OPERATOR = "o" * 36


async def called(pbx: SimulatedPbx, client: Client, persona: Persona | None = None) -> str:
    """The channel of somebody who has just rung us."""
    channel = pbx.ring_in(persona or Persona(), LINE, CALLER)
    await client.wait("StasisStart", lambda event: id_of(event) == channel)
    return channel


def causes(pbx: SimulatedPbx) -> list[str]:
    return [record.detail["cause"] for record in pbx.log if record.kind is Kind.DESTROYED]


async def test_a_prompt_plays_to_a_caller_nobody_has_answered(autojump_clock: MockClock) -> None:
    async with running(People(), PbxConfig(prompt_seconds={"sound:onhold": 4.0})) as (pbx, client):
        channel = await called(pbx, client)
        assert (await client.request("POST", f"/channels/{channel}/ring")).status == 204
        began = trio.current_time()
        assert (await client.request("POST", f"/channels/{channel}/play/p?media=sound:onhold")).status == 201
        await client.wait("PlaybackFinished")
        assert trio.current_time() - began == pytest.approx(4.0, abs=0.1)
        assert client.trace() == ["StasisStart", "PlaybackStarted playing", "PlaybackFinished done"]
        assert (await client.request("GET", f"/channels/{channel}")).json()["state"] == "Ring"
        assert Kind.ANSWERED not in {record.kind for record in pbx.log}


async def test_a_caller_is_answered_in_the_middle_of_a_prompt(autojump_clock: MockClock) -> None:
    """The channel's thread answers when the prompt is over, unless it is stopped."""
    async with running(People(), PbxConfig(prompt_seconds={"sound:onhold": 30.0})) as (pbx, client):
        channel = await called(pbx, client)
        await client.request("POST", f"/channels/{channel}/play/p?media=sound:onhold")
        await trio.sleep(3)
        began = trio.current_time()
        assert (await client.request("DELETE", "/playbacks/p")).status == 204
        assert (await client.request("POST", f"/channels/{channel}/answer")).status == 204
        assert trio.current_time() - began < 0.1
        await client.wait("ChannelStateChange")
        assert client.trace()[-2:] == ["PlaybackFinished done", "ChannelStateChange Up"]


@pytest.mark.parametrize(("reason", "cause"), [("busy", "17"), ("congestion", "34")])
async def test_a_caller_is_turned_away(autojump_clock: MockClock, reason: str, cause: str) -> None:
    async with running(People()) as (pbx, client):
        channel = await called(pbx, client)
        assert (await client.request("DELETE", f"/channels/{channel}?reason={reason}")).status == 204
        await client.wait("StasisEnd")
        await trio.sleep(1)
        assert client.trace() == ["StasisStart", "ChannelHangupRequest", "StasisEnd"]
        assert causes(pbx) == [cause]
        assert (await client.request("GET", f"/channels/{channel}")).status == 404


@pytest.mark.parametrize("answered", [True, False])
async def test_an_impatient_caller_leaves_so_long_after_they_rang(autojump_clock: MockClock, answered: bool) -> None:
    async with running(People()) as (pbx, client):
        began = trio.current_time()
        channel = await called(pbx, client, Persona(hangs_up=HangUp(Moment.RINGING, seconds=7.0)))
        await trio.sleep(2)
        if answered:
            await client.request("POST", f"/channels/{channel}/answer")
        await client.wait("StasisEnd")
        assert trio.current_time() - began == pytest.approx(7.0, abs=0.1)
        assert [record.detail["by"] for record in pbx.log if record.kind is Kind.HANGUP] == ["person"]


async def test_a_caller_leaves_the_bridge(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        caller = await called(pbx, client, Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=3.0)))
        await client.request("POST", f"/channels/{caller}/answer")
        await client.answered("7000", OPERATOR)
        await client.request("POST", "/bridges/b")
        assert (await client.request("POST", f"/bridges/b/addChannel?channel={caller},{OPERATOR}")).status == 204
        await client.wait("StasisEnd")
        await trio.sleep(1)
        assert client.trace()[-3:] == ["ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd"]
        assert leaked(pbx.log).channels == (OPERATOR,)


async def test_to_record_a_caller_answers_them(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        channel = await called(pbx, client, Persona(says=("hello",)))
        await client.request("POST", f"/channels/{channel}/record?name=r&format=wav&maxSilenceSeconds=2")
        await client.wait("RecordingFinished")
        assert "ChannelStateChange Up" in client.trace()
        assert [record.detail["said"] for record in pbx.log if record.kind is Kind.RECORDING_ENDED] == ["hello"]


async def test_a_caller_waits_until_somebody_listens(autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    pbx = SimulatedPbx(SeededAmbient(1, trio.current_time), People())
    await nursery.start(pbx.run)
    with pytest.raises(ConnectionRefusedError):
        pbx.ring_in(Persona(), LINE)
    client = Client(pbx.opener, nursery)

    async def listen_later() -> None:
        await trio.sleep(5)
        await client.listen()

    nursery.start_soon(listen_later)
    await pbx.wait_listened_to()
    assert trio.current_time() == pytest.approx(5, abs=0.1)
    await called(pbx, client)
    nursery.cancel_scope.cancel()
