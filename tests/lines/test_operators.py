"""The rules of operators one by one; `test_operators_trace.py` checks them all at once on random traces."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest
import trio
from attrs import define, evolve, field
from trio.testing import MockClock, assert_checkpoints, wait_all_tasks_blocked

from callengine.errors import ConfigError
from callengine.lines import Operators, OperatorState, Reservation
from callengine.model import Operator, OperatorId, Rosters

ANNA, BORIS, CEM = (Operator(OperatorId(name), f"PJSIP/{name}", over_trunk=False) for name in ("anna", "boris", "cem"))
EVERYBODY = (ANNA, BORIS, CEM)
READY, RESERVED, IN_CALL, WRAP_UP, PAUSED = OperatorState


@define(eq=False)
class Slot:
    """A passage that counts how often it was released."""

    released: int = 0

    async def turn(self) -> None:
        await trio.lowlevel.checkpoint()

    def yield_turn(self) -> None: ...

    def placed(self) -> None: ...

    def release(self) -> None:
        self.released += 1


@define(eq=False)
class Customer:
    """Someone who wants an operator, in a task of their own."""

    operators: Operators
    candidates: tuple[Operator, ...]
    wait: float = 0.0
    reservation: Reservation | None = None
    answered_at: float | None = None
    scope: trio.CancelScope = field(factory=trio.CancelScope)

    async def live(self) -> None:
        with self.scope:
            async with self.operators.reserve(self.candidates, wait=self.wait) as self.reservation:
                self.answered_at = trio.current_time()
                await trio.sleep_forever()

    @property
    def operator(self) -> Operator | None:
        return self.reservation.operator if self.reservation else None


@define
class Office:
    """Operators, and the customers who come to them."""

    operators: Operators
    nursery: trio.Nursery

    async def customer(self, *candidates: Operator, wait: float = 0.0) -> Customer:
        customer = Customer(self.operators, candidates, wait)
        self.nursery.start_soon(customer.live)
        await wait_all_tasks_blocked()
        return customer

    async def talking(self, *candidates: Operator) -> Customer:
        customer = await self.customer(*candidates)
        assert customer.reservation is not None
        customer.reservation.connected()
        return customer

    @property
    def states(self) -> list[OperatorState]:
        return [load.state for load in self.operators.snapshot()]


@pytest.fixture
async def office(nursery: trio.Nursery) -> Office:
    return await open_office(nursery)


@pytest.fixture
async def with_wrap_up(nursery: trio.Nursery) -> Office:
    return await open_office(nursery, wrap_up=5.0)


async def open_office(nursery: trio.Nursery, wrap_up: float = 0.0) -> Office:
    operators = Operators(Rosters(inbound=EVERYBODY), wrap_up=wrap_up)
    await nursery.start(operators.run)
    return Office(operators, nursery)


async def leave(*customers: Customer) -> None:
    for customer in customers:
        customer.scope.cancel()
    await wait_all_tasks_blocked()


async def rung(reserving: AbstractAsyncContextManager[Reservation | None]) -> Operator | None:
    async with reserving as reservation:
        return reservation.operator if reservation else None


def test_operators_can_be_made_before_the_loop_runs() -> None:
    assert Operators(Rosters(inbound=EVERYBODY)).rosters.everybody == EVERYBODY


async def test_turns_go_round(office: Office) -> None:
    turns = [await rung(office.operators.reserve(EVERYBODY)) for _ in range(5)]
    assert turns == [ANNA, BORIS, CEM, ANNA, BORIS]


async def test_the_turn_is_whose_was_longest_ago_over_all_candidates(office: Office) -> None:
    asked = [(CEM,), (BORIS, CEM), (CEM, BORIS, ANNA), EVERYBODY, EVERYBODY]
    turns = [await rung(office.operators.reserve(candidates)) for candidates in asked]
    assert turns == [CEM, BORIS, ANNA, CEM, BORIS]


async def test_the_candidates_order_decides_between_those_who_never_had_a_turn(office: Office) -> None:
    assert await rung(office.operators.reserve((CEM, ANNA, BORIS))) == CEM


async def test_a_busy_operator_is_skipped(office: Office) -> None:
    first, second = await office.customer(*EVERYBODY), await office.talking(*EVERYBODY)
    third, fourth = await office.customer(*EVERYBODY), await office.customer(*EVERYBODY)
    assert [each.operator for each in (first, second, third, fourth)] == [ANNA, BORIS, CEM, None]
    assert office.states == [RESERVED, IN_CALL, RESERVED]


async def test_who_writes_down_a_call_is_skipped_until_that_is_over(with_wrap_up: Office, autojump_clock: MockClock) -> None:
    await leave(await with_wrap_up.talking(ANNA))
    assert with_wrap_up.states == [WRAP_UP, READY, READY]
    assert await rung(with_wrap_up.operators.reserve((ANNA,))) is None
    await trio.sleep(5)
    assert with_wrap_up.states == [READY, READY, READY]
    assert await rung(with_wrap_up.operators.reserve((ANNA,))) == ANNA


async def test_who_did_not_talk_has_nothing_to_write_down(with_wrap_up: Office) -> None:
    await leave(await with_wrap_up.customer(ANNA))
    assert with_wrap_up.states[0] is READY


async def test_a_paused_operator_is_skipped_until_they_resume(office: Office) -> None:
    office.operators.pause(ANNA.id)
    office.operators.pause(ANNA.id)
    assert await rung(office.operators.reserve((ANNA, BORIS))) == BORIS
    assert office.states[0] is PAUSED
    office.operators.resume(ANNA.id)
    office.operators.resume(ANNA.id)
    assert await rung(office.operators.reserve((BORIS, ANNA))) == ANNA


async def test_nobody_is_waited_for_who_is_paused_or_will_be(office: Office, autojump_clock: MockClock) -> None:
    office.operators.pause(ANNA.id)
    await office.talking(BORIS)
    office.operators.pause(BORIS.id)
    customer = await office.customer(ANNA, BORIS, wait=60)
    assert (customer.operator, customer.answered_at) == (None, 0.0)


async def test_who_waits_is_served_when_an_operator_resumes(office: Office, autojump_clock: MockClock) -> None:
    office.operators.pause(ANNA.id)
    await office.talking(BORIS)
    customer = await office.customer(ANNA, BORIS, wait=60)
    assert customer.answered_at is None
    office.operators.resume(ANNA.id)
    await wait_all_tasks_blocked()
    assert customer.operator == ANNA


async def test_a_pause_during_a_call_takes_effect_after_it(with_wrap_up: Office, autojump_clock: MockClock) -> None:
    talking, ringing = await with_wrap_up.talking(ANNA), await with_wrap_up.customer(BORIS)
    with_wrap_up.operators.pause(ANNA.id)
    with_wrap_up.operators.pause(BORIS.id)
    assert with_wrap_up.states == [IN_CALL, RESERVED, READY]
    await leave(talking, ringing)
    assert with_wrap_up.states == [PAUSED, PAUSED, READY]
    await trio.sleep(10)
    assert with_wrap_up.states == [PAUSED, PAUSED, READY]


async def test_a_pause_can_be_taken_back_before_the_call_is_over(office: Office) -> None:
    talking = await office.talking(ANNA)
    office.operators.pause(ANNA.id)
    office.operators.resume(ANNA.id)
    await leave(talking)
    assert office.states[0] is READY


async def test_a_pause_cuts_the_writing_down_short(with_wrap_up: Office) -> None:
    await leave(await with_wrap_up.talking(ANNA))
    with_wrap_up.operators.pause(ANNA.id)
    assert with_wrap_up.states[0] is PAUSED
    with_wrap_up.operators.resume(ANNA.id)
    assert with_wrap_up.states[0] is READY


async def test_an_unknown_operator_cannot_be_paused_or_resumed(office: Office) -> None:
    for change in (office.operators.pause, office.operators.resume):
        with pytest.raises(ConfigError, match="operator dora stands in no roster"):
            change(OperatorId("dora"))


async def test_nobody_to_choose_among_is_nobody_at_once(office: Office, autojump_clock: MockClock) -> None:
    assert await rung(office.operators.reserve((), wait=60)) is None
    assert trio.current_time() == 0


async def test_who_waits_is_served_in_order(office: Office, autojump_clock: MockClock) -> None:
    busy = await office.talking(ANNA)
    first, second = await office.customer(ANNA, wait=60), await office.customer(ANNA, wait=60)
    await leave(busy)
    assert (first.operator, second.answered_at) == (ANNA, None)
    await leave(first)
    assert second.operator == ANNA


async def test_who_waits_for_another_is_overtaken(office: Office, autojump_clock: MockClock) -> None:
    await office.talking(ANNA)
    busy = await office.talking(BORIS)
    first, second = await office.customer(ANNA, wait=60), await office.customer(BORIS, wait=60)
    await leave(busy)
    assert (first.operator, second.operator) == (None, BORIS)


async def test_the_wait_is_bounded(office: Office, autojump_clock: MockClock) -> None:
    busy = await office.talking(ANNA)
    customer = await office.customer(ANNA, wait=7)
    await trio.sleep(7.1)
    assert (customer.operator, customer.answered_at) == (None, 7.0)
    await leave(busy)
    assert customer.operator is None
    assert office.states[0] is READY


async def test_a_cancelled_waiter_holds_nothing(office: Office, autojump_clock: MockClock) -> None:
    busy = await office.talking(ANNA)
    first, second = await office.customer(ANNA, wait=60), await office.customer(ANNA, wait=60)
    await leave(first)
    await leave(busy)
    assert second.operator == ANNA


async def test_who_is_cancelled_while_being_served_passes_the_operator_on(office: Office, autojump_clock: MockClock) -> None:
    busy = await office.talking(ANNA)
    first, second = await office.customer(ANNA, wait=60), await office.customer(ANNA, wait=60)
    assert busy.reservation is not None
    first.scope.cancel()
    busy.reservation.close()
    await wait_all_tasks_blocked()
    assert (first.operator, second.operator) == (None, ANNA)


async def test_the_end_of_a_wrap_up_serves_who_waits(with_wrap_up: Office, autojump_clock: MockClock) -> None:
    busy = await with_wrap_up.talking(ANNA)
    early = await with_wrap_up.customer(ANNA, wait=60)
    await leave(busy)
    await trio.sleep(4.9)
    assert not early.answered_at
    await trio.sleep(0.2)
    assert early.operator == ANNA
    assert early.answered_at == pytest.approx(5.0)
    await leave(early)
    await leave(await with_wrap_up.talking(ANNA))
    late = await with_wrap_up.customer(ANNA, wait=60)
    await trio.sleep(6)
    assert late.operator == ANNA
    assert late.answered_at == pytest.approx(10.1)


async def test_a_live_view_during_a_wrap_up_keeps_nobody_waiting(with_wrap_up: Office, autojump_clock: MockClock) -> None:
    await leave(await with_wrap_up.talking(ANNA))
    customer = await with_wrap_up.customer(ANNA, wait=60)
    await trio.sleep(5)
    with_wrap_up.operators.snapshot()
    await wait_all_tasks_blocked()
    assert customer.operator == ANNA


async def test_reserve_is_a_checkpoint_whatever_comes_of_it(office: Office) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(2):
            with assert_checkpoints():
                await stack.enter_async_context(office.operators.reserve((ANNA,)))
    assert office.states[0] is READY


async def test_a_cancelled_scope_reserves_nobody(office: Office) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        async with office.operators.reserve((ANNA,)):
            raise AssertionError("the block must not begin")
    assert office.states[0] is READY


async def test_an_error_in_the_block_frees_the_operator(office: Office) -> None:
    with pytest.raises(ZeroDivisionError):
        async with office.operators.reserve((ANNA,)):
            raise ZeroDivisionError
    assert office.states[0] is READY


@pytest.mark.parametrize("block_first", [True, False])
@pytest.mark.parametrize("talked", [True, False])
async def test_busy_until_the_block_is_left_and_the_channel_is_gone(office: Office, block_first: bool, talked: bool) -> None:
    customer = await (office.talking if talked else office.customer)(ANNA)
    assert customer.reservation is not None
    slot = Slot()
    passage = customer.reservation.occupying(slot)
    next_in_line = await office.customer(ANNA, wait=60)
    if block_first:
        await leave(customer)
    else:
        passage.release()
    assert office.states[0] is (IN_CALL if talked else RESERVED)
    await leave(customer)
    passage.release()
    await wait_all_tasks_blocked()
    assert next_in_line.operator == ANNA
    passage.release()
    customer.reservation.close()
    assert office.states[0] is RESERVED, "an end that came twice took the operator from the next customer"
    assert slot.released == (2 if block_first else 3)


async def test_who_is_connected_too_late_is_not_taken_from_the_next_customer(office: Office) -> None:
    late = await office.customer(ANNA)
    await leave(late)
    await office.customer(ANNA)
    assert late.reservation is not None
    late.reservation.connected()
    assert office.states[0] is RESERVED


async def test_new_rosters_leave_calls_alone(office: Office) -> None:
    talking = await office.talking(ANNA)
    office.operators.replace(Rosters(inbound=(BORIS,)))
    assert talking.operator == ANNA
    office.operators.replace(Rosters(inbound=EVERYBODY))
    assert office.states == [IN_CALL, READY, READY]
    assert await rung(office.operators.reserve((ANNA,))) is None
    await leave(talking)
    assert office.states[0] is READY


async def test_who_left_the_rosters_is_not_rung_again(office: Office, autojump_clock: MockClock) -> None:
    talking = await office.talking(ANNA)
    waiting = await office.customer(ANNA, wait=60)
    office.operators.replace(Rosters(inbound=(BORIS, CEM)))
    await leave(talking)
    assert waiting.operator is None
    assert await rung(office.operators.reserve((ANNA,), wait=60)) is None
    with pytest.raises(ConfigError):
        office.operators.pause(ANNA.id)


async def test_who_comes_back_paused_is_paused(office: Office) -> None:
    office.operators.pause(ANNA.id)
    office.operators.replace(Rosters(inbound=(BORIS,)))
    office.operators.replace(Rosters(inbound=EVERYBODY))
    assert office.states == [PAUSED, READY, READY]


async def test_a_new_operator_serves_who_waits(office: Office, autojump_clock: MockClock) -> None:
    office.operators.replace(Rosters(inbound=(ANNA,)))
    await office.talking(ANNA)
    waiting = await office.customer(ANNA, BORIS, wait=60)
    office.operators.replace(Rosters(inbound=(ANNA, BORIS)))
    await wait_all_tasks_blocked()
    assert waiting.operator == BORIS


async def test_a_new_telephone_is_rung_from_the_next_call_on(office: Office, autojump_clock: MockClock) -> None:
    moved = evolve(ANNA, endpoint="PJSIP/home")
    talking = await office.talking(ANNA)
    office.operators.pause(ANNA.id)
    waiting = await office.customer(ANNA, BORIS, wait=60)
    office.operators.replace(Rosters(inbound=(moved, BORIS)))
    assert (talking.operator, waiting.operator) == (ANNA, BORIS)
    await leave(talking)
    office.operators.resume(ANNA.id)
    assert await rung(office.operators.reserve((ANNA,))) == moved


async def test_one_operator_in_two_rosters_is_one(office: Office) -> None:
    office.operators.replace(Rosters(inbound=(ANNA, BORIS), outbound=(ANNA,), of_scenarios={("spring", "inbound"): (ANNA,)}))
    assert office.states == [READY, READY]
    await office.customer(*office.operators.rosters.roster("inbound", "spring"))
    assert await rung(office.operators.reserve(office.operators.rosters.roster("outbound", "summer"))) is None
    assert await rung(office.operators.reserve(office.operators.rosters.roster("inbound", "summer"))) == BORIS


async def test_who_did_not_take_a_call_is_left_in_peace(with_wrap_up: Office, autojump_clock: MockClock) -> None:
    customer = await with_wrap_up.customer(ANNA)
    assert customer.reservation is not None
    customer.reservation.pass_over(9.0)
    waiting = await with_wrap_up.customer(ANNA, wait=60)
    await leave(customer)
    assert with_wrap_up.states[0] is WRAP_UP
    await trio.sleep(8.9)
    early = waiting.operator
    await trio.sleep(0.2)
    assert (early, waiting.operator) == (None, ANNA)
    assert waiting.answered_at == pytest.approx(9.0)


async def test_a_place_in_line_is_kept_from_one_operator_to_the_next(office: Office, autojump_clock: MockClock) -> None:
    with office.operators.in_line((ANNA,)) as place:
        async with office.operators.reserve((ANNA,), place=place) as reservation:
            second = await office.customer(ANNA, wait=60)
            assert place.position == 1
        await wait_all_tasks_blocked()
        assert (reservation and reservation.operator, second.operator) == (ANNA, None)
        assert await rung(office.operators.reserve((ANNA,), place=place)) == ANNA
    await wait_all_tasks_blocked()
    assert second.operator == ANNA


async def test_an_operator_who_is_kept_back_for_another_is_waited_for(office: Office, autojump_clock: MockClock) -> None:
    with office.operators.in_line((ANNA,)):
        behind = await office.customer(ANNA, wait=60)
        other = await office.customer(ANNA, BORIS)
    await wait_all_tasks_blocked()
    assert (behind.operator, other.operator) == (ANNA, BORIS)


async def test_the_position_counts_who_wants_the_same_operators(office: Office, autojump_clock: MockClock) -> None:
    lined_up = office.operators.in_line
    with lined_up((ANNA,)) as first, lined_up((BORIS,)) as second, lined_up((ANNA, BORIS)) as third, lined_up(()) as nobody:
        assert [place.position for place in (first, second, third, nobody)] == [1, 1, 3, 1]


async def test_who_is_patient_waits_for_who_is_paused(office: Office, autojump_clock: MockClock) -> None:
    office.operators.pause(ANNA.id)
    became: list[Operator | None] = []

    async def live() -> None:
        with office.operators.in_line((ANNA,), patient=True) as place:
            became.append(await rung(office.operators.reserve((ANNA,), wait=60, place=place)))

    office.nursery.start_soon(live)
    await trio.sleep(30)
    assert became == []
    office.operators.resume(ANNA.id)
    await wait_all_tasks_blocked()
    assert became == [ANNA]
