"""A million random steps on the lines, each looked at by the naive model."""

from collections.abc import Awaitable
from random import Random

import pytest
import trio
from trio.testing import MockClock

from callengine.model import LeaseRequest, LineLimits, Purpose
from tests.lines.model import Rules
from tests.lines.world import CROWD, LINES, World, opened

STEPS = 100_000
STEPS_IN_A_WORLD = 1_000

WISHES = [
    *(LeaseRequest(purpose, line) for purpose in (Purpose.OUTBOUND, Purpose.OPERATOR) for line in (None, *LINES)),
    *(LeaseRequest(Purpose.INBOUND, line) for line in LINES),
    None,
]

SPANS = (*(0.1, 0.5, 0.95, 1.0, 5.0, 20.0) * 4, 59.95, 60.0, 130.0, 1000.0)


def any_limits(random: Random) -> LineLimits:
    return LineLimits(
        concurrent=random.choice([0, 1, 1, 2, 2, 3]),
        per_minute=random.choice([0, 1, 2, 3, 6]),
        per_day=random.choice([0, 0, 2, 6, 30]),
        per_second=random.choice([0, 1, 2]),
    )


def any_rules(random: Random) -> Rules:
    return Rules(random.randint(0, 2), random.randint(0, 3), random.randint(0, 2), random.randint(0, 2))


def ask(world: World, random: Random) -> Awaitable[None]:
    return world.ask(random.choice(WISHES))


def take_turn(world: World, random: Random) -> Awaitable[None]:
    there, back = random.choice([0.0, 0.0, 0.3, 1.0, 7.0, None]), random.choice([0.0, 0.0, 0.3, 7.0])
    return world.take_turn(random.randrange(CROWD), there, back)


def leave(world: World, random: Random) -> Awaitable[None]:
    return world.leave(random.randrange(CROWD))


def vie(world: World, random: Random) -> Awaitable[None]:
    return world.vie(random.randrange(CROWD), random.randrange(CROWD), random.random() < 0.5)


def resize(world: World, random: Random) -> Awaitable[None]:
    return world.resize(random.choice(LINES), any_limits(random))


def set_wall(world: World, random: Random) -> Awaitable[None]:
    return world.set_wall(random.choice([30, -30, 3600, -3600, 43_200, 86_400, 100_000, -86_400]))


def wait(world: World, random: Random) -> Awaitable[None]:
    return world.wait(random.choice(SPANS))


def look(world: World, random: Random) -> Awaitable[None]:
    return world.look()


DECK = (
    *[ask] * 27,
    *[take_turn] * 19,
    *[leave] * 19,
    *[vie] * 6,
    *[resize] * 2,
    *[set_wall] * 2,
    *[wait] * 20,
    *[look] * 5,
)
"""A step is drawn from it, and the deck is always full."""


async def walk(random: Random, clock: MockClock) -> None:
    async with opened(clock, any_rules(random), (any_limits(random), any_limits(random))) as world:
        for _ in range(STEPS_IN_A_WORLD):
            await random.choice(DECK)(world, random)
        await world.close()


def walk_far(seed: int) -> None:
    random = Random(seed)
    for number in range(STEPS // STEPS_IN_A_WORLD):
        clock = MockClock()
        try:
            trio.run(walk, random, clock, clock=clock)
        except BaseException as error:
            error.add_note(f"seed {seed}, world {number}")
            raise


@pytest.mark.parametrize("known", range(9))
def test_a_long_walk_keeps_every_rule(known: int) -> None:
    walk_far(known)


def test_a_walk_nobody_took_before_keeps_every_rule(seed: int) -> None:
    walk_far(seed)
