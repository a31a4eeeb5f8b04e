"""What this machine is like now: budgets were set on one where these figures are known, and scale with them."""

from collections.abc import Iterable

import trio

from benchmarks.figures import MICRO, Figure, cpu_of_async


def measure() -> Iterable[Figure]:
    return trio.run(_measure)


async def _measure() -> list[Figure]:
    checkpoint = await cpu_of_async(trio.lowlevel.checkpoint, times=5000)
    child = await cpu_of_async(_nursery_with_a_child, times=1000)
    return [
        Figure("trio checkpoint", checkpoint * MICRO, "us CPU", "2.7 where budgets were set"),
        Figure("nursery with a child", child * MICRO, "us CPU", "14 where budgets were set"),
    ]


async def _nursery_with_a_child() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.lowlevel.checkpoint)
