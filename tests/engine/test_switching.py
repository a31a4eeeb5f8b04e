"""Scenarios that somebody beside the files switches on and off while the engine runs."""

from collections.abc import Sequence

import trio
from trio.testing import MockClock

from tests.engine.rig import rig


async def test_calls_get_the_scenarios_that_are_switched_on(autojump_clock: MockClock) -> None:
    async with rig(12) as here:
        says, hears = trio.open_memory_channel[Sequence[str] | None](1)
        here.engine.switch = hears
        await says.send(["appointment", "nobody"])
        await here.engine.run()
        assert {attempt.scenario for attempt in here.attempts()[2:]} == {"appointment"}
        here.judge()


async def test_nobody_is_called_while_all_are_off(autojump_clock: MockClock) -> None:
    async with rig(3) as here:
        says, hears = trio.open_memory_channel[Sequence[str] | None](1)
        here.engine.switch = hears
        here.engine.assignment.set_active([])
        async with trio.open_nursery() as nursery:
            nursery.start_soon(here.engine.run)
            await trio.sleep(600)
            assert not here.attempts()
            await says.send(None)
        assert len(here.attempts()) == 3
        here.judge()
