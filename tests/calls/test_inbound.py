"""Callers: they ring until there is a slot for them, are answered when it is held, and leave nothing whenever they go."""

import math
from functools import partial

import pytest
import trio
from attrs import frozen
from trio.testing import MockClock

from callengine.calls import Call, CallRules
from callengine.calls.call import RINGS_FIRST
from callengine.fsm import Chart
from callengine.model import CallResult, Cause, TransferOutcome
from callengine.simulator import Fault, HangUp, Kind, Moment, Persona, run_virtually
from tests.calls.stage import LINE, PROMPTS, Cast, RememberedLease, Stage, chart, desk, stage
from tests.calls.transfers import LEAVES, Witness, held

STEPS = (
    "step: start, type: entry, next: hello",
    "step: hello, type: play_prompt, prompt: hello, next: end",
    "step: end, type: hangup",
)
HELLO, TO_MUSIC = chart(*STEPS), chart(*STEPS, onhold=False)
STRAIGHT = chart(
    "step: start, type: entry, next: connect",
    "step: connect, type: transfer_to_operator, agent_type: inbound, on_success: talk, on_failure: end",
    "step: talk, type: wait",
    "step: end, type: hangup",
)
CALLER = "09351112233"


async def arrives(here: Stage, persona: Persona | None = None) -> str:
    """Somebody rings in; the channel."""
    here.pbx.ring_in(persona or Persona(), LINE.id, CALLER)
    return (await here.router.arrivals.receive()).channel.id


@frozen
class Play:
    """One caller, and what became of them."""

    here: Stage
    call: Call
    lease: RememberedLease
    result: CallResult
    over: float

    def at(self, kind: Kind) -> float:
        """When this happened to the caller's channel; infinity if it never did."""
        ours = (record.at for record in self.here.records(kind) if record.id == self.call.customer.id)
        return next(ours, math.inf)

    @property
    def moments(self) -> list[float]:
        return sorted({each.at for each in (*self.here.pbx.log, *self.here.notes.moments) if each.at >= self.at(Kind.CREATED)})


def play(
    flow: Chart = HELLO,
    leaves: HangUp | None = None,
    *,
    slot_after: float | None = 0.0,
    patience: float = 20.0,
    fault: Fault | None = None,
    seed: int = 1,
) -> Play:
    """A caller in a world of their own."""
    return run_virtually(seed, partial(_play, flow, leaves, slot_after, patience, fault, seed))


async def _play(
    flow: Chart, leaves: HangUp | None, slot_after: float | None, patience: float, fault: Fault | None, seed: int
) -> Play:
    async with stage(Cast(seed=seed, rules=CallRules())) as here:
        here.pbx.faults += [fault] if fault is not None else []
        channel = await arrives(here, Persona(hangs_up=leaves))
        call = here.received(flow, channel, slot_after=slot_after, patience=patience)
        result = await call.run()
        over = trio.current_time()
        here.pbx.faults.clear()
        await here.is_swept()
    return Play(here, call, here.calls[0][1], result, over)


def around(moments: list[float], *, milliseconds: int = 2) -> list[float]:
    return sorted({moment + aside / 1000 for moment in moments for aside in range(-milliseconds, milliseconds + 1)})


class TestAnswer:
    @pytest.mark.parametrize("slot_after", [0.0, 0.5, 1.0, 1.2, 5.0, 5.003])
    @pytest.mark.parametrize("flow", [HELLO, TO_MUSIC], ids=["hold audio", "music"])
    def test_comes_when_the_slot_is_held(self, flow: Chart, slot_after: float) -> None:
        served = play(flow, slot_after=slot_after)
        assert (served.result.result, served.result.cause) == ("inbound_call", Cause.FLOW_ENDED)
        assert 0 < served.at(Kind.ANSWERED) - served.lease.granted_at < 0.1
        assert served.lease.released_at[0] >= served.at(Kind.DESTROYED)

    def test_needs_no_slot_where_the_number_is_no_line(self) -> None:
        served = play(slot_after=None)
        assert (served.result.result, served.result.answered) == ("inbound_call", True)
        assert not served.lease.released_at

    def test_begins_the_time_of_the_call(self) -> None:
        served = play(slot_after=7.0)
        assert served.result.seconds == pytest.approx(PROMPTS["sound:hello"], abs=0.1)

    @pytest.mark.parametrize("slot_after", [0.0, 4.0])
    def test_that_the_pbx_refuses_costs_one_call(self, slot_after: float) -> None:
        failed = play(slot_after=slot_after, fault=Fault("POST /channels/*/answer", status=500))
        assert (failed.result.cause, failed.result.answered) == (Cause.REFUSED, False)


class TestHold:
    def test_a_short_wait_is_mere_ringing(self) -> None:
        music = Witness("* /channels/*/moh")
        for flow in (HELLO, TO_MUSIC):
            served = play(flow, slot_after=RINGS_FIRST - 0.1, fault=music)
            assert not held(served.here, served.call.customer.id)
        assert not music.seen

    def test_then_comes_the_hold_audio_until_the_answer(self) -> None:
        served = play(slot_after=6.0)
        heard = held(served.here, served.call.customer.id)
        assert heard[0][0] - served.at(Kind.CREATED) == pytest.approx(RINGS_FIRST, abs=0.1)
        assert len(heard) >= 4
        assert all(ended <= served.at(Kind.ANSWERED) for _, ended in heard)

    def test_or_music(self) -> None:
        music = Witness("* /channels/*/moh")
        served = play(TO_MUSIC, slot_after=6.0, fault=music)
        assert [method for method, _ in music.seen] == ["POST", "DELETE"]
        assert music.seen[1][1] <= served.at(Kind.ANSWERED)

    @pytest.mark.parametrize("millisecond", range(12))
    def test_it_never_delays_the_answer(self, millisecond: int) -> None:
        """The slot comes around the moment at which the hold audio begins anew."""
        begins_anew = RINGS_FIRST + PROMPTS["sound:onhold"] + 0.2
        served = play(slot_after=begins_anew - 0.004 + millisecond / 1000)
        assert served.at(Kind.ANSWERED) - served.lease.granted_at < 0.1

    @pytest.mark.parametrize("flow", [HELLO, TO_MUSIC], ids=["hold audio", "music"])
    def test_without_it_they_wait_in_silence(self, flow: Chart) -> None:
        served = play(flow, slot_after=6.0, fault=Fault("POST /channels/*/[mp]*", status=500))
        assert served.result.answered


class TestPatience:
    @pytest.mark.parametrize("patience", [0.1, 1.0, 5.0])
    def test_over_they_hear_that_the_line_is_busy(self, patience: float) -> None:
        music = Witness("* /channels/*/moh")
        for flow in (HELLO, TO_MUSIC):
            turned_away = play(flow, slot_after=1000.0, patience=patience, fault=music)
            [destroyed] = turned_away.here.records(Kind.DESTROYED)
            assert (turned_away.result.result, turned_away.result.cause) == ("missed", Cause.NO_SLOT)
            assert not turned_away.result.answered
            assert destroyed.detail["cause"] == "17"
            assert destroyed.at - turned_away.at(Kind.CREATED) == pytest.approx(patience, abs=0.1)
            assert turned_away.at(Kind.ANSWERED) == math.inf
            assert bool(held(turned_away.here, turned_away.call.customer.id)) == (patience > RINGS_FIRST and flow is HELLO)
        assert bool(music.seen) == (patience > RINGS_FIRST)

    @pytest.mark.parametrize("patience", [0.5, 3.0])
    def test_over_when_the_slot_comes(self, patience: float) -> None:
        """Either is right; the slot comes back once, and after the channel's end if they had it."""
        causes = set()
        for tenth in range(-30, 31):
            ended = play(slot_after=patience + tenth / 10_000, patience=patience, seed=tenth + 100)
            causes.add(ended.result.cause)
            assert ended.result.answered == (ended.result.cause is Cause.FLOW_ENDED)
        assert causes == {Cause.FLOW_ENDED, Cause.NO_SLOT}


class TestLeaving:
    @pytest.mark.parametrize("flow", [HELLO, TO_MUSIC], ids=["hold audio", "music"])
    @pytest.mark.parametrize("slot_after", [0.0, 2.5, 1000.0])
    def test_at_each_moment(self, flow: Chart, slot_after: float) -> None:
        alone = play(flow, slot_after=slot_after, patience=4.0)
        rang = alone.at(Kind.CREATED)
        for at in [moment for moment in around(alone.moments) if moment >= rang]:
            left = play(flow, HangUp(Moment.RINGING, seconds=at - rang), slot_after=slot_after, patience=4.0)
            when = f"the caller leaves at {at}: {left.result}"
            if at < alone.at(Kind.HANGUP) - 0.01:
                assert left.result.cause is Cause.CUSTOMER_GONE, when
            assert left.result.result == ("inbound_call" if left.result.answered else "missed"), when
            assert left.over - left.at(Kind.HANGUP) < 2.0, when

    def test_when_the_slot_comes(self) -> None:
        for tenth in range(-30, 31):
            left = play(leaves=HangUp(Moment.RINGING, seconds=3.0 + tenth / 10_000), slot_after=3.0, seed=tenth + 100)
            assert left.result.cause is Cause.CUSTOMER_GONE, f"{tenth / 10} ms: {left.result}"

    async def test_before_anybody_took_up_the_call(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            channel = await arrives(here)
            await here.client.hangup(channel)
            await trio.sleep(1)
            with trio.fail_after(5):
                ended = await here.received(HELLO, channel).run()
            await here.is_swept()
        assert (ended.answered, ended.cause) == (False, Cause.CUSTOMER_GONE)


class TestLostLink:
    @pytest.mark.parametrize("after", [0.0, 0.001, 0.002, 0.003, 0.5, 1.001, 1.5, 3.998, 4.0, 4.001, 4.002, 4.003, 5.0])
    async def test_a_drop_of_the_socket_costs_nothing(self, after: float, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here, trio.open_nursery() as nursery:
            channel = await arrives(here)

            @nursery.start_soon
            async def drop() -> None:
                await trio.sleep(after)
                here.pbx.cut_event_sockets()

            ended = await here.received(HELLO, channel, slot_after=4.0).run()
            await here.is_swept()
        assert (ended.cause, ended.answered) == (Cause.FLOW_ENDED, True)

    async def test_who_left_unheard_is_found_gone(self, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here, trio.open_nursery() as nursery:

            @nursery.start_soon
            async def drop() -> None:
                await trio.sleep(2.99)
                here.pbx.cut_event_sockets()

            channel = await arrives(here, Persona(hangs_up=HangUp(Moment.RINGING, seconds=3.0)))
            ended = await here.received(HELLO, channel, slot_after=60.0, patience=60.0).run()
            await here.is_swept()
        assert (ended.cause, ended.result) == (Cause.CUSTOMER_GONE, "missed")
        assert ended.seconds == 0.0

    @pytest.mark.parametrize("after", [0.5, 2.0])
    async def test_a_restart_of_the_pbx(self, after: float, autojump_clock: MockClock) -> None:
        async with stage(Cast()) as here:
            channel = await arrives(here)
            async with trio.open_nursery() as nursery:

                @nursery.start_soon
                async def restart() -> None:
                    await trio.sleep(after)
                    here.power.off()
                    await trio.sleep(3)
                    await here.power.on()

                ended = await here.received(HELLO, channel, slot_after=60.0, patience=60.0).run()
            await here.is_swept()
        assert (ended.cause, ended.result, ended.answered) == (Cause.PBX_LOST, "pbx_lost", False)


@pytest.mark.parametrize(("number", "shown"), [(CALLER, CALLER), ("", "02155500000")])
async def test_operators_see_who_calls(number: str, shown: str, autojump_clock: MockClock) -> None:
    rules = CallRules(operator_caller_id="02155500000")
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, operators=(desk("200"),), rules=rules)) as here:
        channel = await arrives(here)
        ended = await here.received(STRAIGHT, channel, number=number).run()
        [asked] = here.records(Kind.ORIGINATE)
        await here.is_swept()
    assert (ended.transfer, ended.result) == (TransferOutcome.COMPLETED, "inbound_call")
    assert asked.detail["line"] == shown


async def test_a_caller_who_leaves_an_operator_takes_them_along(autojump_clock: MockClock) -> None:
    async with stage(Cast(operators=(desk("200"),))) as here:
        channel = await arrives(here, Persona(hangs_up=LEAVES))
        ended = await here.received(STRAIGHT, channel, slot_after=None).run()
        caller, operator = here.records(Kind.DESTROYED)
        await here.is_swept()
    assert operator.at - caller.at < 0.1
    assert (ended.cause, ended.transfer) == (Cause.CUSTOMER_GONE, TransferOutcome.COMPLETED)


async def test_who_is_answered_was_told_before_that_it_rings(autojump_clock: MockClock) -> None:
    """Asked for after the answer, Asterisk's ringing tone would go on through the whole conversation."""
    async with stage(Cast()) as here:
        here.pbx.delay("POST /channels/*/ring", 0.7)
        channel = await arrives(here)
        arrived = trio.current_time()
        await here.received(HELLO, channel).run()
        [answered] = here.records(Kind.ANSWERED)
        assert answered.at >= arrived + 0.7
        await here.is_swept()
