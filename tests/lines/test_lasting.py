"""Quotas that outlive a restart, and lines that are replaced while calls are up."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.errors import ConfigError
from callengine.lines import LinePool, SlotLease, day_began
from callengine.model import LeaseRequest, LineId, LineLimits, LineSpec, Placement, Purpose, SeededAmbient

A, B = LineId("1001"), LineId("1002")
OUTBOUND = LeaseRequest(Purpose.OUTBOUND)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def line(name: LineId, **limits: int) -> LineSpec:
    return LineSpec(name, name, LineLimits(**{"concurrent": 2, "per_minute": 0, "per_day": 0, "per_second": 0, **limits}))


def opened(*specs: LineSpec) -> LinePool:
    return LinePool(specs, SeededAmbient(1, trio.current_time, NOW))


def placed(name: LineId, seconds_ago: float | None) -> Placement:
    return Placement("p", name, None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize("ago, opens", [(59.0, 1.1), (10.0, 50.1), (0.0, 60.1), (-500.0, 60.1), (None, 60.1), (61.0, 0.0)])
async def test_a_restored_minute_has_the_rest_of_its_time(
    ago: float | None, opens: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    pool = opened(line(A, per_minute=1))
    await nursery.start(pool.run)
    pool.restore([placed(A, ago)], NOW)
    await pool.lease(OUTBOUND)
    assert trio.current_time() == pytest.approx(opens, abs=0.01)


async def test_the_day_counts_on_and_goes_by_the_zone_that_the_panel_names(autojump_clock: MockClock) -> None:
    pool = opened(line(A))
    pool.restore([placed(A, 3600.0 * hours) for hours in (1, 8, 10, 25)] + [placed(A, None)], NOW)
    counts = []
    for zone in (None, timezone(timedelta(hours=3, minutes=30)), timezone(timedelta(hours=-8)), None):
        pool.set_zone(zone)
        counts.append(pool.snapshot().lines[0].day)
    assert counts == [3, 4, 2, 3]


async def test_a_line_that_comes_back_has_not_forgotten_its_day(autojump_clock: MockClock) -> None:
    pool = opened(line(A))
    pool.restore([placed(A, 10.0), placed(B, 10.0)], NOW)
    pool.replace([line(B)])
    pool.replace([line(B), line(A)])
    assert pool.ids == (B, A)
    assert [load.day for load in pool.snapshot().lines] == [1, 1]


async def test_a_missing_line_carries_its_calls_to_their_end(autojump_clock: MockClock) -> None:
    pool = opened(line(A))
    held = await pool.lease(OUTBOUND)
    pool.replace([line(B)])
    assert (await pool.lease(OUTBOUND)).line.id == B
    assert [(load.line.id, load.in_use, load.in_force) for load in pool.snapshot().lines] == [(B, 1, True), (A, 1, False)]
    held.release()
    assert pool.snapshot().in_use[Purpose.OUTBOUND] == 1


async def test_who_waits_for_a_line_that_is_replaced_is_told(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    pool = opened(line(A, concurrent=0))
    told = trio.Event()

    @nursery.start_soon
    async def wait() -> None:
        with pytest.raises(ConfigError, match="any more"):
            await pool.lease(LeaseRequest(Purpose.INBOUND, A))
        told.set()

    await wait_all_tasks_blocked()
    pool.replace([line(B)])
    with trio.fail_after(1):
        await told.wait()


async def test_a_channel_found_alive_takes_a_slot_past_the_limit(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    pool = opened(line(A, concurrent=1, per_day=1))
    found = [pool.occupy(A, Purpose.OUTBOUND) for _ in range(2)] + [pool.occupy(B, Purpose.INBOUND)]
    load = pool.snapshot()
    assert (load.lines[0].in_use, load.lines[0].peak, load.lines[0].day) == (2, 2, 0)
    assert load.in_use[Purpose.INBOUND] == 1
    waiting: list[SlotLease] = []

    @nursery.start_soon
    async def wait() -> None:
        waiting.append(await pool.lease(OUTBOUND))

    for lease in found:
        await wait_all_tasks_blocked()
        assert bool(waiting) == (lease is found[2]), "served when the line is below its limit again"
        lease.release()


async def test_a_turn_that_is_left_serves_the_next(autojump_clock: MockClock) -> None:
    pool = opened(line(A, per_second=1))
    first, second = await pool.lease(OUTBOUND), await pool.lease(OUTBOUND)
    await first.turn()
    first.yield_turn()
    await second.turn()
    assert trio.current_time() == 0
    assert pool.snapshot().in_use[Purpose.OUTBOUND] == 2, "the slot stays"


@pytest.mark.parametrize("answers_after", [0.002, 0.1])
async def test_commits_before_the_turn_cost_no_rate(
    answers_after: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    limit, calls = 20, 1000
    pool = opened(line(A, concurrent=60, per_second=limit))
    await nursery.start(pool.run)
    seen: list[float] = []

    async def call(lease: SlotLease) -> None:
        await trio.sleep(0.005 + 0.001 * (len(seen) % 16))
        await lease.turn()
        await trio.sleep(answers_after / 2)
        seen.append(trio.current_time())
        await trio.sleep(answers_after / 2)
        lease.placed()
        lease.release()

    async with trio.open_nursery() as placing:
        for _ in range(calls):
            placing.start_soon(call, await pool.lease(OUTBOUND))
    rate = (calls - limit) / (seen[-limit] - seen[0])
    assert rate == pytest.approx(limit / (1 + answers_after), rel=0.005)
    assert all(later - early >= 1 for early, later in zip(seen, seen[limit:], strict=False))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)), st.sampled_from(sorted(available_timezones())))
def test_a_day_begins_at_its_first_moment_whatever_clocks_do(when: datetime, name: str) -> None:
    zone, now = ZoneInfo(name), when.replace(tzinfo=UTC)
    began = day_began(now, zone).astimezone(UTC)
    assert began <= now
    assert began.astimezone(zone).date() == now.astimezone(zone).date()
    assert (began - timedelta(microseconds=1)).astimezone(zone).date() < now.astimezone(zone).date()
