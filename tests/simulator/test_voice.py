"""Talk detection, as Asterisk does it."""

import trio
from trio.testing import MockClock

from callengine.simulator import People, Persona, Utterance
from tests.simulator.client import Client, Document, running
from tests.simulator.test_media import CHANNEL

GREETING = (Utterance(1.0, 0.6), Utterance(0.5, 0.6))
"""Over 2.7 seconds after the answer."""


def greeter(*greets: Utterance) -> People:
    return People(otherwise=Persona(greets=greets))


async def detect(client: Client, told: str = "", variable: str = "TALK_DETECT(set)") -> int:
    path = f"/channels/{CHANNEL}/variable"
    return (await client.request("POST", path, {"variable": variable, "value": told})).status


def talk_in(events: list[Document]) -> list[tuple[object, object]]:
    return [(event["type"], event.get("duration")) for event in events if str(event["type"]).startswith("ChannelTalking")]


async def test_it_tells_when_they_begin_and_have_been_silent(autojump_clock: MockClock) -> None:
    async with running(greeter(*GREETING)) as (_, client):
        await client.answered()
        assert await detect(client, "200,256") == 204
        await trio.sleep(5)
        assert talk_in(client.events) == [
            ("ChannelTalkingStarted", None),
            ("ChannelTalkingFinished", 600),
            ("ChannelTalkingStarted", None),
            ("ChannelTalkingFinished", 600),
        ]


async def test_a_gap_shorter_than_the_silence_is_none(autojump_clock: MockClock) -> None:
    async with running(greeter(*GREETING)) as (_, client):
        await client.answered()
        await detect(client, "800")
        await trio.sleep(5)
        assert talk_in(client.events) == [("ChannelTalkingStarted", None), ("ChannelTalkingFinished", 1700)]


async def test_who_speaks_already_is_heard_at_once_and_not_after_the_removal(autojump_clock: MockClock) -> None:
    async with running(greeter(Utterance(0.1, 10.0))) as (_, client):
        await client.answered()
        await trio.sleep(1)
        await detect(client, "not a number")
        await client.wait("ChannelTalkingStarted")
        assert await detect(client, variable="TALK_DETECT(remove)") == 204
        await trio.sleep(20)
        assert len(talk_in(client.events)) == 1


async def test_a_program_speaks_for_them(autojump_clock: MockClock) -> None:
    async with running(greeter()) as (pbx, client):
        assert not pbx.talk(CHANNEL, 1.0)
        await client.answered()
        await detect(client, "800")
        assert pbx.talk(CHANNEL, 1.0)
        await trio.sleep(0.5)
        assert pbx.talk(CHANNEL, 1.0), "and goes on"
        await client.wait("ChannelTalkingFinished")
        assert talk_in(client.events) == [("ChannelTalkingStarted", None), ("ChannelTalkingFinished", 1500)]
        assert pbx.hang_up(CHANNEL)
        assert not pbx.talk(CHANNEL, 1.0), "they are hanging up"


async def test_other_variables_are_set_and_unknown_functions_are_passed_over(autojump_clock: MockClock) -> None:
    """Asterisk answers alike to both."""
    async with running(greeter()) as (_, client):
        await client.answered()
        assert await detect(client, "red", "COLOUR") == 204
        assert await detect(client, "1", "NONESUCH(set)") == 204
        assert await detect(client, "1", "") == 400
        found = await client.request("GET", f"/channels/{CHANNEL}/variable?variable=COLOUR")
        assert found.json() == {"value": "red"}
        assert (await client.request("POST", "/channels/none/variable", {"variable": "A", "value": "1"})).status == 404
