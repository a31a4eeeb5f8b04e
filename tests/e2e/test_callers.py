"""The harness proves itself: people who call lines, what they hear, and what Asterisk's own log makes of it all."""

from pathlib import Path

import pytest
import trio

from callengine.fsm import has_errors, lint
from callengine.providers import RenderedSpeech
from callengine.providers.base import Voice
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.shelves import FolderShelf
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.bare import BareClient, bare_client
from tests.e2e.callers import Reception
from tests.e2e.ears import recording
from tests.e2e.engine import ATTENDED, FLOWS, IN_LINE, OFFICE
from tests.e2e.listening import hear
from tests.e2e.people import Person, Press
from tests.e2e.phones import Phones

PHRASES = ("welcome", "please hold", "nobody is here")


async def arrivals(client: BareClient, count: int) -> dict[str, str]:
    """Wait for so many calls: the line that was called -> the channel."""
    events = [await client.event("StasisStart") for _ in range(count)]
    return {event.args[1]: event.channel.id for event in events}


async def test_callers_fare_differently(
    asterisk: Asterisk, phones: Phones, channel_log: ChannelLog, nursery: trio.Nursery
) -> None:
    calls = [
        ("5550001", Person("20001")),
        ("5550002", Person("20002")),
        ("5550003", Person("20003", gives_up=1.0)),
        ("5550004", Person("20004", hangs_up=0.5)),
    ]
    became: list[Reception] = []

    async def call() -> None:
        became.extend(await phones.call_together(calls, asterisk.settings.sip_port))

    async with bare_client(asterisk) as client, trio.open_nursery() as calling:
        calling.start_soon(call)
        channels = await arrivals(client, 4)
        await trio.sleep(1.5)
        await client.ask("DELETE", f"/channels/{channels['5550002']}", {"reason": "busy"})
        for line in ("5550001", "5550004"):
            await client.ask("POST", f"/channels/{channels[line]}/answer")
        await trio.sleep(1.0)
        await client.ask("DELETE", f"/channels/{channels['5550001']}")
    answered, refused, gave_up, left = became
    assert [each.refused for each in became] == [None, 486, None, None]
    assert [each.gave_up for each in became] == [False, False, True, False]
    for each in (answered, left):
        assert each.answered_after == pytest.approx(1.5, abs=0.5)
    assert refused.answered_after is gave_up.answered_after is None
    await channel_log.wait_quiet()
    assert {line: channel_log.most_at_once(line) for line, _ in calls} == dict(zip(dict(calls), (1, 0, 0, 1), strict=True))
    [record] = channel_log.calls_from("20004")
    assert record.answered_at is not None
    assert record.ended is not None
    assert channel_log.slots("5550004") == ((record.answered_at, 1), (record.ended, 0))
    assert record.answered_at - record.began == pytest.approx(1.5, abs=0.5)
    assert await asterisk.leftovers() == Leftovers()


async def test_a_caller_hears_words_before_and_after_the_answer(asterisk: Asterisk, phones: Phones) -> None:
    became: list[Reception] = []

    async def call() -> None:
        became.append(await phones.call("5550002", Person("20001"), asterisk.settings.sip_port))

    async with bare_client(asterisk) as client, trio.open_nursery() as calling:
        calling.start_soon(call)
        [channel] = (await arrivals(client, 1)).values()
        await client.play(channel, "custom/welcome")
        await client.ask("POST", f"/channels/{channel}/answer")
        await client.play(channel, "custom/onhold")
        await client.ask("DELETE", f"/channels/{channel}")
    [reception] = became
    assert hear(recording(reception.early), PHRASES) == "welcome"
    assert hear(recording(reception.late), PHRASES) == "please hold"


async def test_who_was_bridged_with_whom(
    asterisk: Asterisk, phones: Phones, channel_log: ChannelLog, nursery: trio.Nursery
) -> None:
    """A caller who presses a key, then leaves the bridge; two slots of the line are held from the answer on."""
    caller = Person("20001", presses=(Press("5", 0.7),), hangs_up=2.0)
    operator = people.PRESSES_NOTHING
    async with bare_client(asterisk) as client:
        nursery.start_soon(phones.call, "5550002", caller, asterisk.settings.sip_port)
        [channel] = (await arrivals(client, 1)).values()
        other = await client.originate(operator.digits, line="5550002")
        await client.event("StasisStart")
        assert channel_log.bridged(caller.digits, operator.digits) == ()
        await client.ask("POST", f"/channels/{channel}/answer")
        bridge = await client.bridge(channel, other)
        await channel_log.wait_bridged(caller.digits, operator.digits)
        assert (await client.event("ChannelDtmfReceived")).digit == "5"
        await client.event("StasisEnd")
        await client.hang_up(other)
        await client.ask("DELETE", f"/bridges/{bridge}")
    await channel_log.wait_quiet()
    [period] = channel_log.bridged(operator.digits, caller.digits)
    assert period.end is not None
    assert period.end - period.begin == pytest.approx(2.0, abs=0.5)
    assert [held for _, held in channel_log.slots("5550002")] == [1, 2, 1, 0]


@pytest.mark.parametrize("folder", [FLOWS, OFFICE, ATTENDED, IN_LINE], ids=lambda folder: folder.name)
def test_the_scenarios_are_without_errors(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        assert not has_errors(lint(file.read_bytes(), file.name))


async def test_a_sentence_made_for_one_call_is_heard(asterisk: Asterisk, phones: Phones) -> None:
    """What espeak-ng says is put where Asterisk finds it, in a form that it plays."""
    speaker = RenderedSpeech(EspeakTextToSpeech(), Voice(), FolderShelf((asterisk.sounds,)))
    media = await speaker.media("Please hold.")
    became: list[Reception] = []

    async def call() -> None:
        became.append(await phones.call("5550002", Person("20001"), asterisk.settings.sip_port))

    async with bare_client(asterisk) as client, trio.open_nursery() as calling:
        calling.start_soon(call)
        [channel] = (await arrivals(client, 1)).values()
        await client.ask("POST", f"/channels/{channel}/answer")
        played = await client.play(channel, media.removeprefix("sound:"))
        await client.ask("DELETE", f"/channels/{channel}")
    [reception] = became
    assert played.playback.state == "done"
    assert hear(recording(reception.late), PHRASES) == "please hold"
