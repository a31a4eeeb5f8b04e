"""Calls as Asterisk 22.10.1 was seen to tell them, event by event."""

import pytest
import trio
from trio.testing import MockClock

from callengine.simulator import HangUp, Instead, KeyPress, Kind, Moment, People, Persona, leaked
from tests.simulator.client import id_of, running

CHANNEL = "c" * 36


def everybody(**habits: object) -> People:
    return People(otherwise=Persona(**habits))  # type: ignore[arg-type]  # the tests below name real attributes


async def test_an_answered_call_that_the_application_ends(autojump_clock: MockClock) -> None:
    async with running(everybody()) as (pbx, client):
        await client.answered()
        assert (await client.request("DELETE", f"/channels/{CHANNEL}")).status == 204
        destroyed = await client.wait("ChannelDestroyed")
        assert client.trace() == [
            "Dial",
            "ChannelStateChange Ringing",
            "Dial RINGING",
            "ChannelStateChange Up",
            "Dial ANSWER",
            "StasisStart",
            "ChannelHangupRequest",
            "StasisEnd",
            "ChannelDestroyed",
        ]
        assert destroyed["cause"] == 16
        assert destroyed["cause_txt"] == "Normal Clearing"
        assert (await client.request("GET", f"/channels/{CHANNEL}")).status == 404
        assert leaked(pbx.log).channels == ()


@pytest.mark.parametrize(
    ("instead", "cause", "sip", "status"),
    [
        (Instead.BUSY, 17, 486, "BUSY"),
        (Instead.DECLINE, 21, 603, "NOANSWER"),
        (Instead.POWER_OFF, 20, 480, "CHANUNAVAIL"),
        (Instead.CONGESTION, 34, 503, "CONGESTION"),
    ],
)
async def test_a_call_that_is_refused(autojump_clock: MockClock, instead: Instead, cause: int, sip: int, status: str) -> None:
    async with running(everybody(instead=instead)) as (_, client):
        await client.originate()
        destroyed = await client.wait("ChannelDestroyed")
        assert (destroyed["cause"], destroyed["tech_cause"]) == (cause, sip)
        assert client.trace()[-3:] == ["ChannelHangupRequest", f"Dial {status}", "ChannelDestroyed"]


async def test_nobody_answers_in_time_and_no_dial_event_says_so(autojump_clock: MockClock) -> None:
    async with running(everybody(instead=Instead.NO_ANSWER)) as (_, client):
        began = trio.current_time()
        await client.originate(timeout=12)
        destroyed = await client.wait("ChannelDestroyed")
        assert destroyed["cause"] == 19
        assert client.trace()[-2:] == ["Dial RINGING", "ChannelDestroyed"]
        assert trio.current_time() - began == pytest.approx(12, abs=0.1)


async def test_a_ringing_call_is_cancelled(autojump_clock: MockClock) -> None:
    async with running(everybody(answers_after=20.0)) as (_, client):
        await client.originate()
        await client.wait("Dial", lambda event: event["dialstatus"] == "RINGING")
        assert (await client.request("POST", f"/channels/{CHANNEL}/play/p?media=sound:x")).status == 409
        assert (await client.request("DELETE", f"/channels/{CHANNEL}?reason=silly")).status == 400
        assert (await client.request("DELETE", f"/channels/{CHANNEL}")).status == 204
        await client.wait("ChannelDestroyed")
        assert client.trace()[-3:] == ["ChannelHangupRequest", "Dial NOANSWER", "ChannelDestroyed"]


async def test_a_person_hangs_up_in_the_middle_of_a_prompt(autojump_clock: MockClock) -> None:
    people = everybody(hangs_up=HangUp(Moment.PROMPT, nth=2, seconds=0.5))
    async with running(people) as (_, client):
        await client.answered()
        for playback in ("p1", "p2", "p3"):
            await client.request("POST", f"/channels/{CHANNEL}/play/{playback}?media=sound:hello")
        await client.wait("ChannelDestroyed")
        assert client.trace()[6:] == [
            "PlaybackStarted playing",
            "PlaybackFinished done",
            "PlaybackStarted playing",
            "ChannelHangupRequest",
            "PlaybackFinished failed",
            "PlaybackStarted playing",
            "PlaybackFinished failed",
            "StasisEnd",
            "ChannelDestroyed",
        ]


async def test_keys_arrive_when_they_are_pressed(autojump_clock: MockClock) -> None:
    async with running(everybody(presses=(KeyPress("1", 2.0), KeyPress("#", 2.5)))) as (_, client):
        await client.answered()
        began = trio.current_time()
        await client.wait("ChannelDtmfReceived", lambda event: event["digit"] == "#")
        assert trio.current_time() - began == pytest.approx(2.5, abs=0.1)
        assert [event["digit"] for event in client.events if event["type"] == "ChannelDtmfReceived"] == ["1", "#"]


async def test_people_key_in_what_each_prompt_asks_for(autojump_clock: MockClock) -> None:
    async with running(everybody(keys=("", "12"), thinks=0.5)) as (_, client):
        await client.answered()
        for playback in ("first", "second", "third"):
            await client.request("POST", f"/channels/{CHANNEL}/play/{playback}?media=sound:hello")
        await client.wait("PlaybackFinished", lambda event: id_of(event, "playback") == "third")
        keys = [event["digit"] for event in client.events if event["type"] == "ChannelDtmfReceived"]
        assert keys == ["1", "2"]


async def test_a_forward_rings_on_under_an_id_of_the_pbx(autojump_clock: MockClock) -> None:
    people = People({"09120000001": Persona(instead=Instead.FORWARD, forwards_to="7777777")})
    async with running(people) as (pbx, client):
        await client.originate()
        forward = await client.wait("Dial", lambda event: event["dialstatus"] == "CANCEL")
        other = id_of(forward, "forwarded")
        assert id_of(forward, "peer") == CHANNEL
        assert forward["forward"] == "7777777"
        assert other != CHANNEL
        await client.wait("ChannelDestroyed", lambda event: id_of(event) == CHANNEL)
        assert (await client.request("DELETE", f"/channels/{other}")).status == 204
        while leaked(pbx.log).channels:
            await trio.sleep(0.1)
        assert all(id_of(event) != other for event in client.events if event["type"] == "ChannelDestroyed")


async def test_who_answers_while_no_application_listens_is_hung_up_on(autojump_clock: MockClock) -> None:
    async with running(everybody()) as (pbx, client):
        await client.originate()
        pbx.cut_event_sockets()
        await trio.sleep(10)
        assert [record.kind for record in pbx.log][-3:] == [Kind.ANSWERED, Kind.HANGUP, Kind.DESTROYED]
        assert (await client.request("GET", f"/channels/{CHANNEL}")).status == 404


async def test_originate_says_no_as_asterisk_does(autojump_clock: MockClock) -> None:
    people = People({"09129999999": Persona(instead=Instead.UNREACHABLE)})
    async with running(people) as (_, client):
        unreachable = await client.originate("09129999999")
        assert (unreachable.status, unreachable.json()) == (500, {"error": "Allocation failed"})
        assert (await client.request("POST", "/channels", {"app": "a"})).json() == {"message": "Endpoint must be specified"}
        assert (await client.request("POST", "/channels", {"app": "a", "endpoint": "x"})).status == 400
        assert (await client.request("POST", "/channels", {"endpoint": "PJSIP/1"})).status == 400
        assert (await client.originate(channel="c-118")).status == 200
        for taken in ("c-118", "c-11"):
            assert (await client.originate(channel=taken)).json() == {"message": "Channel with given unique ID already exists"}
        for free in ("c-12", "c-1180"):
            assert (await client.originate(channel=free)).status == 200


async def test_a_channel_tells_who_calls_and_what_it_carries(autojump_clock: MockClock) -> None:
    async with running(everybody()) as (_, client):
        await client.answered(callerId='"Me" <02155>', appArgs="out,x", variables={"CALLENGINE_LINE": "l1"})
        channel = (await client.request("GET", f"/channels/{CHANNEL}")).json()
        assert channel["caller"] == {"name": "Me", "number": "02155"}
        assert channel["name"] == "PJSIP/trunk-00000000"
        assert (await client.wait("StasisStart"))["args"] == ["out", "x"]
        value = await client.request("GET", f"/channels/{CHANNEL}/variable?variable=CALLENGINE_LINE")
        assert value.json() == {"value": "l1"}
        assert (await client.request("GET", f"/channels/{CHANNEL}/variable?variable=NOPE")).status == 404
        assert [row["id"] for row in (await client.request("GET", "/channels")).rows()] == [CHANNEL]


async def test_a_caller_from_outside_is_answered_and_leaves_with_stasis_end_alone(autojump_clock: MockClock) -> None:
    async with running(everybody()) as (pbx, client):
        channel = pbx.ring_in(Persona(hangs_up=HangUp(Moment.ANSWER, seconds=3)), "02155", caller="0912")
        start = await client.wait("StasisStart")
        assert start["args"] == ["inbound", "02155"]
        assert id_of(start) == channel
        assert (await client.request("POST", f"/channels/{channel}/ring")).status == 204
        assert (await client.request("POST", f"/channels/{channel}/answer")).status == 204
        await client.wait("StasisEnd")
        await trio.sleep(1)
        assert client.trace() == ["StasisStart", "ChannelStateChange Up", "ChannelHangupRequest", "StasisEnd"]


async def test_a_caller_nobody_answers_gives_up(autojump_clock: MockClock) -> None:
    async with running(everybody()) as (pbx, client):
        pbx.ring_in(Persona(), "02155")
        await client.wait("StasisEnd")
        assert trio.current_time() == pytest.approx(pbx.config.inbound_patience, abs=1)
