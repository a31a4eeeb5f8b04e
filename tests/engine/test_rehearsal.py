"""Test mode: the real thing with one telephone in place of every contact's."""

import attrs
from trio.testing import MockClock

from callengine.settings import LimitSettings, OperatorSettings, TestModeSettings
from callengine.simulator import HangUp, Kind, Moment, People, Persona
from callengine.testing.campaign import simulation_settings
from tests.engine.rig import rig

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
