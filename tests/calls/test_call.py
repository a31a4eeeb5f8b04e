"""A call as a scope: whatever ends it, at whatever moment, it ends at once, with one result, and nothing is left."""

import math
from collections.abc import Callable
from functools import partial

import attrs
import pytest
import trio
from attrs import frozen

from callengine.calls import Call, CallRules, OperatorEndpoint
from callengine.model import CallResult, Cause, MomentKind
from callengine.providers.scripted import HeardInRecording, Script, ScriptedModel
from callengine.simulator import HangUp, Instead, Kind, Moment, Persona, run_virtually
from tests.calls.stage import Cast, Stage, chart, stage

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
RULES = CallRules(
    operators=(
        OperatorEndpoint("mobile", f"PJSIP/{MOBILE}@trunk", over_trunk=True),
        OperatorEndpoint("desk", f"PJSIP/{DESK}@pbx", over_trunk=False),
    )
)
CALLED = Persona(answers_after=1.0, says=("", "yes please"), thinks=0.3)
BUSY = Persona(rings_after=0.2, answers_after=0.5, instead=Instead.BUSY)
ADVISER = Persona(rings_after=0.2, answers_after=1.7)
LEAVES_LAST = HangUp(Moment.BRIDGE, seconds=1.0)
WITHIN = 2.0
"""Seconds between whatever ends a call and its end."""


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
    desk: HangUp = LEAVES_LAST,
    *,
    at: float = 0.0,
    disturb: Callable[[Call], None] | None = None,
    cancel: bool = False,
) -> Play:
    """Play `EVERY_STEP` in a world of its own.

    Args:
        customer: when the customer hangs up; None stays.
        desk: when the operator who answers does.
        at: when the next two happen.
        disturb: something done to the call.
        cancel: whether it is cancelled from outside.
    """
    return run_virtually(1, _play, customer, desk, at, disturb, cancel)


async def _play(customer: HangUp | None, desk: HangUp, at: float, disturb: Callable[[Call], None] | None, cancel: bool) -> Play:
    people = {MOBILE: BUSY, DESK: attrs.evolve(ADVISER, hangs_up=desk)}
    model = ScriptedModel(Script(("yes",), seconds=0.7))
    cast = Cast(attrs.evolve(CALLED, hangs_up=customer), people, HeardInRecording(seconds=0.4), model, RULES)
    async with stage(cast) as here:
        call = here.call(EVERY_STEP)
        result = None
        async with trio.open_nursery() as others:
            with trio.CancelScope(deadline=at if cancel else math.inf):
                if disturb is not None:
                    others.start_soon(_at, at, partial(disturb, call))
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
        for at in [moment for moment in grid(alone, 0.05) if moment >= rings]:
            disturbed = play(desk=HangUp(Moment.RINGING, seconds=at - rings))
            assert disturbed.result is not None
            bridged = bool(disturbed.here.records(Kind.BRIDGE_ENTERED))
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
            disturbed = play(at=at, disturb=lambda call: call.end(Cause.SHUTDOWN))
            assert disturbed.at - at < WITHIN, f"shut down at {at}"
            assert disturbed.result is not None
            assert disturbed.result.cause in (Cause.SHUTDOWN, Cause.PARTNER_GONE), f"shut down at {at}"

    @pytest.mark.parametrize("half", [0, 1])
    def test_it_is_cancelled_from_outside(self, half: int) -> None:
        for at in grid(play(), 0.5)[half::2]:
            disturbed = play(at=at, cancel=True)
            assert disturbed.at - at < WITHIN, f"cancelled at {at}"
