"""Calls are held back until pacing permits them."""

import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.dialer.governor import Governor
from callengine.dialer.pacing import Figures, Pacer
from callengine.settings.choices import PacingMode


@define(eq=False)
class Office:
    """How things stand, and how often somebody asked."""

    idle: int = 0
    ringing: int = 0
    asked: int = 0
    governor: Governor = field(init=False)

    def figures(self) -> Figures:
        self.asked += 1
        return Figures(idle=self.idle, ringing=self.ringing)


def office(mode: PacingMode, idle: int = 0) -> Office:
    made = Office(idle)
    made.governor = Governor(Pacer(mode), made.figures)
    return made


async def test_nobody_asks_how_things_stand_where_the_lines_alone_decide() -> None:
    here = office("agentless")
    for _ in range(10):
        await here.governor.allow()
    assert here.asked == 0


async def test_a_permitted_call_counts_until_it_is_in_the_figures(autojump_clock: MockClock) -> None:
    here = office("progressive", idle=1)
    await here.governor.allow()
    with trio.move_on_after(5.0) as waiting:
        await here.governor.allow()
    assert waiting.cancelled_caught, "one operator, one call"
    here.ringing = 1
    here.governor.told()
    with trio.move_on_after(5.0) as waiting:
        await here.governor.allow()
    assert waiting.cancelled_caught, "now it rings"
    here.ringing = 0
    await here.governor.allow()


async def test_who_waits_looks_again_each_second(autojump_clock: MockClock) -> None:
    here = office("progressive")

    async def operator_comes() -> None:
        await trio.sleep(3.4)
        here.idle = 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(operator_comes)
        await here.governor.allow()
    assert trio.current_time() == 4.0
    assert here.asked == 5


async def test_a_poke_is_heard_at_once(autojump_clock: MockClock) -> None:
    here = office("progressive")

    async def operator_comes() -> None:
        await trio.sleep(3.4)
        here.idle = 1
        here.governor.poke()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(operator_comes)
        await here.governor.allow()
    assert trio.current_time() == 3.4


async def test_two_who_wait_do_not_share_one_operator(autojump_clock: MockClock) -> None:
    here = office("progressive", idle=1)
    permitted: list[int] = []

    async def call(number: int) -> None:
        await here.governor.allow()
        permitted.append(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(call, 1)
        nursery.start_soon(call, 2)
        await trio.sleep(10.0)
        assert len(permitted) == here.governor.permitted == 1
        nursery.cancel_scope.cancel()


async def test_who_gives_up_leaves_nothing_behind(autojump_clock: MockClock) -> None:
    here = office("progressive")
    with trio.move_on_after(2.0):
        await here.governor.allow()
    assert here.governor.permitted == 0


async def test_a_dialler_that_asks_again_has_begun_its_last_call_or_given_it_up(autojump_clock: MockClock) -> None:
    here = office("progressive", idle=1)
    await here.governor.ready()
    await here.governor.ready()
    here.ringing = 1
    with trio.move_on_after(5.0) as waiting:
        await here.governor.ready()
    assert waiting.cancelled_caught
    assert here.governor.permitted == 0
