"""What Asterisk makes of a call that comes in, before the answer and at its end; and of one that is passed on elsewhere."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import define

from callengine.ari import WANTED
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import LONGER, Asterisk, Leftovers
from tests.e2e.bare import BareClient, Event, bare_client
from tests.e2e.callers import Reception
from tests.e2e.people import Person
from tests.e2e.phones import Phones

LINE = "5550002"
PATIENT = Person("20001")
IMPATIENT = Person("20002", gives_up=1.0)
LEAVES = Person("20003", hangs_up=1.0)

PROMPT_PACKETS = 50
"""Of a prompt of one second."""


@define
class Incoming:
    """A call that came in.

    Attributes:
        became: what became of it, as the caller saw it; when the block is over.
    """

    client: BareClient
    channel: str
    became: Reception | None = None

    def told(self) -> list[str]:
        """What the application was told of it after its arrival."""
        return [str(event) for event in self.client.seen[1:]]

    @property
    def reception(self) -> Reception:
        assert self.became is not None
        return self.became


@asynccontextmanager
async def incoming(asterisk: Asterisk, phones: Phones, person: Person) -> AsyncGenerator[Incoming, None]:
    """This person calls, and is told of by the events that the engine asks for; the call must end within the block."""
    async with bare_client(asterisk) as client:
        await client.only(WANTED)
        async with trio.open_nursery() as nursery:

            async def call() -> None:
                became = await phones.call(LINE, person, asterisk.settings.sip_port)
                arrived.became = became

            nursery.start_soon(call)
            arrived = Incoming(client, (await client.event("StasisStart")).channel.id)
            yield arrived
        await client.rest()
    assert await asterisk.leftovers() == Leftovers()


async def state(incoming: Incoming) -> str:
    return str((await incoming.client.ask("GET", f"/channels/{incoming.channel}")).json()["state"])


@pytest.mark.parametrize(("ring", "statuses"), [(False, (100, 183, 200)), (True, (100, 180, 183, 200))], ids=["", "after ring"])
async def test_a_caller_hears_a_sound_before_the_answer(
    asterisk: Asterisk, phones: Phones, ring: bool, statuses: tuple[int, ...]
) -> None:
    """As early media, whole and with the usual events; the channel stays as it was."""
    async with incoming(asterisk, phones, PATIENT) as call:
        if ring:
            await call.client.ask("POST", f"/channels/{call.channel}/ring")
        played = await call.client.play(call.channel, "custom/hello")
        assert (played.playback.state, await state(call)) == ("done", "Ring")
        await call.client.ask("POST", f"/channels/{call.channel}/answer")
        assert await state(call) == "Up"
        await call.client.ask("DELETE", f"/channels/{call.channel}")
    assert call.reception.statuses == statuses
    assert len(call.reception.early) == pytest.approx(PROMPT_PACKETS, abs=5)


async def test_a_caller_hears_music_before_the_answer(asterisk: Asterisk, phones: Phones) -> None:
    async with incoming(asterisk, phones, IMPATIENT) as call:
        await call.client.ask("POST", f"/channels/{call.channel}/moh")
        await call.client.event("StasisEnd")
    assert call.reception.statuses == (100, 183, 487)
    assert len(call.reception.early) == pytest.approx(50 * 1.0, abs=10)


@pytest.mark.parametrize("stopped", [False, True], ids=["while it plays", "after it was stopped"])
async def test_the_answer_waits_for_the_end_of_a_sound(asterisk: Asterisk, phones: Phones, stopped: bool) -> None:
    """So does the request for it; whoever wants to answer now stops the sound first."""
    async with incoming(asterisk, phones, PATIENT) as call:
        playback = str(uuid.uuid4())
        query = {"media": "sound:custom/onhold", "playbackId": playback}
        await call.client.ask("POST", f"/channels/{call.channel}/play", query)
        await trio.sleep(0.5)
        if stopped:
            await call.client.ask("DELETE", f"/playbacks/{playback}")
        await call.client.ask("POST", f"/channels/{call.channel}/answer")
        await call.client.ask("DELETE", f"/channels/{call.channel}")
    assert call.reception.answered_after == pytest.approx(0.5 if stopped else LONGER["custom/onhold"], abs=0.3)
    assert call.told() == ["PlaybackFinished done", "StasisEnd Up"]


@pytest.mark.parametrize(
    ("reason", "status"), [("busy", 486), ("congestion", 503), ("no_answer", 480), ("rejected", 403), ("normal", 603)]
)
async def test_a_caller_is_turned_away(asterisk: Asterisk, phones: Phones, reason: str, status: int) -> None:
    async with incoming(asterisk, phones, PATIENT) as call:
        await call.client.ask("DELETE", f"/channels/{call.channel}", {"reason": reason})
    assert call.reception.refused == status
    assert call.told() == ["StasisEnd Ring"]


async def test_a_caller_gives_up(asterisk: Asterisk, phones: Phones) -> None:
    async with incoming(asterisk, phones, IMPATIENT) as call:
        await call.client.event("StasisEnd")
        refused = await call.client.refusal("POST", f"/channels/{call.channel}/answer")
    assert (refused.status_code, refused.json()["message"]) == (404, "Channel not found")
    assert call.reception.gave_up
    assert call.told() == ["StasisEnd Ring"]


async def test_a_caller_hangs_up(asterisk: Asterisk, phones: Phones) -> None:
    async with incoming(asterisk, phones, LEAVES) as call:
        await call.client.ask("POST", f"/channels/{call.channel}/answer")
        await call.client.event("StasisEnd")
    assert call.told() == ["StasisEnd Up"]


@pytest.mark.parametrize(
    ("person", "end"),
    [
        (IMPATIENT, "ChannelDestroyed Ring cause=127 tech=487"),
        (LEAVES, "ChannelDestroyed Up cause=0"),
        (PATIENT, "ChannelDestroyed Up cause=16"),
    ],
    ids=["gives up", "hangs up", "is hung up on"],
)
async def test_the_end_of_a_channel_that_was_subscribed_to(
    asterisk: Asterisk, phones: Phones, person: Person, end: str
) -> None:
    """Then its ChannelDestroyed comes, which nobody else is told of a channel that came in."""
    async with incoming(asterisk, phones, person) as call:
        await call.client.subscribe(call.channel)
        if person is not IMPATIENT:
            await call.client.ask("POST", f"/channels/{call.channel}/answer")
        if person is PATIENT:
            await call.client.ask("DELETE", f"/channels/{call.channel}")
        await call.client.event("ChannelDestroyed")
    assert call.told() == [f"StasisEnd {end.split()[1]}", end]


async def test_a_channel_that_is_gone_cannot_be_subscribed_to(asterisk: Asterisk, phones: Phones) -> None:
    async with incoming(asterisk, phones, PATIENT) as call:
        await call.client.ask("DELETE", f"/channels/{call.channel}")
        await call.client.event("StasisEnd")
        await trio.sleep(0.1)
        query = {"eventSource": f"channel:{call.channel}"}
        refused = await call.client.refusal("POST", f"/applications/{asterisk.app}/subscription", query)
    assert (refused.status_code, refused.json()["message"]) == (422, "Event source does not exist")


async def test_a_bridge_does_not_answer_a_call(asterisk: Asterisk, phones: Phones) -> None:
    async with incoming(asterisk, phones, LEAVES) as call:
        bridge = await call.client.bridge(call.channel)
        assert await state(call) == "Ring"
        await call.client.ask("POST", f"/channels/{call.channel}/answer")
        assert await state(call) == "Up"
        await call.client.event("StasisEnd")
        await call.client.ask("DELETE", f"/bridges/{bridge}")
    assert call.reception.statuses == (100, 200)
    assert call.told() == ["ChannelEnteredBridge Ring", "ChannelLeftBridge Up", "StasisEnd Up"]


async def forward(client: BareClient) -> tuple[Event, Event]:
    """The Dial that tells of the forward, and the arrival of the other half. They come in either order."""
    await client.originate(people.REDIRECTS.digits)
    while len(found := [event for event in client.seen if event.forwarded.id or event.type == "StasisStart"]) < 2:
        await client.event("Dial", "StasisStart")
    dial, arrival = sorted(found, key=lambda event: event.type)
    return dial, arrival


@pytest.mark.parametrize("end_of_forward", [True, False], ids=["the half we are told of", "the half that arrives"])
async def test_the_halves_of_a_forward_bear_one_name(asterisk: Asterisk, channel_log: ChannelLog, end_of_forward: bool) -> None:
    """They differ in the last character alone. One request ends both; nothing else of the arrival tells what it is."""
    async with bare_client(asterisk) as client:
        await client.only(WANTED)
        dial, arrival = await forward(client)
        assert (dial.forwarded.name[:6], dial.forwarded.name[-2:]) == ("Local/", ";1")
        assert arrival.channel.name == dial.forwarded.name.removesuffix(";1") + ";2"
        assert arrival.args == ["inbound", "10099"]
        await client.ask("DELETE", f"/channels/{(dial.forwarded if end_of_forward else arrival.channel).id}")
        await channel_log.wait_quiet()
        await client.rest()
    ended = [event.channel.id for event in client.seen if event.type == "ChannelDestroyed"]
    assert dial.forwarded.id in ended
    assert arrival.channel.id not in ended
    assert await asterisk.leftovers() == Leftovers()
