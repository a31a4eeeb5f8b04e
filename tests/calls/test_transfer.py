"""Transfers: operators in turn, a bridge that is proven, and nobody left alone in it."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from callengine.ari import ChannelEnteredBridge
from callengine.calls import CallRules
from callengine.calls.bridge import BRIDGED_WITHIN
from callengine.fsm import Chart
from callengine.fsm.steps import LONGEST_TRANSFER
from callengine.model import CallResult, Cause, MomentKind, TransferOutcome
from callengine.simulator import Fault, HangUp, Instead, Kind, Moment, PbxConfig, Persona, audit
from tests.calls.stage import PROMPTS, Cast, DeafRouter, Stage, chart, desk, stage
from tests.calls.transfers import LEAVES, TO_MUSIC, TRANSFER, Passing, Witness, connecting, dialled, ended_at, held, run_all


@pytest.mark.parametrize("flow", [TRANSFER, TO_MUSIC], ids=["hold audio", "music on hold"])
async def test_customer_and_operator_talk_until_the_operator_leaves(flow: Chart, autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, operators=(desk("200"),))) as here:
        ended = await here.plays(flow)
        assert len(here.records(Kind.BRIDGE_ENTERED)) == 2
        by = {record.id: record.detail["by"] for record in here.records(Kind.HANGUP)}
    assert (ended.result, ended.cause) == ("connected_to_operator", Cause.PARTNER_GONE)
    assert sorted(by.values()) == ["app", "person"]


async def test_the_operator_is_hung_up_when_the_customer_leaves(autojump_clock: MockClock) -> None:
    async with stage(Cast(Persona(hangs_up=LEAVES), operators=(desk("200"),))) as here:
        ended = await here.plays(TRANSFER)
        customer, operator = here.records(Kind.DESTROYED)
    assert (ended.result, ended.cause) == ("connected_to_operator", Cause.CUSTOMER_GONE)
    assert operator.at - customer.at < 0.1


async def test_the_customer_hears_the_hold_audio_until_then(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(answers_after=6.0)}, operators=(desk("200"),))) as here:
        with trio.move_on_after(30):
            await here.call(TRANSFER).run()
        heard = held(here, here.calls[0][0].customer.id)
        [entered, _] = here.records(Kind.BRIDGE_ENTERED)
        assert len(heard) >= 4
        assert all(ended <= entered.at for _, ended in heard)
        await here.is_swept()


async def test_hold_audio_is_called_what_the_pbx_knows_it_by(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(answers_after=6.0)}, operators=(desk("200"),))) as here:
        here.services = attrs.evolve(here.services, playable=lambda uri: uri.replace("sound:", "sound:http://engine/"))
        with trio.move_on_after(30):
            await here.call(TRANSFER).run()
        played = {record.detail["media"] for record in here.records(Kind.PLAYBACK)}
        await here.is_swept()
    assert "sound:http://engine/onhold" in played
    assert all(str(media).startswith("sound:http://engine/") for media in played)


@pytest.mark.parametrize("millisecond", range(0, 40, 2))
async def test_no_hold_audio_stands_in_the_way_of_the_bridge(millisecond: int, autojump_clock: MockClock) -> None:
    """The operator answers around the moment at which the hold audio begins anew."""
    answers = PROMPTS["sound:onhold"] + 0.2 - 0.3 - 0.02 + millisecond / 1000
    others = {"200": Persona(rings_after=0.3, answers_after=answers, hangs_up=LEAVES)}
    slow = PbxConfig(prompt_seconds=PROMPTS, latency=0.02)
    async with stage(Cast(others=others, operators=(desk("200"),), pbx=slow, seed=millisecond)) as here:
        ended = await here.plays(TRANSFER)
        answered, entered = here.records(Kind.ANSWERED)[1], here.records(Kind.BRIDGE_ENTERED)[0]
    assert ended.cause is Cause.PARTNER_GONE
    assert entered.at - answered.at < 0.3


@pytest.mark.parametrize("why", [Instead.BUSY, Instead.NO_ANSWER, Instead.DECLINE, Instead.UNREACHABLE, Instead.FORWARD])
async def test_the_next_operator_is_tried(why: Instead, autojump_clock: MockClock) -> None:
    others = {"200": Persona(instead=why, forwards_to="0999123456789"), "201": Persona(hangs_up=LEAVES)}
    async with stage(Cast(others=others, operators=(desk("200"), desk("201")))) as here:
        ended = await here.plays(TRANSFER)
        assert dialled(here) == ["PJSIP/200@pbx", "PJSIP/201@pbx"]
    assert ended.result == "connected_to_operator"


async def test_on_failure_comes_after_the_last_operator(autojump_clock: MockClock) -> None:
    others = {"200": Persona(instead=Instead.BUSY), "201": Persona(instead=Instead.NO_ANSWER)}
    async with stage(Cast(others=others, operators=(desk("200"), desk("201")))) as here:
        ended = await here.plays(TRANSFER)
        assert len(dialled(here)) == 2
        assert here.notes.steps[-3:] == ["alone", "bye", "end"]
    assert (ended.result, ended.cause) == ("disconnected", Cause.FLOW_ENDED)


async def test_operators_are_not_tried_for_ever(autojump_clock: MockClock) -> None:
    extensions = [str(extension) for extension in range(200, 300)]
    others = dict.fromkeys(extensions, Persona(instead=Instead.NO_ANSWER))
    async with stage(Cast(others=others, operators=tuple(map(desk, extensions)))) as here:
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
    async with stage(Cast(operators=(desk("200"),))) as here:
        here.pbx.faults.append(fault)
        ended = await here.plays(TRANSFER)
    assert (ended.result, ended.cause) == ("disconnected", Cause.FLOW_ENDED)


async def test_a_bridge_nobody_is_seen_to_enter_is_a_failed_transfer(autojump_clock: MockClock) -> None:
    """The answer to addChannel is no proof; the customer is out of the bridge before the flow goes on."""
    async with stage(Cast(operators=(desk("200"),), router=DeafRouter((ChannelEnteredBridge,)))) as here:
        ended = await here.plays(TRANSFER)
        [answered] = here.records(Kind.ANSWERED)[1:]
        [deleted] = here.records(Kind.BRIDGE_DELETED)
        alone = next(moment for moment in here.notes.moments if moment.name == "alone" and moment.kind is MomentKind.STEP)
    assert (ended.result, ended.cause) == ("disconnected", Cause.FLOW_ENDED)
    assert deleted.at - answered.at == pytest.approx(BRIDGED_WITHIN, abs=0.5)
    assert deleted.at <= alone.at


async def test_music_the_pbx_does_not_have_keeps_nobody_apart(autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, operators=(desk("200"),))) as here:
        here.pbx.faults.append(Fault("POST /channels/*/moh", status=500))
        ended = await here.plays(TO_MUSIC)
    assert ended.result == "connected_to_operator"


TALKS = Persona(hangs_up=LEAVES)
FAILS_AT_FIRST = {"200": TALKS, "201": TALKS}
TWO = (desk("200"), desk("201"))


async def play_with_a_bad_first_bridge(here: Stage, flow: Chart) -> CallResult:
    """The first bridge cannot be made, the second can."""
    fault = Fault("POST /bridges", status=500)
    here.pbx.faults.append(fault)

    async def mend() -> None:
        while MomentKind.TRANSFER not in {moment.kind for moment in here.notes.moments}:
            await trio.sleep(0.1)
        here.pbx.faults.remove(fault)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(mend)
        return await here.plays(flow)


class TestHold:
    async def test_audio_begins_again_when_bridging_fails(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others=FAILS_AT_FIRST, operators=TWO)) as here:
            ended = await play_with_a_bad_first_bridge(here, TRANSFER)
            entered = here.records(Kind.BRIDGE_ENTERED)[0].at
            failed = next(moment.at for moment in here.notes.moments if moment.kind is MomentKind.TRANSFER)
            heard = held(here, here.calls[0][0].customer.id)
        assert (ended.transfer, ended.operator) == (TransferOutcome.COMPLETED, desk("201"))
        assert [began for began, _ in heard if failed <= began < entered]
        assert all(ended <= entered for _, ended in heard)

    async def test_music_begins_again_when_bridging_fails(self, autojump_clock: MockClock) -> None:
        music = Witness("* /channels/*/moh")
        async with stage(Cast(others=FAILS_AT_FIRST, operators=TWO)) as here:
            here.pbx.faults.append(music)
            await play_with_a_bad_first_bridge(here, TO_MUSIC)
            entered = here.records(Kind.BRIDGE_ENTERED)[0].at
        assert [method for method, _ in music.seen] == ["POST", "DELETE", "POST", "DELETE"]
        assert music.seen[-1][1] <= entered

    async def test_it_goes_on_after_a_request_without_an_answer(self, autojump_clock: MockClock) -> None:
        """What the request may have begun to play after all is cut off like the rest."""
        others = {"200": Persona(answers_after=20.0, hangs_up=LEAVES)}
        slow = Fault("POST /channels/*/play/*", seconds=3.0)
        async with stage(Cast(others=others, operators=(desk("200"),), timeout=2.0, rules=CallRules())) as here:
            here.pbx.faults.append(slow)

            async def mend() -> None:
                await trio.sleep(6)
                here.pbx.faults.remove(slow)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(mend)
                ended = await here.plays(TRANSFER)
            answered, entered = here.records(Kind.ANSWERED)[1], here.records(Kind.BRIDGE_ENTERED)[0]
            heard = held(here, here.calls[0][0].customer.id)
        assert ended.transfer is TransferOutcome.COMPLETED
        assert len(heard) >= 10
        assert entered.at - answered.at < 0.1

    @pytest.mark.parametrize("onhold", [True, False])
    async def test_it_is_silent_before_the_flow_goes_on(self, onhold: bool, autojump_clock: MockClock) -> None:
        music = Witness("* /channels/*/moh")
        async with stage(Cast(others={"200": Persona(instead=Instead.BUSY)}, operators=(desk("200"),))) as here:
            here.pbx.faults.append(music)
            await here.plays(connecting(onhold=onhold))
            [bye] = [record.at for record in here.records(Kind.PLAYBACK) if record.detail["media"] == "sound:bye"]
            heard = held(here, here.calls[0][0].customer.id)
        assert all(ended <= bye for _, ended in heard)
        assert [method for method, at in music.seen if at <= bye] == ([] if onhold else ["POST", "DELETE"])

    async def test_the_announcement_before_it_is_heard_to_its_end(self, autojump_clock: MockClock) -> None:
        flow = chart(
            "step: start, type: entry, next: hello",
            "step: hello, type: play_prompt, prompt: hello, next: connect",
            "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end",
            "step: talk, type: wait",
            "step: end, type: hangup",
        )
        others = {"200": Persona(rings_after=0.0, answers_after=0.0, hangs_up=LEAVES)}
        async with stage(Cast(others=others, operators=(desk("200"),))) as here:
            await here.plays(flow)
            [began] = [record for record in here.records(Kind.PLAYBACK) if record.detail["media"] == "sound:hello"]
            [ended] = [record for record in here.records(Kind.PLAYBACK_ENDED) if record.id == began.id]
            asked = here.records(Kind.ORIGINATE)[1]
        assert ended.at - began.at == pytest.approx(PROMPTS["sound:hello"])
        assert asked.at >= ended.at


class TestWait:
    """All operators are busy, and the customer waits for one of them."""

    OTHER = "09120000002"

    async def two(self, here: Stage, flow: Chart) -> tuple[CallResult, CallResult]:
        """The results of the first customer, who gets the only operator, and of another who comes 1 s later."""
        first, second = here.call(flow), here.call(flow, number=self.OTHER)
        results = await run_all(here, first, second)
        await here.is_swept()
        return results[first], results[second]

    def cast(self, talk: float = 5.0, wait: float = 0.0) -> Cast:
        return Cast(
            others={self.OTHER: Persona(answers_after=4.0), "200": Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=talk))},
            operators=(desk("200"),),
            rules=CallRules(operator_wait=wait),
        )

    @pytest.mark.parametrize(("keys", "wait"), [(", wait: 60", 0.0), ("", 60.0), (", wait: 60", 1.0)])
    async def test_they_hear_the_hold_audio_until_one_is_free(self, keys: str, wait: float, autojump_clock: MockClock) -> None:
        async with stage(self.cast(wait=wait)) as here:
            first, second = await self.two(here, connecting(keys))
            leg = here.records(Kind.ORIGINATE)[2]
            gone = ended_at(here, leg.id)
            asked = here.records(Kind.ORIGINATE)[3]
            heard = held(here, here.calls[1][0].customer.id)
        assert first.transfer is second.transfer is TransferOutcome.COMPLETED
        assert 0.0 <= asked.at - gone < 0.1, "served as soon as the operator is free, and not before"
        assert len(heard) >= 5

    @pytest.mark.parametrize(("keys", "wait", "seconds"), [(", wait: 7", 60.0, 7.0), ("", 9.0, 9.0), (", wait: 0", 60.0, 0.0)])
    async def test_not_for_ever(self, keys: str, wait: float, seconds: float, autojump_clock: MockClock) -> None:
        async with stage(self.cast(talk=100.0, wait=wait)) as here:
            _, second = await self.two(here, connecting(keys))
        assert (second.transfer, second.operator) == (TransferOutcome.NO_OPERATOR, None)
        assert second.seconds == pytest.approx(seconds + PROMPTS["sound:bye"], abs=0.3)

    async def test_no_longer_than_any_transfer_takes(self, autojump_clock: MockClock) -> None:
        async with stage(self.cast(talk=600.0)) as here:
            _, second = await self.two(here, connecting(", wait: 3600"))
        assert second.transfer is TransferOutcome.NO_OPERATOR
        assert second.seconds == pytest.approx(LONGEST_TRANSFER + PROMPTS["sound:bye"], abs=0.3)

    async def test_a_customer_who_leaves_is_not_served(self, autojump_clock: MockClock) -> None:
        cast = self.cast()
        cast.others[self.OTHER] = Persona(answers_after=4.0, hangs_up=HangUp(Moment.ANSWER, seconds=2.0))
        async with stage(cast) as here:
            first, second = await self.two(here, connecting(", wait: 60"))
            assert len(here.records(Kind.ORIGINATE)) == 3
            [load] = here.services.operators.snapshot()
        assert (first.transfer, second.transfer) == (TransferOutcome.COMPLETED, TransferOutcome.CUSTOMER_LEFT)
        assert load.state.value == "ready"

    async def test_who_wraps_up_is_waited_for(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": TALKS}, operators=(desk("200"),), wrap_up=20.0)) as here:
            await here.plays(TRANSFER)
            second = await here.plays(connecting(", wait: 60"))
        assert second.transfer is TransferOutcome.COMPLETED

    async def test_nobody_waits_for_who_is_paused(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(operators=(desk("200"),))) as here:
            here.services.operators.pause(desk("200").id)
            ended = await here.plays(connecting(", wait: 60"))
        assert ended.transfer is TransferOutcome.NO_OPERATOR
        assert ended.seconds < 2


async def test_a_second_transfer_passes_the_customer_on(autojump_clock: MockClock) -> None:
    """The first operator is let go of: nobody stays alone in a bridge, and their leaving ends nothing."""
    flow = chart(
        "step: start, type: entry, next: connect",
        "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: pass_on, on_failure: end",
        "step: pass_on, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end",
        "step: talk, type: wait",
        "step: end, type: hangup",
    )
    others = {"200": Persona(), "201": Persona(hangs_up=LEAVES)}
    async with stage(Cast(others=others, operators=(desk("200"), desk("201")))) as here:
        ended = await here.plays(flow)
        assert dialled(here) == ["PJSIP/200@pbx", "PJSIP/201@pbx"]
        first, second = (record.at for record in here.records(Kind.BRIDGE_DELETED))
        [asked_second] = [record.at for record in here.records(Kind.ORIGINATE)][2:]
        assert first <= asked_second < second
        assert not audit(here.pbx.log, {})
    assert (ended.cause, ended.transfer) == (Cause.PARTNER_GONE, TransferOutcome.COMPLETED)
    assert ended.operator is not None
    assert ended.operator.id == "desk 201"


@pytest.mark.parametrize("request_lost", ["POST /channels/*/moh", "DELETE /channels/*/moh"])
async def test_music_whose_request_is_not_answered_keeps_nobody_apart(request_lost: str, autojump_clock: MockClock) -> None:
    async with stage(Cast(others={"200": Persona(hangs_up=LEAVES)}, operators=(desk("200"),))) as here:
        here.pbx.faults.append(Passing(request_lost, unanswered=True, left=[None]))
        ended = await here.plays(TO_MUSIC)
    assert ended.result == "connected_to_operator"
