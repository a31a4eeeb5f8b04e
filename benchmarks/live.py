"""Calls that are live: how soon an answered one is served, what each holds, and how long it takes to end them all."""

import gc
import time
import tracemalloc
from collections.abc import Iterable
from statistics import median

import trio

from benchmarks.crowd import crowd_of
from benchmarks.figures import MICRO, MILLI, Figure, percentile
from benchmarks.scripted import stasis_start
from benchmarks.stalls import Stalls
from callengine.model import Cause

SAMPLES = 300
MANY = 1000
ROUNDS = 5


def measure() -> Iterable[Figure]:
    for live, p50, p99 in ((200, "<= 300", "<= 2,000"), (MANY, "", "<= 5,000")):
        waits = trio.run(_waits, live)
        yield Figure(f"StasisStart to first request, {live:,} live, p50", median(waits) * MICRO, "us wall", p50)
        yield Figure(f"StasisStart to first request, {live:,} live, p99", percentile(waits, 99) * MICRO, "us wall", p99)
    yield Figure(f"memory of a live call, one of {MANY:,}", trio.run(_memory) / 1024, "KiB", "<= 32")
    yield Figure("nurseries of a live call", trio.run(_nurseries), "", "<= 2")
    yield from _ending()


async def _waits(live: int) -> list[float]:
    """Seconds from a StasisStart in hand to the request for the first prompt, one call after another."""
    waits = []
    async with crowd_of(live + SAMPLES) as crowd:
        channels = list(crowd.calls)
        await crowd.answer(channels[:live])
        for channel in channels[live:]:
            plays = crowd.asked["play"]
            message = stasis_start(channel)
            began = time.perf_counter()
            crowd.tell(message)
            await crowd.until("play", plays + 1)
            waits.append(crowd.written - began)
    return waits


async def _memory() -> float:
    """Bytes that Python holds for one call that is being recorded: dialler, lease, call, estate, subscriptions and tasks."""
    async with crowd_of(1) as crowd:
        await crowd.answer(list(crowd.calls))
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    async with crowd_of(MANY) as crowd:
        await crowd.answer(list(crowd.calls))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / MANY


async def _nurseries() -> int:
    async with crowd_of(2) as crowd:
        await crowd.answer(list(crowd.calls))
        both = _nurseries_below(trio.lowlevel.current_root_task())
        next(iter(crowd.calls.values())).end(Cause.SHUTDOWN)
        await trio.testing.wait_all_tasks_blocked()
        return both - _nurseries_below(trio.lowlevel.current_root_task())


def _nurseries_below(task: trio.lowlevel.Task | None) -> int:
    if task is None:
        return 0
    return sum(1 + sum(map(_nurseries_below, nursery.child_tasks)) for nursery in task.child_nurseries)


def _ending() -> Iterable[Figure]:
    over, buried, stalls = zip(*(trio.run(_end_all) for _ in range(ROUNDS)), strict=True)
    yield Figure(f"{MANY:,} live calls ended at once: all their tasks done", median(over) * MILLI, "ms CPU", "<= 150")
    yield Figure("the same, and all hung up and buried", median(buried) * MILLI, "ms CPU")
    yield Figure("longest stall of the event loop meanwhile", median(stalls) * MILLI, "ms wall", "< 50")


async def _end_all() -> tuple[float, float, float]:
    """CPU seconds from the end of a thousand calls until their tasks are done, and until nothing is left of them."""
    async with crowd_of(MANY) as crowd:
        await crowd.answer(list(crowd.calls))
        crowd.reaper.target = MANY
        gc.collect()
        stalls = Stalls()
        trio.lowlevel.add_instrument(stalls)
        began = time.process_time()
        for call in crowd.calls.values():
            call.end(Cause.SHUTDOWN)
        await crowd.reaper.reached.wait()
        over = time.process_time() - began
        await crowd.reaper.drained()
        buried = time.process_time() - began
        trio.lowlevel.remove_instrument(stalls)
    return over, buried, stalls.longest
