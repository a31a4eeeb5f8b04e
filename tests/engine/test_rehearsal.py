"""Test mode: the real thing with one telephone in place of every contact's."""

import attrs
import trio
from trio.testing import MockClock

from callengine.dialer import ContactList
from callengine.model import ContactState, Result, RetryRule
from callengine.settings import LimitSettings, OperatorSettings, TestModeSettings
from callengine.simulator import HangUp, Kind, Moment, People, Persona
from callengine.store import MemoryWriter
from callengine.testing.campaign import numbers, simulation_settings
from tests.engine.rig import engine_on, rig

REDIRECT, OPERATOR = "09350009999", "09350000001"
REHEARSAL = attrs.evolve(
    simulation_settings(lines=1, limits=LimitSettings(concurrent=1, per_minute=0, per_day=0)),
    operators=OperatorSettings(mobile_numbers=(OPERATOR,)),
    test_mode=TestModeSettings(on=True, redirect_number=REDIRECT),
)
PEOPLE = People(
    {
        REDIRECT: Persona(answers_after=1.0, says=("بله",)),
        OPERATOR: Persona(answers_after=1.0, hangs_up=HangUp(Moment.BRIDGE, seconds=5.0)),
    }
)


async def test_every_contact_is_the_one_telephone_one_at_a_time(autojump_clock: MockClock) -> None:
    async with rig(4, settings=REHEARSAL, people=PEOPLE) as here:
        await here.engine.run()
        here.judge()
        dialled = [record.detail["endpoint"] for record in here.records(Kind.ORIGINATE)]
    customers = [endpoint for endpoint in dialled if OPERATOR not in endpoint]
    assert customers == [f"PJSIP/{REDIRECT}@trunk"] * 4


async def test_operator_legs_take_no_slot(autojump_clock: MockClock) -> None:
    """Otherwise the one customer would hold the one slot that their operator waits for."""
    async with rig(2, settings=REHEARSAL, people=PEOPLE) as here:
        await here.engine.run()
        here.judge()
        assert "connected_to_operator" in here.results()
        assert here.engine.leaked.nothing


async def test_who_was_called_in_test_mode_is_called_in_earnest_later(autojump_clock: MockClock) -> None:
    """One run calls nobody twice, whatever the retries say; the next one begins anew."""
    retries = {Result("not_interested"): RetryRule(attempts=3, delay=1.0), Result("hangup"): RetryRule(attempts=3, delay=1.0)}
    rehearsal = attrs.evolve(REHEARSAL, contacts=attrs.evolve(REHEARSAL.contacts, retries=retries))
    in_earnest = attrs.evolve(rehearsal, test_mode=TestModeSettings(), contacts=attrs.evolve(rehearsal.contacts, retries={}))
    async with rig(0, settings=rehearsal, people=PEOPLE) as here:
        given = [contact async for contact in ContactList(numbers(3), here.pbx.ambient)]
        listed = [attrs.evolve(contact, campaign=rehearsal.contacts.campaign) for contact in given]
        here.book.apply(lambda book: book.contacts.add(listed))
        for configured in (rehearsal, rehearsal, in_earnest):
            with trio.fail_after(3600):
                await engine_on(here.pbx, configured, MemoryWriter(here.book), None).run()
        here.judge()
        dialled = [record.detail["endpoint"] for record in here.records(Kind.ORIGINATE)]
    customers = [endpoint for endpoint in dialled if OPERATOR not in endpoint]
    assert customers == [f"PJSIP/{REDIRECT}@trunk"] * 6 + [f"PJSIP/{number}@trunk" for number in numbers(3)]
    assert here.book.look(lambda book: book.contacts.counts()) == {ContactState.DONE: 3}
