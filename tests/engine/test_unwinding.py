"""However the engine is ended, its services outlive its calls, and the reaper gets its time."""

from datetime import time

import attrs
import pytest
import trio
from trio.testing import MockClock

from callengine.model import AttemptState
from callengine.settings import DialingSettings, Settings
from callengine.simulator import Kind
from callengine.testing.campaign import simulation_settings
from tests.engine.rig import rig

SETTINGS = simulation_settings()


@pytest.mark.parametrize("after", [0.0, 0.5, 5.0, 12.0, 20.0, 33.3])
async def test_cancelled_from_outside_nothing_is_left(after: float, autojump_clock: MockClock) -> None:
    async with rig(30) as here:
        with trio.move_on_after(after):
            await here.engine.run()
        await trio.sleep(1)
        here.judge()
        assert here.engine.leaked.nothing


def with_hours(start: time, end: time) -> Settings:
    dialing: DialingSettings = attrs.evolve(SETTINGS.dialing, window_start=start, window_end=end)
    return attrs.evolve(SETTINGS, dialing=dialing)


async def test_after_an_outage_nobody_is_called_outside_the_hours(autojump_clock: MockClock) -> None:
    """The world begins at 9:00. The PBX is off from 9:00:30 until 10:00; calling ends at 9:02."""
    async with rig(40, settings=with_hours(time(9), time(9, 2))) as here, trio.open_nursery() as nursery:
        began = trio.current_time()
        nursery.start_soon(here.engine.run)
        await trio.sleep(30)
        here.power.cancel()
        await trio.sleep(3600)
        await here.power_on()
        await trio.sleep(1800)
        placed = [record.at - began for record in here.records(Kind.ORIGINATE)]
        assert placed
        assert max(placed) < 120
        nursery.cancel_scope.cancel()


async def test_taken_over_its_calls_end_in_order(autojump_clock: MockClock) -> None:
    async with rig(20) as here, trio.open_nursery() as nursery:

        async def another() -> None:
            await trio.sleep(12)
            await here.another_engine().run(stay=True)

        nursery.start_soon(another)
        with pytest.raises(Exception, match="taken our application over"):
            await here.engine.run()
        assert {attempt.state for attempt in here.attempts()} <= {AttemptState.SETTLED, AttemptState.NEVER_PLACED}
        assert here.engine.leaked.nothing
        nursery.cancel_scope.cancel()
