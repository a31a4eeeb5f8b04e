"""Whoever leaves a transfer or a queue, at whichever millisecond: nobody is kept on the phone for nobody."""

import math

import attrs
import pytest
import trio
from attrs import frozen

from callengine.calls.queue import RESTS
from callengine.fsm import Chart
from callengine.model import CallResult, Cause, TransferOutcome
from callengine.simulator import HangUp, KeyPress, Kind, Moment, PbxConfig, Persona, run_virtually
from tests.calls.stage import PROMPTS, Cast, Stage, mobile, stage
from tests.calls.transfers import TRANSFER, connecting

ATTENDED = connecting(", whisper: moment, accept_key: 1")
SARA = mobile("09350000001")
CUSTOMER = Persona(rings_after=0.1, answers_after=0.4)
OPERATOR = Persona(rings_after=0.2, answers_after=0.9, presses=(KeyPress("1", 0.8),))
IN_LINE = connecting(", on_timeout: alone, timeout: 8, prompt: moment, every: 5", onhold=False, by="queue")
FLOWS = pytest.mark.parametrize("flow", [TRANSFER, ATTENDED, IN_LINE], ids=["transfer", "attended", "queue"])


@frozen
class Play:
    """One transfer, as it went."""

    here: Stage
    result: CallResult

    def channel(self, nth: int) -> str:
        return self.here.records(Kind.ORIGINATE)[nth].id

    def at(self, kind: Kind, channel: str) -> float:
        """When this happened to a channel; infinity if it never did."""
        return next((record.at for record in self.here.records(kind) if record.id == channel), math.inf)

    @property
    def bridged(self) -> bool:
        return len(self.here.records(Kind.BRIDGE_ENTERED)) == 2


def play(
    flow: Chart,
    customer: HangUp | None = None,
    operator: HangUp | None = None,
    *,
    cut_at: float = math.inf,
    latency: float = 0.002,
    seed: int = 1,
) -> Play:
    """Play a transfer in a world of its own; who is bridged and does not leave talks for 1 s.

    Args:
        cut_at: when the event socket drops.
        latency: seconds the PBX takes at most, for each request.
    """
    cast = Cast(
        attrs.evolve(CUSTOMER, hangs_up=customer),
        others={SARA.phone_number: attrs.evolve(OPERATOR, hangs_up=operator or HangUp(Moment.BRIDGE, seconds=1.0))},
        operators=(SARA,),
        pbx=PbxConfig(prompt_seconds=PROMPTS, latency=latency),
        seed=seed,
    )
    return run_virtually(seed, _play, cast, flow, cut_at)


async def _play(cast: Cast, flow: Chart, cut_at: float) -> Play:
    async with stage(cast) as here:
        async with trio.open_nursery() as others:

            @others.start_soon
            async def cut() -> None:
                await trio.sleep_until(cut_at)
                here.pbx.cut_event_sockets()

            result = await here.call(flow).run()
            others.cancel_scope.cancel()
        await here.is_swept()
        await trio.sleep(RESTS)
        assert [load.state.value for load in here.services.operators.snapshot()] == ["ready"]
    return Play(here, result)


def times(flow: Chart) -> tuple[list[float], float, float]:
    """When somebody may leave, which is whenever anything happens in a transfer, and the milliseconds around it; and when
    the telephones of customer and operator begin to ring.
    """
    alone = play(flow)
    assert alone.result.transfer is TransferOutcome.COMPLETED
    begins = next(moment.at for moment in alone.here.notes.moments if moment.name == "connect")
    moments = {record.at for record in (*alone.here.pbx.log, *alone.here.notes.moments)}
    around = {moment + aside / 1000 for moment in moments for aside in range(-3, 4)}
    customer, operator = (alone.at(Kind.RINGING, alone.channel(nth)) for nth in (0, 1))
    return sorted(moment for moment in around if moment > begins), customer, operator


@FLOWS
def test_the_customer_leaves(flow: Chart) -> None:
    moments, rings, _ = times(flow)
    for at in moments:
        left = play(flow, HangUp(Moment.RINGING, seconds=at - rings))
        if left.result.cause is Cause.PARTNER_GONE:
            continue
        when = f"the customer leaves at {at}"
        assert left.result.cause is Cause.CUSTOMER_GONE, when
        assert left.result.transfer in (TransferOutcome.CUSTOMER_LEFT, TransferOutcome.COMPLETED), when
        reached = left.result.transfer is TransferOutcome.COMPLETED
        assert left.result.result == ("connected_to_operator" if reached else "disconnected"), when
        if len(left.here.records(Kind.ORIGINATE)) == 2:
            hung_up = left.at(Kind.DESTROYED, left.channel(1))
            assert hung_up - left.at(Kind.HANGUP, left.channel(0)) < 0.1, when


@FLOWS
def test_the_operator_leaves(flow: Chart) -> None:
    moments, _, rings = times(flow)
    for at in [moment for moment in moments if moment > rings]:
        left = play(flow, operator=HangUp(Moment.RINGING, seconds=at - rings))
        when = f"the operator leaves at {at}"
        completed = left.result.transfer is TransferOutcome.COMPLETED
        assert completed == left.bridged, when
        assert left.result.cause is (Cause.PARTNER_GONE if completed else Cause.FLOW_ENDED), when
        assert left.result.operator == SARA, when
        if not completed:
            assert left.result.transfer in (TransferOutcome.DECLINED, TransferOutcome.UNREACHABLE), when


@FLOWS
@pytest.mark.parametrize("aside", [-0.001, 0.0, 0.001])
def test_both_leave_at_once(flow: Chart, aside: float) -> None:
    moments, rings, operator_rings = times(flow)
    for at in [moment for moment in moments if moment > operator_rings + 0.001][::2]:
        left = play(
            flow, HangUp(Moment.RINGING, seconds=at - rings), HangUp(Moment.RINGING, seconds=at - operator_rings + aside)
        )
        assert left.result.cause in (Cause.CUSTOMER_GONE, Cause.PARTNER_GONE), f"both leave at {at}"


@FLOWS
def test_the_event_socket_drops(flow: Chart) -> None:
    """What happened meanwhile is found out; the transfer goes on or the next would be tried, and the call comes to its end."""
    moments, _, _ = times(flow)
    for at in moments[::3]:
        dropped = play(flow, cut_at=at)
        assert dropped.result.cause in (Cause.PARTNER_GONE, Cause.FLOW_ENDED), f"dropped at {at}: {dropped.result}"
        assert dropped.result.transfer is not None, f"dropped at {at}: {dropped.result}"


@FLOWS
def test_the_customer_leaves_a_slow_pbx(flow: Chart) -> None:
    for seed in range(40):
        left = play(flow, HangUp(Moment.ANSWER, seconds=seed * 0.07), latency=0.3, seed=seed)
        assert left.result.cause in (Cause.CUSTOMER_GONE, Cause.PARTNER_GONE), f"seed {seed}"
