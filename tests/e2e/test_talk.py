"""How Asterisk tells of talk, and that a message is not left before the beep."""

import pytest

from callengine.ari import PlaybackFinished, StasisStart
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk
from tests.e2e.bare import bare_client
from tests.e2e.checks import assert_nothing_left
from tests.e2e.engine import MACHINES, call, settings_for
from tests.e2e.people import PROMPT_SECONDS, Person
from tests.e2e.phones import Phones
from tests.e2e.speech import seconds_of

SILENCE = 1.5
"""Of the step `leave_message` in the flow."""


@pytest.mark.parametrize("silence", [0.2, 0.8])
async def test_the_end_of_talk_is_told_late_and_its_duration_is_right(
    asterisk: Asterisk, phones: Phones, channel_log: ChannelLog, silence: float
) -> None:
    """The silence that proves the end is not part of the talk."""
    spoken = seconds_of(people.SAYS_HELLO.says) - people.SAYS_HELLO.says[0].pause
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_HELLO.digits)
        await client.event("StasisStart")
        await client.set_variable(channel, "TALK_DETECT(set)", f"{round(silence * 1000)},256")
        began = (await client.event("ChannelTalkingStarted")).timestamp
        ended = await client.event("ChannelTalkingFinished")
        await client.hang_up(channel)
    assert began is not None and ended.timestamp is not None and ended.duration is not None
    assert (ended.timestamp - began).total_seconds() == pytest.approx(spoken + silence, abs=0.1)
    assert ended.duration / 1000 == pytest.approx(spoken, abs=0.1)
    await channel_log.wait_quiet()


@pytest.mark.parametrize("person", [people.SAYS_NOTHING, people.MUTE, people.SAYS_HELLO], ids=["silent", "mute", "removed"])
async def test_nothing_is_told_of_silence_or_after_the_removal(
    asterisk: Asterisk, phones: Phones, channel_log: ChannelLog, person: Person
) -> None:
    async with bare_client(asterisk) as client:
        channel = await client.originate(person.digits)
        await client.event("StasisStart")
        await client.set_variable(channel, "TALK_DETECT(set)", "200,256")
        if person is people.SAYS_HELLO:
            await client.set_variable(channel, "TALK_DETECT(remove)")
        await client.rest(2.0)
        await client.hang_up(channel)
    assert not [event for event in client.seen if event.type.startswith("ChannelTalking")]
    await channel_log.wait_quiet()


async def test_a_function_that_is_missing_is_not_refused(asterisk: Asterisk, phones: Phones, channel_log: ChannelLog) -> None:
    """So a PBX without `func_talkdetect` is one where everybody is silent."""
    async with bare_client(asterisk) as client:
        channel = await client.originate(people.SAYS_NOTHING.digits)
        await client.event("StasisStart")
        await client.set_variable(channel, "NONESUCH(set)", "200,256")
        await client.hang_up(channel)
    await channel_log.wait_quiet()


async def test_a_message_is_left_after_the_beep(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """By the PBX's own clock."""
    machine = people.ANSWERING_MACHINE
    campaign = await call(settings_for(ari), [machine.digits], ears, MACHINES)
    await assert_nothing_left(campaign, asterisk)
    await channel_log.wait_quiet()
    [answered] = [event.timestamp for event in campaign.trace.events if isinstance(event, StasisStart)]
    [played] = [event.timestamp for event in campaign.trace.events if isinstance(event, PlaybackFinished)]
    assert answered is not None and played is not None
    began = (played - answered).total_seconds() - PROMPT_SECONDS
    assert began == pytest.approx(seconds_of(machine.says) + SILENCE, abs=0.4)
