"""Customers and operators who talk with each other, by way of a real Asterisk: the sound, the slots, and all ways to part."""

from functools import partial

from callengine.model import Cause, MomentKind
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk
from tests.e2e.checks import HANGUP_SECONDS, assert_nothing_left, assert_sound_both_ways, hold_to_golden, late
from tests.e2e.connected import DEAD_TELEPHONE
from tests.e2e.engine import (
    ATTENDED,
    LINES,
    STRAIGHT,
    THREE_LINES,
    Campaign,
    call,
    carry_out,
    last_words,
    on_asterisk,
    running,
    settings_for,
)
from tests.e2e.people import COLLEAGUES, CUSTOMERS, LEAVING
from tests.e2e.phones import Phones


async def test_sound_flows_both_ways_at_once(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """The bridge is made when both are up; then each hears the other, and no more than the other: no music plays on."""
    customer, operator = people.SAYS_NOTHING.digits, people.OPERATOR.digits
    campaign = on_asterisk(settings_for(ari, operators=[operator]), [customer], ears, STRAIGHT)
    async with running(campaign):
        await channel_log.wait_bridged(customer, operator)
        records = [*channel_log.calls_to(customer), *channel_log.calls_to(operator)]
        await assert_sound_both_ways(asterisk, *(record.id for record in records))
        await campaign.notebook.wait_results(1)
    [period] = channel_log.bridged(customer, operator)
    assert all(record.answered_at is not None and record.answered_at <= period.begin for record in records)
    assert campaign.outcome(customer).cause is Cause.PARTNER_GONE
    await assert_nothing_left(campaign, asterisk)


async def test_ten_at_once_over_three_lines(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """Twenty legs on eighteen slots: eight transfers at once, and two that wait for a slot."""
    settings = settings_for(ari, lines=THREE_LINES, slots=6, operators=[person.digits for person in COLLEAGUES])
    customers = [person.digits for person in CUSTOMERS]
    campaign = await call(settings, customers, ears, STRAIGHT)
    await channel_log.wait_quiet()
    assert {campaign.outcome(number).result for number in customers} == {"connected_to_operator"}
    assert len({campaign.outcome(number).operator for number in customers}) == len(COLLEAGUES)
    assert {line: channel_log.most_at_once(line) for line in THREE_LINES} == dict.fromkeys(THREE_LINES, 6)
    for number in customers:
        operator = campaign.outcome(number).operator
        assert operator is not None
        [period] = channel_log.bridged(number, operator.phone_number)
        assert period.end is not None
        assert period.end - period.begin > 2.0
        assert late(channel_log, number, operator.phone_number) < HANGUP_SECONDS
    await assert_nothing_left(campaign, asterisk)


async def test_customers_leave_around_the_moment_of_the_answer(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """Some leave while the operator's telephone rings, some when they are bridged; nobody stays behind with an operator."""
    settings = settings_for(ari, slots=20, operators=[operator.digits for operator in COLLEAGUES])
    campaign = await call(settings, [person.digits for person in LEAVING], ears, STRAIGHT)
    await channel_log.wait_quiet()
    assert_parted_cleanly(campaign, channel_log)
    await assert_nothing_left(campaign, asterisk)


async def test_callers_leave_around_the_moment_of_the_answer(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog, phones: Phones
) -> None:
    """The same of people who call us."""
    settings = settings_for(ari, slots=20, operators=[operator.digits for operator in COLLEAGUES])
    campaign = on_asterisk(settings, [], ears, STRAIGHT)
    calls = [(LINES[0], person) for person in LEAVING]
    await carry_out(campaign, len(calls), partial(phones.call_together, calls, asterisk.settings.sip_port))
    await channel_log.wait_quiet()
    assert_parted_cleanly(campaign, channel_log)
    await assert_nothing_left(campaign, asterisk)


def assert_parted_cleanly(campaign: Campaign, channel_log: ChannelLog) -> None:
    """Some of `LEAVING` talked with an operator and some did not, and no operator's leg outlived its customer for long."""
    operators = [operator.digits for operator in COLLEAGUES]
    bridged = [person for person in LEAVING if any(channel_log.bridged(person.digits, number) for number in operators)]
    assert 0 < len(bridged) < len(LEAVING), bridged
    for person in LEAVING:
        outcome = campaign.outcome(person.digits)
        assert outcome.cause is Cause.CUSTOMER_GONE
        rung = [outcome.operator.phone_number] if outcome.operator else []
        assert late(channel_log, person.digits, *rung) < HANGUP_SECONDS


async def test_the_telephone_of_an_operator_dies(
    asterisk: Asterisk,
    ari: AriSettings,
    ears: PocketsphinxSpeechToText,
    channel_log: ChannelLog,
    desk: Phones,
    record_goldens: bool,
) -> None:
    """No word comes of it: Asterisk hears the silence, ends the leg, and with it the call ends."""
    case, customer = DEAD_TELEPHONE, DEAD_TELEPHONE.person.digits
    campaign = on_asterisk(case.settings(ari), case.numbers, ears, case.folder)
    async with running(campaign):
        await channel_log.wait_bridged(customer, people.AT_THE_DESK.digits)
        desk.die()
        await campaign.notebook.wait_results(1)
        await last_words(campaign)
    await assert_nothing_left(campaign, asterisk)
    await channel_log.wait_quiet()
    assert late(channel_log, customer, people.AT_THE_DESK.digits) < HANGUP_SECONDS
    assert campaign.outcome(customer).cause is Cause.PARTNER_GONE
    hold_to_golden(campaign, case, record=record_goldens)


async def test_the_telephone_of_an_operator_dies_while_they_are_asked(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog, desk: Phones
) -> None:
    """They have answered, and were to press a key: the customer is told that nobody is there."""
    customer = people.SAYS_YES.digits
    campaign = on_asterisk(settings_for(ari, desk=True), [customer], ears, ATTENDED)
    async with running(campaign):
        await campaign.notebook.wait_state("up", MomentKind.OPERATOR)
        desk.die()
        await campaign.notebook.wait_results(1)
    assert campaign.outcome(customer).result == "disconnected"
    assert campaign.notebook.walk(customer)[-2:] == ("say_nobody next", "end")
    assert channel_log.bridged(customer, people.AT_THE_DESK.digits) == ()
    await assert_nothing_left(campaign, asterisk)


async def test_an_operator_whose_telephone_is_forwarded_is_passed_over(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, channel_log: ChannelLog
) -> None:
    """The forward leads to a number that reaches us again: nobody is rung there, and no caller is made of it."""
    customer, forwarded, operator = people.SAYS_NOTHING.digits, people.REDIRECTS.digits, people.OPERATOR.digits
    campaign = await call(settings_for(ari, operators=[forwarded, operator]), [customer], ears, STRAIGHT)
    outcome = campaign.outcome(customer)
    assert outcome.result == "connected_to_operator"
    assert outcome.operator is not None
    assert outcome.operator.phone_number == operator
    assert campaign.book.received() == ()
    assert [record for record in channel_log.channels.values() if record.answered_at is not None] == [
        *channel_log.calls_to(customer),
        *channel_log.calls_to(operator),
    ]
    await assert_nothing_left(campaign, asterisk)
