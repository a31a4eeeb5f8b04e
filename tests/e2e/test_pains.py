"""What users of other dialling systems suffer from, tried on a real Asterisk: slots and legs that stay, words that are cut off,
failures without a name, flows that begin too early.
"""

import time

import pytest
import trio

from callengine.ari import Dial, PlaybackFinished
from callengine.model import Cause, MomentKind, TransferOutcome
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk
from tests.e2e.checks import HANGUP_SECONDS, assert_nothing_left, hung_up
from tests.e2e.engine import LINES, LONGEST_RING, STRAIGHT, call, on_asterisk, running, settings_for
from tests.e2e.people import PROMPT_SECONDS

AT_ONCE = 0.5
"""Seconds."""

NOBODY_HAS_IT = "10999"


async def test_a_call_that_nobody_answers_gives_its_slot_back(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """When the dial timeout is over, the next person is called on the one slot there is."""
    numbers = [people.NEVER_ANSWERS.digits, people.BUSY.digits]
    campaign = await call(settings_for(ari, slots=1), numbers, ears)
    assert [campaign.outcome(number).result for number in numbers] == ["missed", "busy"]
    [unanswered], [following] = map(channel_log.calls_to, numbers)
    assert unanswered.ended is not None
    assert unanswered.ended - unanswered.began == pytest.approx(LONGEST_RING, abs=AT_ONCE)
    assert 0.0 <= following.began - unanswered.ended < AT_ONCE
    assert channel_log.most_at_once(LINES[0]) == 1
    await assert_nothing_left(campaign, asterisk)


async def test_a_call_that_is_cancelled_while_it_rings_gives_its_slot_back(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """The engine is stopped twice: no call may go on."""
    number = people.NEVER_ANSWERS.digits
    campaign = on_asterisk(settings_for(ari, slots=1), [number], ears)
    async with running(campaign):
        await campaign.notebook.wait_state("ringing")
        campaign.engine.stop()
        stopped = time.time()
        campaign.engine.stop()
    assert time.time() - stopped < HANGUP_SECONDS
    await assert_nothing_left(campaign, asterisk)
    await channel_log.wait_quiet()
    assert hung_up(channel_log, number) - stopped < AT_ONCE
    assert campaign.outcome(number).cause is Cause.SHUTDOWN


async def test_no_operator_is_left_behind_by_a_customer(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """Two customers leave, while one operator's telephone rings and the other talks: neither rings on nor stays up."""
    customers = [people.LEAVES_DURING_RECORDING.digits, people.LEAVES_AFTER_YES.digits]
    operators = [people.NEVER_ANSWERS.digits, people.PRESSES_NOTHING.digits]
    campaign = await call(settings_for(ari, slots=4, operators=operators), customers, ears, STRAIGHT)
    await channel_log.wait_quiet()
    rung = []
    for customer in customers:
        outcome = campaign.outcome(customer)
        assert outcome.cause is Cause.CUSTOMER_GONE
        assert outcome.operator is not None
        [leg] = channel_log.calls_to(outcome.operator.phone_number)
        assert leg.ended is not None
        assert leg.ended - hung_up(channel_log, customer) < AT_ONCE
        rung.append(leg.dialled)
    assert sorted(rung) == sorted(operators)
    await assert_nothing_left(campaign, asterisk)


async def test_the_announcement_of_a_transfer_is_heard_whole(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText
) -> None:
    """The thanks are over when the operator is called, and took as long as they last."""
    customer, operator = people.SAYS_YES.digits, people.OPERATOR.digits
    campaign = await call(settings_for(ari, operators=[operator]), [customer], ears)
    events = campaign.trace.events
    [thanks] = [
        place
        for place, event in enumerate(events)
        if isinstance(event, PlaybackFinished) and event.playback.media_uri == "sound:custom/yes"
    ]
    assert isinstance(event := events[thanks], PlaybackFinished)
    assert event.playback.state == "done"
    calls = [place for place, event in enumerate(events) if isinstance(event, Dial) and not event.dialstatus]
    assert calls[0] < thanks < calls[1]
    [began] = [at for at, moment in campaign.notebook.of(customer, MomentKind.STEP) if moment.name == "say_yes"]
    [over] = [at for at, moment in campaign.notebook.of(customer, MomentKind.OUTCOME) if moment.detail == "say_yes"]
    assert PROMPT_SECONDS <= over - began < PROMPT_SECONDS + AT_ONCE
    await assert_nothing_left(campaign, asterisk)


async def test_every_failure_of_a_transfer_has_a_name(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """Operators fail in turn; the one who was tried last gives the transfer its name."""
    fates = {
        people.BUSY_OPERATOR.digits: TransferOutcome.BUSY,
        people.DECLINES.digits: TransferOutcome.DECLINED,
        people.REDIRECTS.digits: TransferOutcome.UNREACHABLE,
        NOBODY_HAS_IT: TransferOutcome.UNREACHABLE,
        people.NEVER_ANSWERS.digits: TransferOutcome.NO_ANSWER,
    }
    customer = people.SAYS_NOTHING.digits
    campaign = await call(settings_for(ari, operators=tuple(fates)), [customer], ears, STRAIGHT)
    told = [(moment.name, moment.detail) for _, moment in campaign.notebook.of(customer, MomentKind.TRANSFER)]
    assert told == [(number, fate.value) for number, fate in fates.items()]
    outcome = campaign.outcome(customer)
    assert (outcome.result, outcome.transfer) == ("disconnected", TransferOutcome.NO_ANSWER)
    await assert_nothing_left(campaign, asterisk)


async def test_a_transfer_whose_customer_left_is_not_tried_again(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    customer, next_operator = people.LEAVES_DURING_RECORDING.digits, people.OPERATOR.digits
    operators = [people.NEVER_ANSWERS.digits, next_operator]
    campaign = await call(settings_for(ari, operators=operators), [customer], ears, STRAIGHT)
    assert campaign.outcome(customer).transfer is TransferOutcome.CUSTOMER_LEFT
    await trio.sleep(AT_ONCE)
    assert channel_log.calls_to(next_operator) == []
    await assert_nothing_left(campaign, asterisk)


async def test_sound_before_the_answer_is_no_answer(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """The network's announcements come before the answer: no flow hears them, and what follows counts as what it is."""
    answers, busy, missed = (
        person.digits for person in (people.SOUNDS_EARLY, people.BUSY_AFTER_SOUND, people.MISSED_AFTER_SOUND)
    )
    campaign = await call(settings_for(ari, slots=3), [answers, busy, missed], ears)
    assert [campaign.outcome(number).result for number in (answers, busy, missed)] == ["disconnected", "busy", "missed"]
    assert campaign.notebook.walk(busy) == campaign.notebook.walk(missed) == ()
    [record] = channel_log.calls_to(answers)
    (began, _), *_ = campaign.notebook.of(answers, MomentKind.STEP)
    assert record.answered_at is not None
    assert record.answered_at - record.began > people.SOUNDS_EARLY.early
    assert record.answered_at <= began
    assert campaign.outcome(answers).transcript == "yes"
    await assert_nothing_left(campaign, asterisk)
