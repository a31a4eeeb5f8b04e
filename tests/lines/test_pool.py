"""The pool's rules one by one; `test_stateful.py` and `test_walk.py` check them all at once on random steps."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.errors import ConfigError
from callengine.lines import LinePool, SlotLease
from callengine.model import LeaseRequest, LineId, LineLimits, LineSpec, Purpose, SeededAmbient

A, B = LineId("1001"), LineId("1002")
OUTBOUND = LeaseRequest(Purpose.OUTBOUND)
OPERATOR = LeaseRequest(Purpose.OPERATOR)
FREE = LineLimits(concurrent=2, per_minute=0, per_day=0, per_second=0)

MakePool = Callable[..., Awaitable[LinePool]]


@pytest.fixture
async def make_pool(nursery: trio.Nursery) -> MakePool:
    async def make(
        *limits: LineLimits, overall_per_second: int = 0, max_outbound: int = 0, max_inbound: int = 0, reserve: int = 0
    ) -> LinePool:
        pool = LinePool(
            [LineSpec(name, caller_id=name, limits=each) for name, each in zip((A, B), limits, strict=False)],
            SeededAmbient(1, trio.current_time),
            overall_per_second=overall_per_second,
            max_outbound=max_outbound,
            max_inbound=max_inbound,
            reserve=reserve,
        )
        await nursery.start(pool.run)
        return pool

    return make


def inbound(line: LineId) -> LeaseRequest:
    return LeaseRequest(Purpose.INBOUND, line)


class Asker:
    """Someone who asks for a lease in a task of its own."""

    def __init__(self, nursery: trio.Nursery, pool: LinePool, want: LeaseRequest) -> None:
        self.lease: SlotLease | None = None
        self.scope = trio.CancelScope()
        nursery.start_soon(self._ask, pool, want)

    async def _ask(self, pool: LinePool, want: LeaseRequest) -> None:
        with self.scope:
            self.lease = await pool.lease(want)

    def holding(self) -> SlotLease:
        assert self.lease is not None
        return self.lease


async def place(lease: SlotLease) -> None:
    await lease.turn()
    lease.placed()


async def test_calls_spread_over_the_lines(make_pool: MakePool, autojump_clock: MockClock) -> None:
    pool = await make_pool(FREE, FREE)
    lines = [(await pool.lease(OUTBOUND)).line.id for _ in range(4)]
    assert lines == [A, B, A, B]


async def test_a_full_pool_waits_for_a_slot(make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    pool = await make_pool(LineLimits(concurrent=1))
    first = await pool.lease(OUTBOUND)
    second = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    assert second.lease is None
    first.release()
    await wait_all_tasks_blocked()
    assert second.holding().line.id == A


async def test_operators_go_first_then_callers_then_our_calls(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(LineLimits(concurrent=1, per_minute=0))
    held = await pool.lease(OUTBOUND)
    ours = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    caller = Asker(nursery, pool, inbound(A))
    await wait_all_tasks_blocked()
    operator = Asker(nursery, pool, OPERATOR)
    await wait_all_tasks_blocked()
    for next_one in (operator, caller, ours):
        held.release()
        await wait_all_tasks_blocked()
        held = next_one.holding()
        assert [asker.lease for asker in (operator, caller, ours)].count(held) == 1


async def test_no_outbound_call_starts_on_a_line_a_caller_waits_for(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(FREE, FREE, max_inbound=1)
    await pool.lease(inbound(A))
    caller = Asker(nursery, pool, inbound(A))
    await wait_all_tasks_blocked()
    assert [(await pool.lease(OUTBOUND)).line.id for _ in range(2)] == [B, B]
    ours = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    assert ours.lease is None
    caller.scope.cancel()
    await wait_all_tasks_blocked()
    assert ours.holding().line.id == A, "the caller gave up"


async def test_the_reserve_is_never_given_to_outbound_calls(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(FREE, reserve=1)
    customer = await pool.lease(OUTBOUND)
    next_customer = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    assert next_customer.lease is None
    await pool.lease(OPERATOR)
    customer.release()
    await wait_all_tasks_blocked()
    assert next_customer.lease is not None, "the operator's leg sits in the reserve"


async def test_the_reserve_changes_while_calls_run(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(FREE)
    await pool.lease(OUTBOUND)
    pool.keep_free(1)
    ours = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    assert ours.lease is None
    pool.keep_free(0)
    await wait_all_tasks_blocked()
    assert ours.lease is not None


async def test_the_last_slot_is_never_reserved(make_pool: MakePool, autojump_clock: MockClock) -> None:
    pool = await make_pool(LineLimits(concurrent=1), reserve=5)
    assert (await pool.lease(OUTBOUND)).line.id == A


async def test_a_cap_over_all_lines_binds_outbound_calls_but_no_operator(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(FREE, FREE, max_outbound=2)
    for _ in range(2):
        await pool.lease(OUTBOUND)
    third = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    assert third.lease is None
    await pool.lease(OPERATOR)


async def test_a_waiter_served_and_cancelled_at_once_keeps_nothing(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(LineLimits(concurrent=1))
    held = await pool.lease(OUTBOUND)
    unlucky = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    held.release()
    unlucky.scope.cancel()
    await wait_all_tasks_blocked()
    assert unlucky.lease is None
    load = pool.snapshot().lines[0]
    assert (load.in_use, load.minute, load.day) == (0, 0, 0)


async def test_a_minute_counts_from_the_answer_of_the_pbx(make_pool: MakePool, autojump_clock: MockClock) -> None:
    pool = await make_pool(LineLimits(concurrent=5, per_minute=1))
    lease = await pool.lease(OUTBOUND)
    await lease.turn()
    await trio.sleep(3)
    lease.placed()
    lease.release()
    await pool.lease(OUTBOUND)
    assert trio.current_time() == pytest.approx(63, abs=1e-4)


async def test_a_lease_never_placed_gives_its_windows_back(make_pool: MakePool, autojump_clock: MockClock) -> None:
    pool = await make_pool(LineLimits(concurrent=1, per_minute=1, per_day=1))
    lease = await pool.lease(OUTBOUND)
    await lease.turn()
    lease.release()
    lease.release()
    await place(await pool.lease(OUTBOUND))
    assert trio.current_time() == 0


async def test_inbound_calls_take_a_slot_and_no_window(make_pool: MakePool, autojump_clock: MockClock) -> None:
    pool = await make_pool(LineLimits(concurrent=3, per_minute=1, per_day=1))
    caller = await pool.lease(inbound(A))
    await caller.turn()
    load = pool.snapshot().lines[0]
    assert (load.in_use, load.minute, load.day) == (1, 0, 0)


async def test_a_spent_day_waits_for_midnight_of_the_zone(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    tehran = ZoneInfo("Asia/Tehran")
    ambient = SeededAmbient(1, trio.current_time, datetime(2026, 3, 2, 18, 30, tzinfo=ZoneInfo("UTC")))
    spec = LineSpec(A, caller_id=A, limits=LineLimits(concurrent=5, per_day=1))
    pool = LinePool([spec], ambient, zone=tehran)
    await nursery.start(pool.run)
    await place(await pool.lease(OUTBOUND))
    await pool.lease(OUTBOUND)
    assert trio.current_time() == pytest.approx(2 * 3600, abs=0.01), "22:00 in Tehran, then midnight"


async def test_a_wall_clock_set_past_midnight_is_noticed_within_a_minute(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    hours_set = [0]
    ambient = SeededAmbient(1, lambda: trio.current_time() + 3600 * hours_set[0], datetime(2026, 3, 2, 20, tzinfo=UTC))
    pool = LinePool([LineSpec(A, caller_id=A, limits=LineLimits(concurrent=5, per_day=1))], ambient)
    await nursery.start(pool.run)
    await place(await pool.lease(OUTBOUND))
    waits = Asker(nursery, pool, OUTBOUND)
    await trio.sleep(600)
    assert waits.lease is None
    hours_set[0] = 5
    await trio.sleep(61)
    assert waits.holding().line.id == A


async def test_a_line_made_smaller_lets_calls_finish_and_admits_none_until_below(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(FREE)
    leases = [await pool.lease(OUTBOUND) for _ in range(2)]
    pool.resize(A, LineLimits(concurrent=1, per_minute=0))
    waiting = Asker(nursery, pool, OUTBOUND)
    leases[0].release()
    await wait_all_tasks_blocked()
    assert waiting.lease is None
    leases[1].release()
    await wait_all_tasks_blocked()
    assert waiting.lease is not None


async def test_a_line_closed_and_opened_again(make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    pool = await make_pool(LineLimits(concurrent=0))
    waiting = Asker(nursery, pool, OUTBOUND)
    await wait_all_tasks_blocked()
    assert waiting.lease is None
    pool.resize(A, FREE)
    await wait_all_tasks_blocked()
    assert waiting.lease is not None


@pytest.mark.parametrize("per_second", [1, 3, 20])
async def test_the_rate_is_reached_within_half_a_percent(
    make_pool: MakePool, autojump_clock: MockClock, per_second: int
) -> None:
    pool = await make_pool(LineLimits(concurrent=1, per_minute=0, per_day=0, per_second=0), overall_per_second=per_second)
    placed: list[float] = []
    while trio.current_time() < 300:
        lease = await pool.lease(OUTBOUND)
        await lease.turn()
        placed.append(trio.current_time())
        lease.placed()
        lease.release()
    assert len(placed) / 300 == pytest.approx(per_second, rel=0.005)
    assert all(later - early >= 1 for early, later in zip(placed, placed[per_second:], strict=False))


async def test_each_line_has_its_own_second_and_the_gate_lets_the_other_pass(
    make_pool: MakePool, autojump_clock: MockClock
) -> None:
    each = LineLimits(concurrent=2, per_second=1)
    pool = await make_pool(each, each, overall_per_second=10)
    leases = [await pool.lease(OUTBOUND) for _ in range(4)]
    async with trio.open_nursery() as nursery:
        for lease in leases:
            nursery.start_soon(place, lease)
    assert trio.current_time() == pytest.approx(1, abs=1e-4)


async def test_the_gate_serves_an_operator_leg_first(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(LineLimits(concurrent=5, per_second=1))
    order: list[Purpose] = []

    async def pass_the_gate(lease: SlotLease) -> None:
        await place(lease)
        order.append(lease.purpose)

    first, ours, operator = [await pool.lease(want) for want in (OUTBOUND, OUTBOUND, OPERATOR)]
    await place(first)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pass_the_gate, ours)
        await wait_all_tasks_blocked()
        nursery.start_soon(pass_the_gate, operator)
    assert order == [Purpose.OPERATOR, Purpose.OUTBOUND]


async def test_a_turn_cancelled_as_it_comes_is_given_back(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(LineLimits(concurrent=5, per_second=1))
    first, unlucky, lucky = [await pool.lease(OUTBOUND) for _ in range(3)]
    await first.turn()
    async with trio.open_nursery() as waiting:
        waiting.start_soon(unlucky.turn)
        await wait_all_tasks_blocked()
        first.release()
        waiting.cancel_scope.cancel()
    await lucky.turn()
    assert trio.current_time() == 0


async def test_wrong_lines_are_said_by_name(make_pool: MakePool, autojump_clock: MockClock) -> None:
    pool = await make_pool(FREE)
    with pytest.raises(ConfigError, match="1002"):
        await pool.lease(inbound(B))
    with pytest.raises(ConfigError, match="1002"):
        pool.resize(B, FREE)
    with pytest.raises(ConfigError, match="twice"):
        LinePool([LineSpec(A, A), LineSpec(A, A)], SeededAmbient(1, trio.current_time))


async def test_the_snapshot_tells_who_holds_and_who_waits(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    pool = await make_pool(LineLimits(concurrent=1))
    await place(await pool.lease(OUTBOUND))
    Asker(nursery, pool, inbound(A))
    await wait_all_tasks_blocked()
    load = pool.snapshot()
    assert load.in_use[Purpose.OUTBOUND] == 1
    assert load.waiting[Purpose.INBOUND] == 1
    (line,) = load.lines
    assert (line.in_use, line.minute, line.day, line.waiting) == (1, 1, 1, 1)


async def test_callers_who_may_want_an_operator_leave_the_reserve_too(
    make_pool: MakePool, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    """Otherwise two of them could hold both slots while each waits for an operator's."""
    pool = await make_pool(FREE, reserve=1)
    wants = LeaseRequest(Purpose.INBOUND, A, transfers=True)
    first = await pool.lease(wants)
    second = Asker(nursery, pool, wants)
    await wait_all_tasks_blocked()
    assert second.lease is None
    served_by_the_flow_alone = await pool.lease(inbound(A))
    served_by_the_flow_alone.release()
    await pool.lease(OPERATOR)
    first.release()
    await wait_all_tasks_blocked()
    assert second.holding().line.id == A
