"""People and machines that answer, told by their voice on a real line; and by Asterisk's own AMD where it ran before us."""

import pytest

from callengine.model import MomentKind
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.silero import SileroJudge
from callengine.settings import AriSettings
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk
from tests.e2e.checks import HANGUP_SECONDS, assert_nothing_left, late
from tests.e2e.configuration import JUDGED
from tests.e2e.engine import LINES, VOICES, Campaign, carry_out, on_asterisk, running, settings_for
from tests.e2e.people import Person
from tests.e2e.phones import Phones
from tests.e2e.speech import seconds_of

ANSWERED = {
    people.SAYS_HELLO: "disconnected",
    people.ANSWERING_MACHINE: "missed",
    people.SAYS_NOTHING: "unknown",
    people.MUTE: "unknown",
    people.LEAVES_WHILE_GREETING: "hangup",
}
"""Everybody answers at once, and is judged beside the others."""

LATEST = 1.5
"""Seconds from the end of a word to the verdict on it: of these 0.8 must be silent."""


async def test_people_and_machines_are_told_by_their_voice(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog, phones: Phones
) -> None:
    numbers = [person.digits for person in ANSWERED]
    settings = settings_for(ari, slots=len(numbers))
    campaign = on_asterisk(settings, numbers, ears, VOICES, judge=SileroJudge.load())
    await carry_out(campaign, len(numbers))
    assert {number: campaign.outcome(number).result for number in numbers} == {
        person.digits: result for person, result in ANSWERED.items()
    }
    await assert_nothing_left(campaign, asterisk)
    assert late(channel_log, people.LEAVES_WHILE_GREETING.digits) < HANGUP_SECONDS
    assert decided_after(campaign, people.SAYS_HELLO) < seconds_of(people.SAYS_HELLO.says) + LATEST
    assert decided_after(campaign, people.ANSWERING_MACHINE) < seconds_of(people.ANSWERING_MACHINE.says)


def decided_after(campaign: Campaign, person: Person) -> float:
    """Seconds from the beginning of the step to the verdict."""
    [began] = [at for at, moment in campaign.notebook.of(person.digits, MomentKind.STEP) if moment.name == "who"]
    [(ended, _)] = campaign.notebook.of(person.digits, MomentKind.PROVIDER)
    return ended - began


@pytest.mark.parametrize(
    ("person", "result"),
    [(people.CALLS_AND_SAYS_HELLO, "inbound_call"), (people.MACHINE_THAT_CALLS, "missed")],
    ids=["a person", "a machine"],
)
async def test_the_word_of_the_dialplan_is_taken(
    asterisk: Asterisk,
    ari: AriSettings,
    ears: PocketsphinxSpeechToText,
    channel_log: ChannelLog,
    phones: Phones,
    person: Person,
    result: str,
) -> None:
    campaign = on_asterisk(settings_for(ari), [], ears, VOICES)
    async with running(campaign):
        await phones.call(JUDGED + LINES[0], person, asterisk.settings.sip_port)
        await campaign.notebook.wait_results(1)
    assert campaign.outcome(person.digits).result == result
    await assert_nothing_left(campaign, asterisk)
    await channel_log.wait_quiet()
