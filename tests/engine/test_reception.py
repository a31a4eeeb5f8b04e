"""Callers: who is let in, what serves them, who must wait, and what the book says of them."""

from collections.abc import Callable
from typing import TypeVar

import attrs
import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.errors import StoreError
from callengine.fsm import RateLimits, Scenario
from callengine.model import Attempt, Book, Cause, LineId, LineLimits, LineSpec, Purpose, Received, TransferOutcome
from callengine.model import Moment as Note
from callengine.settings import LimitSettings
from callengine.simulator import HangUp, Kind, Moment, People, Persona
from callengine.store import MemoryWriter
from callengine.testing.campaign import OPERATORS
from tests.engine.rig import rig
from tests.engine.service import CALLER, LINE, NO_LINE, SETTINGS, SILENT, STAYS, A, B, calls_in, in_service, inbound, results

FOUR_SLOTS = attrs.evolve(SETTINGS, limits=attrs.evolve(SETTINGS.limits, concurrent=4))
LIMITED = attrs.evolve(A, rate_limits=RateLimits(max_calls_per_day=2))
"""Takes two calls, and no more today."""

T = TypeVar("T")


@define
class Listener:
    """A timeline that keeps who called us, and of whom something was noted before that."""

    received: list[Received] = field(factory=list)
    early: list[Note] = field(factory=list)

    def begin(self, attempt: Attempt) -> None: ...

    def receive(self, received: Received) -> None:
        self.received.append(received)

    def note(self, moment: Note) -> None:
        if moment.call not in [call.call for call in self.received]:
            self.early.append(moment)


class TestWhoServes:
    async def test_scenarios_with_an_inbound_flow_take_turns_of_their_own(self, autojump_clock: MockClock) -> None:
        async with in_service(1, A, SILENT, B, settings=attrs.evolve(SETTINGS, limits=LimitSettings(concurrent=9))) as here:
            served = [call.scenario for _ in range(4) for call in await calls_in(here)]
        assert served == ["a", "b", "a", "b"]

    async def test_without_one_they_go_straight_to_an_operator(self, autojump_clock: MockClock) -> None:
        async with in_service(0, SILENT) as here:
            [call] = await calls_in(here, persona=Persona())
            await trio.sleep(30)
            [asked] = here.records(Kind.ORIGINATE)
            [ended] = here.received()
            assert ended.outcome is not None
            assert (ended.outcome.transfer, ended.outcome.result) == (TransferOutcome.COMPLETED, "inbound_call")
            assert ended.outcome.operator is not None
        assert (call.scenario, call.line, call.caller) == ("", LINE, CALLER)
        assert asked.detail["endpoint"] == f"{ended.outcome.operator.endpoint}"

    async def test_beyond_the_rate_limit_of_their_scenario_too(self, autojump_clock: MockClock) -> None:
        async with in_service(0, LIMITED, SILENT, settings=FOUR_SLOTS) as here:
            served = [call.scenario for _ in range(2) for call in await calls_in(here)]
            [call] = await calls_in(here, persona=Persona())
            await trio.sleep(30)
            [*_, ended] = here.received()
        assert (*served, call.scenario) == ("a", "a", "")
        assert ended.outcome is not None
        assert (ended.outcome.transfer, ended.outcome.result) == (TransferOutcome.COMPLETED, "inbound_call")

    @pytest.mark.parametrize(
        ("other", "taken"), [(SILENT, 3), (B, 4)], ids=["somebody may go to an operator", "every caller is served"]
    )
    async def test_a_rate_limit_may_keep_a_slot_for_an_operator(
        self, other: Scenario, taken: int, autojump_clock: MockClock
    ) -> None:
        """Though no step connects anybody: outbound calls leave it free."""
        async with in_service(9, LIMITED, other, settings=FOUR_SLOTS) as here:
            await trio.sleep(10)
            assert here.engine.lines.snapshot().in_use[Purpose.OUTBOUND] == taken

    async def test_a_number_of_no_line_goes_straight_to_an_operator_outside_all_quotas(self, autojump_clock: MockClock) -> None:
        async with in_service() as here:
            await calls_in(here, 2)
            [call] = await calls_in(here, persona=Persona(), dialled=NO_LINE)
            assert here.engine.lines.snapshot().lines[0].in_use == 2, "both slots are taken, and not by this caller"
            channel = here.records(Kind.CREATED)[-1].id
            assert [record for record in here.records(Kind.ANSWERED) if record.id == channel]
        assert (call.scenario, call.line, call.dialled) == ("", None, NO_LINE)

    async def test_or_is_refused(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(refuse_unknown=True)) as here:
            assert await calls_in(here, dialled=NO_LINE) == ()
            [gone] = here.records(Kind.DESTROYED)
            assert gone.detail["cause"] == "17"
            assert len(await calls_in(here)) == 1

    @pytest.mark.parametrize("dialled", ["+982191302000", "2191302000", "00982191302000"])
    async def test_a_line_s_number_may_be_written_differently(self, dialled: str, autojump_clock: MockClock) -> None:
        async with in_service() as here:
            [call] = await calls_in(here, dialled=dialled)
            assert here.engine.lines.snapshot().lines[0].in_use == 1
        assert (call.line, call.dialled, call.scenario) == (LINE, dialled, "a")

    @pytest.mark.parametrize(("caller", "kept"), [("", ""), ("anonymous", ""), ("+98913", "+98913"), ('0"<1>', "")])
    async def test_only_a_telephone_number_is_a_caller_s(self, caller: str, kept: str, autojump_clock: MockClock) -> None:
        async with in_service() as here:
            [call] = await calls_in(here, caller=caller)
        assert call.caller == kept


class TestWaitingRoom:
    async def test_who_waits_is_served_in_turn(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(wait=300.0)) as here:
            for _ in range(6):
                await calls_in(here)
            assert here.engine.lines.snapshot().in_use[Purpose.INBOUND] == 2
            await trio.sleep(100)
            answered = [record.id for record in here.records(Kind.ANSWERED)]
            arrived = [record.id for record in here.records(Kind.CREATED)]
            assert answered == arrived
            assert set(results(here)) == {"inbound_call"}

    @pytest.mark.parametrize("burst", [True, False])
    async def test_one_more_than_may_wait_is_turned_away_at_once(self, burst: bool, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(wait=300.0, waiting_room=3)) as here:
            await calls_in(here, 2)
            began = trio.current_time()
            for _ in range(1 if burst else 8):
                await calls_in(here, 8 if burst else 1)
            await trio.sleep(1)
            turned_away = here.records(Kind.DESTROYED)
            assert len(turned_away) == 5
            assert {record.detail["cause"] for record in turned_away} == {"17"}
            assert not burst or max(record.at for record in turned_away) - began < 0.3
            causes = [call.outcome.cause for call in here.received() if call.outcome is not None]
            assert causes == [Cause.NO_SLOT] * 5
            await trio.sleep(60)
            assert len(here.records(Kind.ANSWERED)) == 5

    async def test_who_leaves_makes_room(self, autojump_clock: MockClock) -> None:
        impatient = Persona(hangs_up=HangUp(Moment.RINGING, seconds=3.0))
        async with in_service(settings=inbound(wait=300.0, waiting_room=1)) as here:
            await calls_in(here, 2)
            for _ in range(3):
                await calls_in(here, 1, impatient)
                await trio.sleep(3)
            assert results(here) == ["missed"] * 3
            assert [call.outcome.cause for call in here.received() if call.outcome] == [Cause.CUSTOMER_GONE] * 3

    async def test_a_room_for_nobody_still_lets_in_who_finds_a_slot(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(waiting_room=0)) as here:
            await calls_in(here, 5)
            assert len(here.records(Kind.ANSWERED)) == 2
            assert results(here) == ["missed"] * 3

    async def test_who_waited_too_long_is_turned_away(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(wait=10.0)) as here:
            await calls_in(here, 3)
            await trio.sleep(10)
            assert results(here) == ["missed"]

    async def test_no_more_callers_than_all_lines_may_have(self, autojump_clock: MockClock) -> None:
        capped = attrs.evolve(SETTINGS, limits=attrs.evolve(SETTINGS.limits, inbound=1))
        async with in_service(settings=inbound(capped, wait=300.0)) as here:
            await calls_in(here, 3)
            assert len(here.records(Kind.ANSWERED)) == 1
            await trio.sleep(100)
            assert len(here.records(Kind.ANSWERED)) == 3

    async def test_they_come_before_the_next_call_of_ours(self, autojump_clock: MockClock) -> None:
        one = attrs.evolve(SETTINGS, limits=attrs.evolve(SETTINGS.limits, concurrent=1))
        async with in_service(3, settings=inbound(one, wait=300.0)) as here:
            assert len(here.records(Kind.ORIGINATE)) == 1
            await calls_in(here, 2)
            await trio.sleep(60)
            assert len(here.records(Kind.ORIGINATE)) == 1
            await trio.sleep(200)
            assert len(here.records(Kind.ORIGINATE)) == 3


class TestReplacedLine:
    """The panel may take a line away at any moment."""

    OTHER = LineSpec(LineId("02191302999"), "02191302999", LineLimits(concurrent=2, per_minute=0, per_day=0, per_second=0))

    async def test_who_talks_on_it_goes_on_and_who_waits_for_it_is_turned_away(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(wait=300.0)) as here:
            await calls_in(here, 3)
            assert len(here.records(Kind.ANSWERED)) == 2
            here.engine.lines.replace([self.OTHER])
            await trio.sleep(1)
            assert results(here) == ["missed"]
            [turned_away] = [call.outcome for call in here.received() if call.outcome is not None]
            assert turned_away.cause is Cause.NO_SLOT
            await trio.sleep(35)
            outcomes = [call.outcome for call in here.received() if call.outcome is not None]
            assert sorted(outcome.result for outcome in outcomes) == ["inbound_call", "inbound_call", "missed"]
            assert all(outcome.seconds == pytest.approx(30, abs=0.1) for outcome in outcomes if outcome.answered)

    async def test_a_line_that_comes_back_counts_who_has_been_on_it_all_along(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(wait=300.0)) as here:
            [line] = [load.line for load in here.engine.lines.snapshot().lines]
            await calls_in(here, 2)
            here.engine.lines.replace([self.OTHER])
            await trio.sleep(5)
            here.engine.lines.replace([line])
            await calls_in(here, 1)
            assert len(here.records(Kind.ANSWERED)) == 2, "its slots are taken still"
            await trio.sleep(30)
            assert len(here.records(Kind.ANSWERED)) == 3

    async def test_who_calls_it_meanwhile_calls_no_line_of_ours(self, autojump_clock: MockClock) -> None:
        async with in_service(settings=inbound(refuse_unknown=True)) as here:
            here.engine.lines.replace([self.OTHER])
            assert not await calls_in(here, 1)
            assert not here.records(Kind.ANSWERED)
            [served] = await calls_in(here, 1, dialled=self.OTHER.id)
            assert served.line == self.OTHER.id


class TestBook:
    async def test_each_caller_is_written_down_before_and_after(self, autojump_clock: MockClock) -> None:
        listener = Listener()
        async with in_service(0, A, timeline=listener) as here:
            [begun] = await calls_in(here)
            assert begun.outcome is None
            assert listener.received == [begun]
            assert begun.channel == here.records(Kind.CREATED)[0].id
            await trio.sleep(31)
            [ended] = here.received()
        assert attrs.evolve(ended, outcome=None) == begun
        assert ended.outcome is not None
        assert (ended.outcome.result, ended.outcome.cause) == ("inbound_call", Cause.CUSTOMER_GONE)
        assert ended.outcome.seconds == pytest.approx(30, abs=0.1)
        assert not listener.early

    @pytest.mark.parametrize("seconds", [0.0, 5.0, 1000.0], ids=["fails", "is slow", "hangs"])
    async def test_a_store_that_fails_loses_no_caller(self, seconds: float, autojump_clock: MockClock) -> None:
        class Failing(MemoryWriter):
            async def write(self, unit: Callable[[Book], T]) -> T:
                await trio.sleep(seconds)
                if seconds:
                    return await super().write(unit)
                raise StoreError("the disk is full")

        async with in_service(0, A, writer=Failing) as here:
            here.pbx.ring_in(STAYS, LINE, CALLER)
            await trio.sleep(0.5)
            assert len(here.records(Kind.ANSWERED)) == 1
            await trio.sleep(35)
            [gone] = here.records(Kind.HANGUP)
            assert gone.detail["by"] == "person"

    async def test_cancelled_from_outside_it_says_who_was_answered(self, autojump_clock: MockClock) -> None:
        async with rig(0, settings=inbound(wait=300.0), scenarios=(A,)) as here:
            with trio.move_on_after(10):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(lambda: here.engine.run(stay=True))
                    await here.pbx.wait_listened_to()
                    await calls_in(here, 3)
                    await trio.sleep_forever()
            await trio.sleep(1)
            here.judge()
            outcomes = [call.outcome for call in here.received() if call.outcome is not None]
            assert [outcome.result for outcome in outcomes] == ["failed:shutdown"] * 3
            assert sorted(outcome.answered for outcome in outcomes) == [False, True, True]
            assert here.engine.leaked.nothing


async def test_callers_who_all_want_an_operator_over_the_trunk_are_served_one_after_another(autojump_clock: MockClock) -> None:
    """Let in together, they would hold both slots, and each of them wait in vain for the other's."""
    talks = Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=20.0))
    patient = inbound(wait=600.0)
    async with in_service(0, SILENT, settings=patient, people=People(dict.fromkeys(OPERATORS, Persona()))) as here:
        await calls_in(here, 5, talks)
        await trio.sleep(200)
        outcomes = [received.outcome for received in here.received()]
    assert [outcome and outcome.transfer for outcome in outcomes] == [TransferOutcome.COMPLETED] * 5


@pytest.mark.parametrize("dialled", ["\x1b[2J0219", "0219\n", "x" * 100])
async def test_what_a_caller_dials_is_not_taken_as_it_comes(dialled: str, autojump_clock: MockClock) -> None:
    async with in_service() as here:
        [received] = await calls_in(here, dialled=dialled)
    assert received.dialled == ""
