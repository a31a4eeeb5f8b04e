"""A call as a scope: whatever ends it, at whatever moment, it ends at once, with one result, and nothing is left."""

import math
from collections.abc import Callable
from functools import partial
from random import Random

import attrs
import pytest
import trio
from attrs import frozen
from trio.testing import MockClock

from callengine.ari import Channel, ChannelDtmfReceived
from callengine.calls import Call, CallRules, LegState, Outbound
from callengine.fsm import Chart
from callengine.model import CallResult, Cause, MomentKind
from callengine.providers import Question, SpeechHints
from callengine.providers.scripted import HeardInRecording, Script, ScriptedModel
from callengine.simulator import HangUp, Instead, Kind, Moment, PbxConfig, Persona, run_virtually
from tests.calls.stage import PROMPTS, Cast, Stage, chart, desk, mobile, stage

EVERY_STEP = chart(
    "step: start, type: entry, next: hello",
    "step: hello, type: play_prompt, prompt: hello, next: listen",
    "step: listen, type: record, next: think, on_empty: count, on_failure: count",
    "step: think, type: classify_intent, prompt: moment, next: route, on_failure: count",
    "step: route, type: route_by_intent, routes: {yes: connect, unknown: count}",
    "step: count, type: check_retry_limit, counter: asked, max_count: 1, within_limit: hello, exceeded: end",
    "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: connected, on_failure: bye",
    "step: connected, type: set_result, result: connected_to_operator, next: talk",
    "step: talk, type: wait",
    "step: bye, type: play_prompt, prompt: bye, next: end",
    "step: end, type: hangup",
)
MOBILE, DESK = "09350000001", "200"
CALLED = Persona(answers_after=1.0, says=("", "yes please"), thinks=0.3)
BUSY = Persona(rings_after=0.2, answers_after=0.5, instead=Instead.BUSY)
ADVISER = Persona(rings_after=0.2, answers_after=1.7)
LEAVES_LAST = HangUp(Moment.BRIDGE, seconds=1.0)
WITHIN = 2.0
"""Seconds between whatever ends a call and its end."""

Disturbance = Callable[[Stage, Call], None]
"""Something done to a world and the call in it."""


@frozen
class Play:
    """One call that was disturbed.

    Attributes:
        result: None where it was cancelled from outside.
        at: when it was over.
    """

    here: Stage
    call: Call
    result: CallResult | None
    at: float

    def hung_up(self, channel: str) -> float:
        """When this channel began to end."""
        return next(each.at for each in self.here.records(Kind.HANGUP) if each.id == channel)

    @property
    def moments(self) -> list[float]:
        """Whenever anything happened, to the PBX's knowledge or ours."""
        return sorted({each.at for each in (*self.here.pbx.log, *self.here.notes.moments)})


def play(
    customer: HangUp | None = None,
    operator: HangUp = LEAVES_LAST,
    *,
    at: float = 0.0,
    disturb: Disturbance | None = None,
    cancel: bool = False,
    latency: float = 0.002,
    seed: int = 1,
) -> Play:
    """Play `EVERY_STEP` in a world of its own.

    Args:
        customer: when the customer hangs up; None stays.
        operator: when the operator who answers does.
        at: when the next two happen.
        disturb: what is done.
        cancel: whether the call is cancelled from outside.
        latency: seconds the PBX takes at most, for each request.
    """
    people = {MOBILE: BUSY, DESK: attrs.evolve(ADVISER, hangs_up=operator)}
    cast = Cast(
        customer=attrs.evolve(CALLED, hangs_up=customer),
        others=people,
        ears=HeardInRecording(seconds=0.4),
        model=ScriptedModel(Script(("yes",), seconds=0.7)),
        operators=(mobile(MOBILE), desk(DESK)),
        rules=CallRules(),
        pbx=PbxConfig(prompt_seconds=PROMPTS, latency=latency),
        seed=seed,
    )
    return run_virtually(seed, _play, cast, at, disturb, cancel)


async def _play(cast: Cast, at: float, disturb: Disturbance | None, cancel: bool) -> Play:
    async with stage(cast) as here:
        call = here.call(EVERY_STEP)
        result = None
        async with trio.open_nursery() as others:
            with trio.CancelScope(deadline=at if cancel else math.inf):
                if disturb is not None:
                    others.start_soon(_at, at, partial(disturb, here, call))
                result = await call.run()
            over = trio.current_time()
            others.cancel_scope.cancel()
        await here.is_swept()
        assert len(here.notes.names(MomentKind.RESULT)) == 1
    return Play(here, call, result, over)


async def _at(moment: float, action: Callable[[], None]) -> None:
    await trio.sleep_until(moment)
    action()


def grid(play: Play, step: float = 0.25) -> list[float]:
    """Each moment of a call, a little before and after it, and what lies between."""
    near = (moment + aside for moment in play.moments for aside in (-0.001, 0.0, 0.001))
    between = (index * step for index in range(int(play.at / step)))
    return sorted({moment for moment in (*near, *between) if play.moments[0] <= moment <= play.at})


class TestWhoeverEndsIt:
    """At each moment of a call that takes every kind of step."""

    def test_left_alone_it_takes_every_step(self) -> None:
        alone = play()
        assert alone.result is not None
        assert (alone.result.result, alone.result.cause) == ("connected_to_operator", Cause.PARTNER_GONE)
        assert set(alone.here.notes.steps) == set(EVERY_STEP.steps) - {"bye", "end"}

    @pytest.mark.parametrize("half", [0, 1])
    def test_the_customer_hangs_up(self, half: int) -> None:
        alone = play()
        rings = alone.here.records(Kind.RINGING)[0].at
        for at in [moment for moment in grid(alone) if moment >= rings][half::2]:
            disturbed = play(HangUp(Moment.RINGING, seconds=at - rings))
            late = disturbed.at - disturbed.hung_up(disturbed.call.customer.id)
            assert late < WITHIN, f"customer hangs up at {at}: {late} s later it was over"
            assert disturbed.result is not None
            if at < alone.at - 0.01:
                assert disturbed.result.cause is Cause.CUSTOMER_GONE, f"customer hangs up at {at}"

    def test_the_operator_hangs_up(self) -> None:
        alone = play()
        rings = alone.here.records(Kind.RINGING)[2].at
        for at in [moment for moment in grid(alone, 0.2) if moment >= rings]:
            disturbed = play(operator=HangUp(Moment.RINGING, seconds=at - rings))
            assert disturbed.result is not None
            bridged = len(disturbed.here.records(Kind.BRIDGE_ENTERED)) == 2
            assert disturbed.result.cause is (Cause.PARTNER_GONE if bridged else Cause.FLOW_ENDED), f"operator leaves at {at}"

    @pytest.mark.parametrize("aside", [-0.001, 0.0, 0.001])
    def test_both_hang_up_at_once(self, aside: float) -> None:
        alone = play()
        customer_rings, _, operator_rings = (each.at for each in alone.here.records(Kind.RINGING))
        for at in [moment for moment in grid(alone, 0.1) if moment > operator_rings + 0.001]:
            disturbed = play(
                HangUp(Moment.RINGING, seconds=at - customer_rings),
                HangUp(Moment.RINGING, seconds=at - operator_rings + aside),
            )
            assert disturbed.at - disturbed.hung_up(disturbed.call.customer.id) < WITHIN, f"both leave at {at}"

    @pytest.mark.parametrize("half", [0, 1])
    def test_the_engine_shuts_down(self, half: int) -> None:
        for at in grid(play(), 0.5)[half::2]:
            disturbed = play(at=at, disturb=lambda _, call: call.end(Cause.SHUTDOWN))
            assert disturbed.at - at < WITHIN, f"shut down at {at}"
            assert disturbed.result is not None
            assert disturbed.result.cause in (Cause.SHUTDOWN, Cause.PARTNER_GONE), f"shut down at {at}"

    @pytest.mark.parametrize("half", [0, 1])
    def test_it_is_cancelled_from_outside(self, half: int) -> None:
        for at in grid(play(), 0.5)[half::2]:
            disturbed = play(at=at, cancel=True)
            assert disturbed.at - at < WITHIN, f"cancelled at {at}"

    @pytest.mark.parametrize("half", [0, 1])
    def test_the_event_socket_drops(self, half: int) -> None:
        """Nothing ends the call then; it goes on once the socket is back, and must not wait for what was not heard."""
        alone = play()
        for at in grid(alone, 0.5)[half::2]:
            disturbed = play(at=at, disturb=lambda here, _: here.pbx.cut_event_sockets())
            assert disturbed.result is not None
            assert disturbed.result.cause is not Cause.BUG
            assert disturbed.at < alone.at + 60, f"dropped at {at}: {disturbed.result}"

    @pytest.mark.parametrize("half", [0, 1])
    def test_a_pbx_that_is_slow_with_everything(self, half: int) -> None:
        for seed in range(half, 60, 2):
            rng = Random(seed)
            when = HangUp(rng.choice((Moment.RINGING, Moment.PROMPT, Moment.RECORDING)), seconds=round(rng.uniform(0, 12), 3))
            disturbed = play(when, latency=1.0, seed=seed)
            late = disturbed.at - disturbed.hung_up(disturbed.call.customer.id)
            assert late < WITHIN, f"seed {seed}: {late} s after the hangup it was over"


LISTEN = chart(
    "step: start, type: entry, next: listen",
    "step: listen, type: record, next: think",
    "step: think, type: classify_intent, prompt: moment, next: end",
    "step: end, type: hangup",
)
WAIT = chart("step: start, type: entry, next: talk", "step: talk, type: wait")
SIBLING = "09120000002"


@frozen
class Broken:
    """Ears and a mind with a fault that nobody foresaw."""

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        raise KeyError("a fault of ours")

    async def complete(self, question: Question) -> str:
        raise KeyError("a fault of ours")


class TestItsOwnFault:
    """What breaks in one call stays in it: others go on."""

    async def with_a_sibling(self, here: Stage, flow: Chart) -> tuple[CallResult, CallResult]:
        """The result of a call, and of another that began with it and lasts 60 s."""
        results: dict[Call, CallResult] = {}

        async def run(call: Call) -> None:
            results[call] = await call.run()

        broken, sibling = here.call(flow), here.call(WAIT, number=SIBLING)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run, broken)
            nursery.start_soon(run, sibling)
        await here.is_swept()
        return results[broken], results[sibling]

    @pytest.mark.parametrize(
        "cast",
        [Cast(ears=Broken()), Cast(model=Broken())],
        ids=["ears", "mind"],
    )
    async def test_a_bug_costs_one_call(self, cast: Cast, autojump_clock: MockClock) -> None:
        people = {SIBLING: Persona(hangs_up=HangUp(Moment.ANSWER, seconds=60.0))}
        async with stage(attrs.evolve(cast, customer=Persona(says=("yes please",)), others=people)) as here:
            broken, sibling = await self.with_a_sibling(here, LISTEN)
        assert (broken.result, broken.cause, broken.detail) == ("failed:bug", Cause.BUG, "'a fault of ours'")
        assert (sibling.cause, round(sibling.seconds)) == (Cause.CUSTOMER_GONE, 60)

    async def test_too_many_events_end_one_call_alone(self, autojump_clock: MockClock) -> None:
        cast = Cast(others={SIBLING: Persona(hangs_up=HangUp(Moment.ANSWER, seconds=60.0))})
        async with stage(cast) as here, trio.open_nursery() as nursery:

            @nursery.start_soon
            async def flood() -> None:
                await trio.sleep(10)
                [(flooded, _), _] = here.calls
                key = ChannelDtmfReceived(channel=Channel(flooded.customer.id), digit="1", duration_ms=100)
                for _ in range(300):
                    here.router.dispatch(key)

            flooded, sibling = await self.with_a_sibling(here, WAIT)
        assert (flooded.result, flooded.cause) == ("failed:overflow", Cause.OVERFLOW)
        assert (sibling.cause, round(sibling.seconds)) == (Cause.CUSTOMER_GONE, 60)

    async def test_a_request_that_cannot_be_made_costs_one_call(self, autojump_clock: MockClock) -> None:
        """The reaper makes it, and must survive it."""
        async with stage(Cast()) as here:
            call = here.call(LISTEN)
            assert isinstance(call.way, Outbound)
            call.way = attrs.evolve(call.way, placement=attrs.evolve(call.way.placement, variables={"SHELL(rm)": "x"}))
            broken = await call.run()
            assert (await here.plays(LISTEN)).cause is Cause.FLOW_ENDED
        assert broken.cause is Cause.BUG
        assert not here.records(Kind.REFUSED)


async def test_the_first_cause_wins(autojump_clock: MockClock) -> None:
    async with stage(Cast()) as here:
        call = here.call(WAIT)
        call.end(Cause.SHUTDOWN)
        call.end(Cause.BUDGET)
        result = await call.run()
        await here.is_swept()
        assert not here.records(Kind.ORIGINATE), "a call that ended before it began is never placed"
    assert (result.result, result.cause) == ("failed:shutdown", Cause.SHUTDOWN)


async def test_it_says_what_happens(autojump_clock: MockClock) -> None:
    states: list[LegState] = []
    async with stage(Cast(Persona(hangs_up=HangUp(Moment.ANSWER, seconds=5.0)))) as here:
        call = here.call(WAIT, watch=states.append)
        assert repr(call) == f"<Call {call.id[:8]} idle>"
        result = await call.run()
        await here.is_swept()
        told = [(moment.kind.value, moment.name) for moment in here.notes.moments]
    assert states == [LegState.DIALLING, LegState.RINGING, LegState.UP, LegState.DOWN]
    assert told == [
        ("state", "dialling"),
        ("state", "ringing"),
        ("state", "up"),
        ("step", "start"),
        ("outcome", "next"),
        ("step", "talk"),
        ("state", "down"),
        ("result", "hangup"),
    ]
    assert result.seconds == pytest.approx(5.0, abs=0.05)
    assert repr(call) == f"<Call {call.id[:8]} down>"
