"""The engine calls people who really speak, by way of a real Asterisk, and nothing of a call is left behind."""

import time
from collections import Counter

import pytest
import trio

from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.cases import CASES, Case
from tests.e2e.engine import LINES, Campaign, call, settings_for
from tests.e2e.people import CROWD

HANGUP_SECONDS = 2.0
"""From the PBX's word of a hangup to a call that is over, with nothing left."""

RESULTS = {
    "disconnected": 4,
    "not_interested": 4,
    "unknown": 2,
    "hangup": 4,
    "busy": 2,
    "missed": 2,
    "banned": 2,
}
"""Of the crowd: no operator is there for those who say yes."""


async def assert_nothing_left(campaign: Campaign, asterisk: Asterisk) -> None:
    assert await asterisk.leftovers() == Leftovers()
    assert trio.lowlevel.current_statistics().tasks_living == campaign.tasks
    assert campaign.engine.leaked.nothing
    assert campaign.engine.reaper.left == ()


def hung_up(channel_log: ChannelLog, number: str) -> float:
    """When the call to this number was first asked to end, by Asterisk's own account."""
    [record] = channel_log.calls_to(number)
    assert record.asked_to_end is not None
    return record.asked_to_end


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_call(
    asterisk: Asterisk,
    ari: AriSettings,
    ears: PocketsphinxSpeechToText,
    channel_log: ChannelLog,
    case: Case,
    record_goldens: bool,
) -> None:
    """What comes of a call; that nothing is left of it within two seconds of the hangup; and the trace, event for event."""
    number = case.person.digits
    campaign = await call(settings_for(ari, operators=[operator.digits for operator, _ in case.operators]), [number], ears)
    await assert_nothing_left(campaign, asterisk)
    clean = time.time()
    await channel_log.wait_quiet()
    assert clean - hung_up(channel_log, number) < HANGUP_SECONDS
    walk = campaign.notebook.walk(number)
    assert (campaign.outcome(number).result, walk[-1].split()[0] if walk else "") == (case.result, case.last)
    told = campaign.told(number)
    if record_goldens:
        case.golden.write_text(told, encoding="utf-8")
    assert told == case.golden.read_text(encoding="utf-8")


async def test_twenty_calls(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """Twenty people over two lines of two slots each; the channels of a line are counted by Asterisk."""
    numbers = [person.digits for person in CROWD]
    campaign = await call(settings_for(ari, lines=LINES, slots=2), numbers, ears)
    await assert_nothing_left(campaign, asterisk)
    await channel_log.wait_quiet()
    assert len(channel_log.channels) == len(CROWD) == 20
    assert {line: channel_log.most_at_once(line) for line in LINES} == dict.fromkeys(LINES, 2)
    assert Counter(campaign.outcome(number).result for number in numbers) == RESULTS
    late = {number: campaign.notebook.ended(number) - hung_up(channel_log, number) for number in numbers}
    assert max(late.values()) < HANGUP_SECONDS, late
