"""People call our lines, by way of a real Asterisk: who is let in when, what they hear meanwhile, and who is turned away."""

import pytest
import trio

from callengine.model import Cause
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings, InboundSettings
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import LONGER, Asterisk
from tests.e2e.callers import Reception
from tests.e2e.checks import assert_nothing_left, assert_sound_both_ways
from tests.e2e.ears import Heard, recording
from tests.e2e.engine import LINES, OFFICE, carry_out, on_asterisk, running, settings_for
from tests.e2e.listening import hear
from tests.e2e.people import AT_THE_DESK, CALLER, CALLS_WITHOUT_PATIENCE, PROMPT_SECONDS, Person
from tests.e2e.phones import Phones

BUSY_HERE = 486
NO_LINE = "5559999"
PHRASES = ("welcome", "please hold", "nobody is here")


def heard_first(heard: tuple[Heard, ...], seconds: float) -> str:
    """What the first so many seconds of sound say."""
    return hear(recording(each for each in heard if each.at < heard[0].at + seconds), PHRASES)


async def test_a_caller_goes_before_a_new_call(
    asterisk: Asterisk,
    ari: AriSettings,
    ears: PocketsphinxSpeechToText,
    channel_log: ChannelLog,
    phones: Phones,
    desk: Phones,
) -> None:
    """The one slot is taken, and one more person is to be called, when somebody calls: they hear it ring, then the hold
    audio, have the slot as soon as it is free, hear the whole welcome, and talk with an operator; then the other is called.
    """
    called, waiting = people.SAYS_NO.digits, people.BUSY.digits
    campaign = on_asterisk(settings_for(ari, slots=1, desk=True), [called, waiting], ears, OFFICE)
    became: list[Reception] = []
    async with running(campaign):
        await channel_log.wait_answered(1)
        became.append(await phones.call(LINES[0], CALLER, asterisk.settings.sip_port))
        await campaign.notebook.wait_results(3)
    results = [campaign.outcome(number).result for number in (called, CALLER.digits, waiting)]
    assert results == ["not_interested", "inbound_call", "busy"]
    [first], [caller], [last] = (
        channel_log.calls_to(called),
        channel_log.calls_from(CALLER.digits),
        channel_log.calls_to(waiting),
    )
    assert first.ended is not None
    assert caller.answered_at is not None
    assert first.ended < caller.answered_at < first.ended + 1.0
    assert caller.ended is not None
    assert caller.ended < last.began
    assert channel_log.most_at_once(LINES[0]) == 1
    assert channel_log.bridged(CALLER.digits, AT_THE_DESK.digits)
    [reception] = became
    assert reception.statuses == (100, 180, 183, 200)
    assert heard_first(reception.early, LONGER["custom/onhold"]) == "please hold"
    assert heard_first(reception.late, PROMPT_SECONDS) == "welcome"
    await assert_nothing_left(campaign, asterisk)


async def test_callers_for_whom_there_is_no_slot(
    asterisk: Asterisk,
    ari: AriSettings,
    ears: PocketsphinxSpeechToText,
    channel_log: ChannelLog,
    phones: Phones,
    desk: Phones,
) -> None:
    """The line has none: one gives up, one is turned away in the end. A number that is no line needs none: there an operator
    answers.
    """
    settings = settings_for(ari, slots=0, desk=True, inbound=InboundSettings(wait=4.0))
    patient = Person("20005")
    calls = [(LINES[0], CALLS_WITHOUT_PATIENCE), (LINES[0], patient), (NO_LINE, CALLER)]
    campaign = on_asterisk(settings, [], ears, OFFICE)
    became: list[Reception] = []

    async def talk() -> None:
        await channel_log.wait_bridged(CALLER.digits, AT_THE_DESK.digits)
        [caller], [operator] = channel_log.calls_from(CALLER.digits), channel_log.calls_to(AT_THE_DESK.digits)
        await assert_sound_both_ways(asterisk, caller.id, operator.id)

    async with running(campaign), trio.open_nursery() as nursery:
        nursery.start_soon(talk)
        became.extend(await phones.call_together(calls, asterisk.settings.sip_port))
        await campaign.notebook.wait_results(3)
    gave_up, refused, served = became
    assert gave_up.gave_up
    assert refused.refused == BUSY_HERE
    for waited in (gave_up, refused):
        assert heard_first(waited.heard, LONGER["custom/onhold"]) == "please hold"
    assert served.answered_after == pytest.approx(0.0, abs=1.0)
    outcomes = [campaign.outcome(person.digits) for _, person in calls]
    assert [outcome.result for outcome in outcomes] == ["missed", "missed", "inbound_call"]
    assert [outcome.cause for outcome in outcomes] == [Cause.CUSTOMER_GONE, Cause.NO_SLOT, Cause.CUSTOMER_GONE]
    assert channel_log.most_at_once(LINES[0]) == 0
    await assert_nothing_left(campaign, asterisk)


async def test_no_line_of_ours_is_refused_where_the_settings_say_so(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, phones: Phones, channel_log: ChannelLog
) -> None:
    campaign = on_asterisk(settings_for(ari, inbound=InboundSettings(refuse_unknown=True)), [], ears, OFFICE)
    became: list[Reception] = []

    async def call() -> None:
        became.append(await phones.call(NO_LINE, CALLER, asterisk.settings.sip_port))

    await carry_out(campaign, 0, call)
    [reception] = became
    assert reception.refused == BUSY_HERE
    assert reception.heard == ()
    assert campaign.book.received() == ()
    await assert_nothing_left(campaign, asterisk)
