"""Transfers: operators in turn, a bridge that is proven, and nobody left alone in it."""

import pytest
import trio
from trio.testing import MockClock

from callengine.ari import ChannelEnteredBridge
from callengine.calls import CallRules, OperatorEndpoint
from callengine.calls.transfer import BRIDGED_WITHIN
from callengine.fsm import Chart
from callengine.fsm.steps import LONGEST_TRANSFER
from callengine.model import Cause, MomentKind, Purpose
from callengine.simulator import Fault, HangUp, Instead, Kind, Moment, PbxConfig, Persona
from tests.calls.stage import CUSTOMER, PROMPTS, Cast, DeafRouter, Stage, chart, stage

STEPS = (
    "step: start, type: entry, next: connect",
    "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: connected, on_failure: alone",
    "step: connected, type: set_result, result: connected_to_operator, next: talk",
    "step: talk, type: wait",
    "step: alone, type: set_result, result: disconnected, next: bye",
    "step: bye, type: play_prompt, prompt: bye, next: end",
    "step: end, type: hangup",
)
TRANSFER = chart(*STEPS)
TO_MUSIC = chart(*STEPS, onhold=False)
LEAVES = HangUp(Moment.BRIDGE, seconds=5.0)


def desk(extension: str) -> OperatorEndpoint:
    return OperatorEndpoint(f"desk {extension}", f"PJSIP/{extension}@pbx", over_trunk=False)


def mobile(number: str) -> OperatorEndpoint:
    return OperatorEndpoint(f"mobile {number}", f"PJSIP/{number}@trunk", over_trunk=True)


def rules(*operators: OperatorEndpoint) -> CallRules:
    return CallRules(operators=operators, operator_timeout=10.0, operator_slot_wait=3.0)


def dialled(here: Stage) -> list[str]:
    return [record.detail["endpoint"] for record in here.records(Kind.ORIGINATE)[1:]]


@pytest.mark.parametrize("flow", [TRANSFER, TO_MUSIC], ids=["hold audio", "music on hold"])
async def test_customer_and_operator_talk_until_the_operator_leaves(flow: Chart, autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, rules=rules(desk("200")))) as here:
        ended = await here.plays(flow)
        assert len(here.records(Kind.BRIDGE_ENTERED)) == 2
        by = {record.id: record.detail["by"] for record in here.records(Kind.HANGUP)}
    assert (ended.result, ended.cause) == ("connected_to_operator", Cause.PARTNER_GONE)
    assert sorted(by.values()) == ["app", "person"]


async def test_the_operator_is_hung_up_when_the_customer_leaves(autojump_clock: MockClock) -> None:
    async with stage(Cast(Persona(hangs_up=LEAVES), rules=rules(desk("200")))) as here:
        ended = await here.plays(TRANSFER)
        customer, operator = here.records(Kind.DESTROYED)
    assert (ended.result, ended.cause) == ("connected_to_operator", Cause.CUSTOMER_GONE)
    assert operator.at - customer.at < 0.1


async def test_the_customer_hears_the_hold_audio_until_then(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(answers_after=6.0)}, rules=rules(desk("200")))) as here:
        with trio.move_on_after(30):
            await here.call(TRANSFER).run()
        held = [record for record in here.records(Kind.PLAYBACK) if record.detail["media"] == "sound:onhold"]
        [entered, _] = here.records(Kind.BRIDGE_ENTERED)
        assert len(held) >= 4
        assert all(record.at < entered.at for record in held)
        await here.is_swept()


@pytest.mark.parametrize("millisecond", range(0, 40, 2))
async def test_no_hold_audio_stands_in_the_way_of_the_bridge(millisecond: int, autojump_clock: MockClock) -> None:
    """The operator answers around the moment at which the hold audio begins anew."""
    answers = PROMPTS["sound:onhold"] + 0.2 - 0.3 - 0.02 + millisecond / 1000
    others = {"200": Persona(rings_after=0.3, answers_after=answers, hangs_up=LEAVES)}
    slow = PbxConfig(prompt_seconds=PROMPTS, latency=0.02)
    async with stage(Cast(others=others, rules=rules(desk("200")), pbx=slow, seed=millisecond)) as here:
        ended = await here.plays(TRANSFER)
        answered, entered = here.records(Kind.ANSWERED)[1], here.records(Kind.BRIDGE_ENTERED)[0]
    assert ended.cause is Cause.PARTNER_GONE
    assert entered.at - answered.at < 0.3


@pytest.mark.parametrize("why", [Instead.BUSY, Instead.NO_ANSWER, Instead.DECLINE, Instead.UNREACHABLE, Instead.FORWARD])
async def test_the_next_operator_is_tried(why: Instead, autojump_clock: MockClock) -> None:
    others = {"200": Persona(instead=why, forwards_to="0999123456789"), "201": Persona(hangs_up=LEAVES)}
    async with stage(Cast(others=others, rules=rules(desk("200"), desk("201")))) as here:
        ended = await here.plays(TRANSFER)
        assert dialled(here) == ["PJSIP/200@pbx", "PJSIP/201@pbx"]
    assert ended.result == "connected_to_operator"


async def test_an_operator_who_leaves_before_the_bridge_is_none(autojump_clock: MockClock) -> None:
    others = {"200": Persona(hangs_up=HangUp(Moment.ANSWER, seconds=0.0)), "201": Persona(hangs_up=LEAVES)}
    async with stage(Cast(others=others, rules=rules(desk("200"), desk("201")))) as here:
        ended = await here.plays(TRANSFER)
        assert dialled(here) == ["PJSIP/200@pbx", "PJSIP/201@pbx"]
    assert ended.result == "connected_to_operator"


async def test_on_failure_comes_after_the_last_operator(autojump_clock: MockClock) -> None:
    others = {"200": Persona(instead=Instead.BUSY), "201": Persona(instead=Instead.NO_ANSWER)}
    async with stage(Cast(others=others, rules=rules(desk("200"), desk("201")))) as here:
        ended = await here.plays(TRANSFER)
        assert len(dialled(here)) == 2
        assert here.notes.steps[-3:] == ["alone", "bye", "end"]
    assert (ended.result, ended.cause) == ("disconnected", Cause.FLOW_ENDED)


async def test_without_operators_it_fails_at_once(autojump_clock: MockClock) -> None:
    async with stage(Cast(rules=rules())) as here:
        ended = await here.plays(TRANSFER)
    assert ended.result == "disconnected"
    assert ended.seconds < 1.5


async def test_operators_are_not_tried_for_ever(autojump_clock: MockClock) -> None:
    extensions = [str(extension) for extension in range(200, 300)]
    others = dict.fromkeys(extensions, Persona(instead=Instead.NO_ANSWER))
    async with stage(Cast(others=others, rules=rules(*map(desk, extensions)))) as here:
        ended = await here.plays(TRANSFER)
        assert len(dialled(here)) == LONGEST_TRANSFER / 10
    assert ended.result == "disconnected"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST /bridges", status=500),
        Fault("POST /bridges/*/addChannel", status=400),
        Fault("POST /bridges/*/addChannel", status=422),
        Fault("POST /bridges/*/addChannel", status=500),
    ],
)
async def test_a_bridge_that_fails_is_a_failed_transfer(fault: Fault, autojump_clock: MockClock) -> None:
    async with stage(Cast(rules=rules(desk("200")))) as here:
        here.pbx.faults.append(fault)
        ended = await here.plays(TRANSFER)
    assert (ended.result, ended.cause) == ("disconnected", Cause.FLOW_ENDED)


async def test_a_bridge_nobody_is_seen_to_enter_is_a_failed_transfer(autojump_clock: MockClock) -> None:
    """The answer to addChannel is no proof; the customer is out of the bridge before the flow goes on."""
    async with stage(Cast(rules=rules(desk("200")), router=DeafRouter((ChannelEnteredBridge,)))) as here:
        ended = await here.plays(TRANSFER)
        [answered] = here.records(Kind.ANSWERED)[1:]
        [deleted] = here.records(Kind.BRIDGE_DELETED)
        alone = next(moment for moment in here.notes.moments if moment.name == "alone" and moment.kind is MomentKind.STEP)
    assert (ended.result, ended.cause) == ("disconnected", Cause.FLOW_ENDED)
    assert deleted.at - answered.at == pytest.approx(BRIDGED_WITHIN, abs=0.5)
    assert deleted.at <= alone.at


async def test_an_operator_over_the_trunk_takes_a_slot_until_they_are_gone(autojump_clock: MockClock) -> None:
    number = "09350000001"
    async with stage(Cast(others={number: Persona(hangs_up=LEAVES)}, rules=rules(mobile(number)))) as here:
        ended = await here.plays(TRANSFER)
        [slot] = here.slots.given
        operator = here.records(Kind.CREATED)[1].id
        [gone] = [record for record in here.records(Kind.DESTROYED) if record.id == operator]
    assert ended.result == "connected_to_operator"
    assert slot.purpose is Purpose.OPERATOR
    assert slot.released_at[0] >= gone.at


async def test_without_a_slot_the_operator_is_out_of_reach(autojump_clock: MockClock) -> None:
    others = {"200": Persona(hangs_up=LEAVES)}
    async with stage(Cast(others=others, rules=rules(mobile("09350000001"), desk("200")))) as here:
        here.slots.free = 0
        ended = await here.plays(TRANSFER)
        assert dialled(here) == ["PJSIP/200@pbx"]
    assert ended.result == "connected_to_operator"


async def test_music_the_pbx_does_not_have_keeps_nobody_apart(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, rules=rules(desk("200")))) as here:
        here.pbx.faults.append(Fault("POST /channels/*/moh", status=500))
        ended = await here.plays(TO_MUSIC)
    assert ended.result == "connected_to_operator"


async def test_operators_see_who_the_customer_is(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, rules=rules(desk("200")))) as here:
        await here.plays(TRANSFER)
        assert here.records(Kind.ORIGINATE)[1].detail["line"] == CUSTOMER, "the caller id, since no line carries it"
