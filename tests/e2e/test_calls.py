"""The engine calls people who really speak, by way of a real Asterisk, and nothing of a call is left behind."""

import time
from collections import Counter
from functools import partial

import pytest

from callengine.providers import Speaker
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk
from tests.e2e.cases import CASES, Case
from tests.e2e.checks import HANGUP_SECONDS, assert_nothing_left, hold_to_golden, hung_up
from tests.e2e.connected import INBOUND, QUEUES, TRANSFERS
from tests.e2e.engine import LINES, call, carry_out, nobody, on_asterisk, settings_for
from tests.e2e.greeted import GREETED
from tests.e2e.people import CROWD
from tests.e2e.phones import Phones
from tests.e2e.spoken import CHOICES

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


@pytest.mark.parametrize("case", (*CASES, *CHOICES, *GREETED, *TRANSFERS, *QUEUES, *INBOUND), ids=lambda case: case.name)
async def test_call(
    asterisk: Asterisk,
    ari: AriSettings,
    ears: PocketsphinxSpeechToText,
    speaker: Speaker,
    channel_log: ChannelLog,
    phones: Phones,
    case: Case,
    record_goldens: bool,
) -> None:
    """What comes of a call; that nothing is left of it within two seconds of the hangup; and the trace, event for event."""
    number = case.person.digits
    campaign = on_asterisk(case.settings(ari), case.numbers, ears, case.folder, speaker)
    callers = partial(phones.call, case.calls, case.person, asterisk.settings.sip_port) if case.calls else nobody
    await carry_out(campaign, 1, callers)
    await assert_nothing_left(campaign, asterisk)
    clean = time.time()
    await channel_log.wait_quiet()
    connected = [operator.digits for operator, _ in case.operators if channel_log.bridged(number, operator.digits)]
    assert clean - hung_up(channel_log, number, *connected) < HANGUP_SECONDS
    walk = campaign.notebook.walk(number)
    assert (campaign.outcome(number).result, walk[-1].split()[0] if walk else "") == (case.result, case.last)
    hold_to_golden(campaign, case, record=record_goldens)


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
