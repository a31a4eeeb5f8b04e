"""What one lease costs: granted, its turn at the gate, dated, given back."""

from collections.abc import Iterable

import trio

from benchmarks.figures import MICRO, Figure, cpu_of_async
from callengine.lines import LinePool
from callengine.model import LeaseRequest, LineId, LineLimits, LineSpec, Purpose, SystemAmbient

TIMES = 500


def measure() -> Iterable[Figure]:
    return [trio.run(_measure, lines) for lines in (1, 10)]


async def _measure(lines: int) -> Figure:
    limits = LineLimits(concurrent=10, per_minute=1_000_000, per_day=1_000_000, per_second=1_000_000)
    specs = [LineSpec(LineId(f"{number:08}"), f"{number:08}", limits) for number in range(lines)]
    pool = LinePool(specs, SystemAmbient())

    async def cycle() -> None:
        lease = await pool.lease(LeaseRequest(Purpose.OUTBOUND))
        await lease.turn()
        lease.placed()
        lease.release()

    async with trio.open_nursery() as nursery:
        await nursery.start(pool.run)
        seconds = await cpu_of_async(cycle, times=TIMES)
        nursery.cancel_scope.cancel()
    return Figure(f"lease, turn, placed, release with {lines} line(s)", seconds * MICRO, "us CPU")
