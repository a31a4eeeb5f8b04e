"""Customers who stand in line for one operator, by way of a real Asterisk."""

from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk
from tests.e2e.callers import Reception
from tests.e2e.checks import HANGUP_SECONDS, PACKETS_A_SECOND, assert_nothing_left, late
from tests.e2e.engine import IN_LINE, LINES, on_asterisk, running, settings_for
from tests.e2e.phones import Phones


async def test_two_callers_queue_for_one_operator(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog, phones: Phones
) -> None:
    """The second hears music, and is served when the first has talked."""
    operator = people.OPERATOR.digits
    callers = (people.CALLER, people.STAYS_IN_LINE)
    campaign = on_asterisk(settings_for(ari, slots=5, operators=[operator]), [], ears, IN_LINE)
    became: list[Reception] = []
    async with running(campaign):
        became.extend(await phones.call_together([(LINES[0], person) for person in callers], asterisk.settings.sip_port))
        await campaign.notebook.wait_results(2)
    await channel_log.wait_quiet()
    talks = [channel_log.bridged(person.digits, operator) for person in callers]
    [first], [second] = sorted(talks, key=lambda periods: periods[0].begin)
    assert first.end is not None
    assert second.end is not None
    assert first.end <= second.begin < first.end + HANGUP_SECONDS
    waited = became[talks.index((second,))]
    [record] = channel_log.calls_from(callers[talks.index((second,))].digits)
    assert record.answered_at is not None
    packets = sum(each.at < waited.heard[0].at + second.begin - record.answered_at for each in waited.heard)
    assert packets > PACKETS_A_SECOND * 2.5, "they heard no music"
    assert late(channel_log, callers[talks.index((second,))].digits) < HANGUP_SECONDS
    assert {campaign.outcome(person.digits).result for person in callers} == {"inbound_call"}
    await assert_nothing_left(campaign, asterisk)
