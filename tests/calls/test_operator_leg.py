"""What comes of ringing one operator: a typed outcome, and an operator who is free again when their channel is gone."""

import pytest
import trio
from trio.testing import MockClock

from callengine.model import CallResult, Cause, MomentKind, Operator, Purpose, TransferOutcome
from callengine.simulator import Fault, HangUp, Instead, Kind, Moment, Persona
from tests.calls.stage import CUSTOMER, Cast, Stage, chart, desk, mobile, stage
from tests.calls.transfers import LEAVES, TRANSFER, dialled, run_all

SARA, ALI, MINA = desk("200"), desk("201"), desk("202")
OVER_TRUNK, ANOTHER_OVER_TRUNK = mobile("09350000001"), mobile("09350000002")
BUSY = Persona(instead=Instead.BUSY)
TALKS = Persona(hangs_up=LEAVES)
OTHER_CUSTOMER = "09120000002"


def told(here: Stage) -> list[tuple[str, str]]:
    """What the timeline says came of each operator."""
    return [(moment.name, moment.detail) for moment in here.notes.moments if moment.kind is MomentKind.TRANSFER]


def came_to(ended: CallResult) -> tuple[TransferOutcome | None, Operator | None]:
    return ended.transfer, ended.operator


@pytest.mark.parametrize(
    ("sara", "outcome"),
    [
        (TALKS, TransferOutcome.COMPLETED),
        (BUSY, TransferOutcome.BUSY),
        (Persona(instead=Instead.NO_ANSWER), TransferOutcome.NO_ANSWER),
        (Persona(answers_after=1000.0), TransferOutcome.NO_ANSWER),
        (Persona(instead=Instead.NO_RESPONSE), TransferOutcome.NO_ANSWER),
        (Persona(instead=Instead.DECLINE), TransferOutcome.DECLINED),
        (Persona(hangs_up=HangUp(Moment.RINGING, seconds=1.0)), TransferOutcome.DECLINED),
        (Persona(instead=Instead.UNREACHABLE), TransferOutcome.UNREACHABLE),
        (Persona(instead=Instead.POWER_OFF), TransferOutcome.UNREACHABLE),
        (Persona(instead=Instead.NO_ROUTE), TransferOutcome.UNREACHABLE),
        (Persona(instead=Instead.CONGESTION), TransferOutcome.UNREACHABLE),
        (Persona(instead=Instead.FORWARD, forwards_to="0999123456789"), TransferOutcome.UNREACHABLE),
        (Persona(hangs_up=HangUp(Moment.ANSWER)), TransferOutcome.UNREACHABLE),
    ],
    ids=str,
)
async def test_each_outcome_has_its_word(sara: Persona, outcome: TransferOutcome, autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": sara}, operators=(SARA,))) as here:
        ended = await here.plays(TRANSFER)
        assert told(here) == [(SARA.id, outcome.value)]
        assert here.notes.outcomes[1] == ("on_success" if outcome is TransferOutcome.COMPLETED else "on_failure")
    assert came_to(ended) == (outcome, SARA)


@pytest.mark.parametrize("status", [400, 403, 500, 502])
async def test_what_the_pbx_refuses_cannot_be_reached(status: int, autojump_clock: MockClock) -> None:
    async with stage(Cast(operators=(SARA,))) as here:

        async def refuse_when_answered() -> None:
            await here.calls[0][0].customer.up.wait()
            here.pbx.faults.append(Fault("POST /channels", status=status))

        async with trio.open_nursery() as nursery:
            call = here.call(TRANSFER)
            nursery.start_soon(refuse_when_answered)
            ended = await call.run()
        here.pbx.faults.clear()
        await here.is_swept()
    assert came_to(ended) == (TransferOutcome.UNREACHABLE, SARA)


async def test_the_outcome_is_that_of_the_last_who_was_tried(autojump_clock: MockClock) -> None:
    others = {"200": Persona(instead=Instead.NO_ANSWER), "201": BUSY}
    async with stage(Cast(others=others, operators=(SARA, ALI))) as here:
        ended = await here.plays(TRANSFER)
        assert told(here) == [(SARA.id, "no_answer"), (ALI.id, "busy")]
    assert came_to(ended) == (TransferOutcome.BUSY, ALI)


async def test_a_second_transfer_that_is_cut_short_has_no_outcome(autojump_clock: MockClock) -> None:
    flow = chart(
        "step: start, type: entry, next: first",
        "step: first, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: second",
        "step: second, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: talk",
        "step: talk, type: wait",
    )
    async with stage(Cast(others={"200": BUSY}, operators=(SARA,))) as here, trio.open_nursery() as nursery:
        call = here.call(flow)

        @nursery.start_soon
        async def shut_down() -> None:
            while not told(here):
                await trio.sleep(0.1)
            call.end(Cause.SHUTDOWN)

        ended = await call.run()
        await here.is_swept()
    assert came_to(ended) == (None, SARA)


class TestNobodyToRing:
    async def test_an_empty_roster(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            ended = await here.plays(TRANSFER)
            assert not told(here)
        assert came_to(ended) == (TransferOutcome.NO_OPERATOR, None)

    async def test_all_of_them_are_busy(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(operators=(SARA,))) as here, here.services.operators.reserve([SARA]):
            ended = await here.plays(TRANSFER)
        assert came_to(ended) == (TransferOutcome.NO_OPERATOR, None)

    async def test_all_of_them_are_paused(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(operators=(SARA, ALI))) as here:
            for operator in (SARA, ALI):
                here.services.operators.pause(operator.id)
            ended = await here.plays(TRANSFER)
        assert came_to(ended) == (TransferOutcome.NO_OPERATOR, None)

    async def test_none_is_left_after_the_one_who_did_not_take_it(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": BUSY}, operators=(SARA, ALI))) as here:
            here.services.operators.pause(ALI.id)
            ended = await here.plays(TRANSFER)
        assert came_to(ended) == (TransferOutcome.BUSY, SARA)


class TestSlots:
    """Legs over the trunk take a slot of a line."""

    async def test_it_is_held_until_the_operator_is_gone(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={OVER_TRUNK.phone_number: TALKS}, operators=(OVER_TRUNK,))) as here:
            ended = await here.plays(TRANSFER)
            [slot] = here.slots.given
            operator = here.records(Kind.CREATED)[1].id
            [gone] = [record for record in here.records(Kind.DESTROYED) if record.id == operator]
        assert ended.result == "connected_to_operator"
        assert slot.purpose is Purpose.OPERATOR
        assert slot.released_at[0] >= gone.at

    async def test_without_one_nobody_is_rung(self, autojump_clock: MockClock) -> None:
        """There is none for the next over the trunk either: the customer does not wait for it a second time."""
        async with stage(Cast(operators=(OVER_TRUNK, ANOTHER_OVER_TRUNK))) as here:
            here.slots.free = 0
            ended = await here.plays(TRANSFER)
            assert not dialled(here)
            assert told(here) == [(OVER_TRUNK.id, "no_slot")]
        assert came_to(ended) == (TransferOutcome.NO_SLOT, None)
        assert ended.seconds == pytest.approx(3.0 + 1.0, abs=0.5), "the wait for a slot, and the goodbye"

    async def test_who_sits_at_a_desk_needs_none(self, autojump_clock: MockClock) -> None:
        operators = (OVER_TRUNK, ANOTHER_OVER_TRUNK, SARA)
        async with stage(Cast(others={"200": TALKS}, operators=operators)) as here:
            here.slots.free = 0
            ended = await here.plays(TRANSFER)
            assert dialled(here) == ["PJSIP/200@pbx"]
        assert came_to(ended) == (TransferOutcome.COMPLETED, SARA)

    async def test_a_customer_who_leaves_while_one_is_waited_for(self, autojump_clock: MockClock) -> None:
        customer = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=1.0))
        async with stage(Cast(customer, operators=(OVER_TRUNK,))) as here:
            here.slots.free = 0
            ended = await here.plays(TRANSFER)
            assert [load.state.value for load in here.services.operators.snapshot()] == ["ready"]
        assert came_to(ended) == (TransferOutcome.CUSTOMER_LEFT, None)
        assert ended.result == "disconnected"


class TestTurns:
    async def test_each_call_begins_with_whoever_s_turn_is_longest_ago(self, autojump_clock: MockClock) -> None:
        others = dict.fromkeys(("200", "201", "202"), TALKS)
        async with stage(Cast(others=others, operators=(SARA, ALI, MINA))) as here:
            met = [(await here.plays(TRANSFER)).operator for _ in range(7)]
        assert met == [SARA, ALI, MINA] * 2 + [SARA]

    async def test_who_did_not_answer_has_had_their_turn(self, autojump_clock: MockClock) -> None:
        others = {"200": BUSY, "201": TALKS, "202": TALKS}
        async with stage(Cast(others=others, operators=(SARA, ALI, MINA))) as here:
            met = [(await here.plays(TRANSFER)).operator for _ in range(3)]
        assert met == [ALI, MINA, ALI]

    @pytest.mark.parametrize("apart", [0.0, 0.001, 2.0, 6.0])
    async def test_two_customers_never_ring_one_operator(self, apart: float, autojump_clock: MockClock) -> None:
        others = {OTHER_CUSTOMER: Persona(answers_after=3.0 + apart), "200": TALKS}
        async with stage(Cast(others=others, operators=(SARA,))) as here:
            first, second = here.call(TRANSFER), here.call(TRANSFER, number=OTHER_CUSTOMER)
            results = await run_all(here, first, second)
            await here.is_swept()
            assert len(here.records(Kind.ORIGINATE)) == 3
        assert {ended.transfer for ended in results.values()} == {TransferOutcome.COMPLETED, TransferOutcome.NO_OPERATOR}

    async def test_two_customers_and_two_operators(self, autojump_clock: MockClock) -> None:
        others = {OTHER_CUSTOMER: Persona(), "200": TALKS, "201": TALKS}
        async with stage(Cast(others=others, operators=(SARA, ALI))) as here:
            results = await run_all(here, here.call(TRANSFER), here.call(TRANSFER, number=OTHER_CUSTOMER))
            await here.is_swept()
        assert {ended.operator for ended in results.values()} == {SARA, ALI}
        assert {ended.transfer for ended in results.values()} == {TransferOutcome.COMPLETED}


class TestFreeAgain:
    """An operator whose channel may still be there would be busy to the next customer."""

    async def state(self, here: Stage) -> str:
        [load] = here.services.operators.snapshot()
        return load.state.value

    async def test_not_before_their_channel_is_proven_gone(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(hangs_up=LEAVES), operators=(SARA,), wrap_up=0.5)) as here:
            here.pbx.delay("DELETE /channels/*", 4.0)
            await here.call(TRANSFER).run()
            assert await self.state(here) == "in_call"
            await here.reaper.drained()
            assert await self.state(here) == "wrap_up"
            await here.is_swept()
            assert await self.state(here) == "ready"

    async def test_who_was_only_rung_has_nothing_to_write_down(self, autojump_clock: MockClock) -> None:
        customer = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=1.0))
        async with stage(Cast(customer, operators=(SARA,), wrap_up=1000.0)) as here:
            here.pbx.delay("DELETE /channels/*", 4.0)
            ended = await here.call(TRANSFER).run()
            assert await self.state(here) == "reserved"
            await here.is_swept()
            assert await self.state(here) == "ready"
        assert came_to(ended) == (TransferOutcome.CUSTOMER_LEFT, SARA)

    async def test_a_request_without_an_answer_keeps_them_until_it_is_clear(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": Persona(answers_after=1000.0)}, operators=(SARA,), timeout=2.0)) as here:

            async def hold_back_when_answered() -> None:
                await here.calls[0][0].customer.up.wait()
                here.pbx.delay("POST /channels", 8.0)

            async with trio.open_nursery() as nursery:
                call = here.call(TRANSFER)
                nursery.start_soon(hold_back_when_answered)
                ended = await call.run()
            assert await self.state(here) == "reserved"
            await here.is_swept()
            assert await self.state(here) == "ready"
        assert came_to(ended) == (TransferOutcome.UNREACHABLE, SARA)

    async def test_while_they_wrap_up_the_next_is_rung(self, autojump_clock: MockClock) -> None:
        others = {"200": TALKS, "201": TALKS}
        async with stage(Cast(others=others, operators=(SARA,), wrap_up=30.0)) as here:
            first = await here.plays(TRANSFER)
            second = await here.plays(TRANSFER)
            await trio.sleep(30)
            third = await here.plays(TRANSFER)
        assert [came_to(ended) for ended in (first, second, third)] == [
            (TransferOutcome.COMPLETED, SARA),
            (TransferOutcome.NO_OPERATOR, None),
            (TransferOutcome.COMPLETED, SARA),
        ]


async def test_operators_see_who_the_customer_is(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": TALKS}, operators=(SARA,))) as here:
        await here.plays(TRANSFER)
        assert here.records(Kind.ORIGINATE)[1].detail["line"] == CUSTOMER, "the caller id, since no line carries it"
