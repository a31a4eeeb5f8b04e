"""Attended transfers: the operator is told whom the call is from, and takes it with a key or not at all."""

import pytest
import trio
from attrs import frozen
from trio.testing import MockClock

from callengine.calls import CallRules
from callengine.calls.whisper import ACCEPTED_WITHIN
from callengine.errors import ProviderError
from callengine.fsm import Chart
from callengine.model import CallResult, Cause, TransferOutcome
from callengine.providers import Speaker
from callengine.providers.scripted import ScriptedSpeaker
from callengine.simulator import Fault, HangUp, KeyPress, Kind, Moment, PbxConfig, Persona
from tests.calls.stage import CUSTOMER, PROMPTS, Cast, Stage, desk, stage
from tests.calls.transfers import LEAVES, connecting, dialled, ended_at, held, left_at

SARA, ALI = desk("200"), desk("201")
WHISPER = PROMPTS["sound:moment"]
BOTH = connecting(", whisper: moment, accept_key: 1")
KEY_ALONE = connecting(", accept_key: 1")
WHISPER_ALONE = connecting(", whisper: moment")
SPOKEN = connecting(', whisper_text: "{name} of {town} at {number}", accept_key: 1')


def presses(digit: str, after: float) -> Persona:
    """An operator who answers, and so many seconds later presses a key."""
    return Persona(presses=(KeyPress(digit, after),), hangs_up=LEAVES)


def operator(here: Stage, nth: int = 0) -> str:
    """The channel of the operator who was rung as the nth."""
    return here.records(Kind.ORIGINATE)[nth + 1].id


def answered(here: Stage, channel: str) -> float:
    return next(record.at for record in here.records(Kind.ANSWERED) if record.id == channel)


def heard(here: Stage, channel: str) -> list[tuple[str, float]]:
    """What was played to this channel, and for how long."""
    began = {record.id: record for record in here.records(Kind.PLAYBACK) if record.detail["channel"] == channel}
    return [
        (began[record.id].detail["media"], round(record.at - began[record.id].at, 1))
        for record in here.records(Kind.PLAYBACK_ENDED)
        if record.id in began
    ]


class TestKey:
    @pytest.mark.parametrize("after", [0.0, 0.001, 0.01, 0.5, WHISPER - 0.01, WHISPER, WHISPER + 0.01, 5.0, WHISPER + 9.9])
    async def test_who_accepts_is_bridged_at_once(self, after: float, autojump_clock: MockClock) -> None:
        """What is left of the whisper is not heard."""
        async with stage(Cast(others={"200": presses("1", after)}, operators=(SARA,))) as here:
            ended = await here.plays(BOTH)
            entered = here.records(Kind.BRIDGE_ENTERED)[0].at
            pressed = answered(here, operator(here)) + after
            told = heard(here, operator(here))
        assert (ended.transfer, ended.operator, ended.cause) == (TransferOutcome.COMPLETED, SARA, Cause.PARTNER_GONE)
        assert 0 <= entered - pressed < 0.1
        assert told in ([], [("sound:moment", round(min(after, WHISPER), 1))])

    @pytest.mark.parametrize(("digit", "key"), [("*", '"*"'), ("#", '"#"'), ("0", "0")])
    async def test_keys_that_are_no_numbers(self, digit: str, key: str, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": presses(digit, 1.0)}, operators=(SARA,))) as here:
            ended = await here.plays(connecting(f", accept_key: {key}"))
        assert ended.transfer is TransferOutcome.COMPLETED

    @pytest.mark.parametrize("after", [0.5, 3.0])
    async def test_another_key_declines(self, after: float, autojump_clock: MockClock) -> None:
        others = {"200": presses("2", after), "201": presses("1", 1.0)}
        async with stage(Cast(others=others, operators=(SARA, ALI))) as here:
            ended = await here.plays(BOTH)
            gone = ended_at(here, operator(here))
            pressed = answered(here, operator(here)) + after
            assert dialled(here) == [SARA.endpoint, ALI.endpoint]
        assert gone - pressed < 0.1
        assert (ended.transfer, ended.operator) == (TransferOutcome.COMPLETED, ALI)

    @pytest.mark.parametrize(("flow", "whispered"), [(BOTH, WHISPER), (KEY_ALONE, 0.0)])
    async def test_no_key_in_time_is_no_answer(self, flow: Chart, whispered: float, autojump_clock: MockClock) -> None:
        others = {"200": presses("1", whispered + ACCEPTED_WITHIN + 0.1)}
        async with stage(Cast(others=others, operators=(SARA,))) as here:
            ended = await here.plays(flow)
            waited = ended_at(here, operator(here)) - answered(here, operator(here))
        assert (ended.transfer, ended.operator) == (TransferOutcome.NO_ANSWER, SARA)
        assert waited == pytest.approx(whispered + ACCEPTED_WITHIN, abs=0.1)

    async def test_without_a_whisper_the_key_alone_decides(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": presses("1", 3.0)}, operators=(SARA,))) as here:
            ended = await here.plays(KEY_ALONE)
            assert heard(here, operator(here)) == []
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_only_the_first_key_counts(self, autojump_clock: MockClock) -> None:
        twice = Persona(presses=(KeyPress("2", 0.5), KeyPress("1", 0.5)))
        async with stage(Cast(others={"200": twice}, operators=(SARA,))) as here:
            ended = await here.plays(BOTH)
        assert ended.transfer is TransferOutcome.DECLINED


class TestWhisper:
    async def test_without_a_key_both_are_bridged_when_it_is_over(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": presses("2", 0.5)}, operators=(SARA,))) as here:
            ended = await here.plays(WHISPER_ALONE)
            entered = here.records(Kind.BRIDGE_ENTERED)[0].at
            waited = entered - answered(here, operator(here))
            assert heard(here, operator(here)) == [("sound:moment", WHISPER)]
        assert ended.transfer is TransferOutcome.COMPLETED
        assert waited == pytest.approx(WHISPER, abs=0.1)

    @pytest.mark.parametrize("flow", [BOTH, WHISPER_ALONE], ids=["with a key", "without"])
    @pytest.mark.parametrize("after", [0.01, 0.7, WHISPER - 0.001])
    async def test_who_hangs_up_during_it_declines(self, flow: Chart, after: float, autojump_clock: MockClock) -> None:
        others = {"200": Persona(hangs_up=HangUp(Moment.ANSWER, seconds=after))}
        async with stage(Cast(others=others, operators=(SARA,))) as here:
            ended = await here.plays(flow)
        assert (ended.transfer, ended.operator, ended.result) == (TransferOutcome.DECLINED, SARA, "disconnected")

    async def test_the_customer_hears_the_hold_audio_meanwhile(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": presses("1", 6.0)}, operators=(SARA,))) as here:
            await here.plays(BOTH)
            picked_up = answered(here, operator(here))
            audio = held(here, here.calls[0][0].customer.id)
            entered = here.records(Kind.BRIDGE_ENTERED)[0].at
        assert len([began for began, _ in audio if began > picked_up]) >= 4
        assert all(ended <= entered for _, ended in audio)

    @pytest.mark.parametrize("after", [0.0, 0.001, 0.7, WHISPER, 5.0])
    async def test_a_customer_who_leaves_during_it(self, after: float, autojump_clock: MockClock) -> None:
        leaves = HangUp(Moment.ANSWER, seconds=3.3 + after)
        async with stage(Cast(Persona(hangs_up=leaves), others={"200": Persona()}, operators=(SARA,))) as here:
            ended = await here.plays(BOTH)
            assert ended_at(here, operator(here)) - left_at(here, here.calls[0][0]) < 0.1
            assert [load.state.value for load in here.services.operators.snapshot()] == ["ready"]
        assert (ended.transfer, ended.result) == (TransferOutcome.CUSTOMER_LEFT, "disconnected")

    @pytest.mark.parametrize(
        "fault",
        [Fault("POST /channels/*/play/*", status=500), Fault("POST /channels/*/play/*", status=400)],
    )
    async def test_one_that_cannot_be_played_keeps_nobody_apart(self, fault: Fault, autojump_clock: MockClock) -> None:
        async with stage(Cast(others={"200": presses("1", 2.0)}, operators=(SARA,))) as here:
            here.pbx.faults.append(fault)
            ended = await here.plays(BOTH)
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_a_missing_sound_keeps_nobody_apart(self, autojump_clock: MockClock) -> None:
        pbx = PbxConfig(prompt_seconds=PROMPTS, missing=("sound:moment",))
        async with stage(Cast(others={"200": presses("1", 2.0)}, operators=(SARA,), pbx=pbx)) as here:
            ended = await here.plays(WHISPER_ALONE)
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_each_operator_hears_it(self, autojump_clock: MockClock) -> None:
        others = {"200": presses("2", 1.0), "201": presses("1", 3.0)}
        async with stage(Cast(others=others, operators=(SARA, ALI))) as here:
            await here.plays(BOTH)
            assert heard(here, operator(here, 1)) == [("sound:moment", WHISPER)]


@frozen
class Mute:
    """A speaker that fails."""

    async def media(self, text: str) -> str:
        await trio.lowlevel.checkpoint()
        raise ProviderError("no voice")


@frozen
class Slow:
    """A speaker that takes its time."""

    seconds: float

    async def media(self, text: str) -> str:
        await trio.sleep(self.seconds)
        return "sound:moment"


class TestSpoken:
    """The whisper is a sentence."""

    async def said(self, here: Stage, fields: dict[str, str], number: str = CUSTOMER) -> CallResult:
        ended = await here.call(SPOKEN, number=number, fields=fields).run()
        await here.is_swept()
        return ended

    async def test_it_names_the_customer(self, autojump_clock: MockClock) -> None:
        speaker = ScriptedSpeaker()
        async with stage(Cast(others={"200": presses("1", 20.0)}, operators=(SARA,), speaker=speaker)) as here:
            await self.said(here, {"name": "Neda", "town": "{number}", "number": "not theirs"})
            [(media, _)] = heard(here, operator(here))
            assert media == await speaker.media(speaker.said[0])
        assert speaker.said[0] == f"Neda of {{number}} at {CUSTOMER}"

    async def test_what_is_not_known_reads_as_nothing(self, autojump_clock: MockClock) -> None:
        speaker = ScriptedSpeaker()
        async with stage(Cast(others={"200": presses("1", 1.0)}, operators=(SARA,), speaker=speaker)) as here:
            await self.said(here, {"name": "Neda"})
        assert speaker.said == [f"Neda of  at {CUSTOMER}"]

    async def test_it_is_spoken_once_for_all_operators(self, autojump_clock: MockClock) -> None:
        speaker = ScriptedSpeaker()
        others = {"200": presses("2", 1.0), "201": presses("1", 1.0)}
        async with stage(Cast(others=others, operators=(SARA, ALI), speaker=speaker)) as here:
            assert (await self.said(here, {})).operator == ALI
        assert len(speaker.said) == 1

    @pytest.mark.parametrize("speaker", [None, Mute(), Slow(1000.0)], ids=["none", "mute", "for ever"])
    async def test_without_it_the_key_decides(self, speaker: Speaker | None, autojump_clock: MockClock) -> None:
        others = {"200": presses("1", 3.0)}
        async with stage(Cast(others=others, operators=(SARA,), speaker=speaker)) as here:
            ended = await self.said(here, {})
            entered = here.records(Kind.BRIDGE_ENTERED)[0].at
            assert entered - answered(here, operator(here)) == pytest.approx(3.0, abs=0.1)
            assert heard(here, operator(here)) == []
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_it_is_made_ready_while_the_telephone_rings(self, autojump_clock: MockClock) -> None:
        others = {"200": Persona(answers_after=8.0, presses=(KeyPress("1", 3.0),), hangs_up=LEAVES)}
        async with stage(Cast(others=others, operators=(SARA,), speaker=Slow(7.0))) as here:
            await self.said(here, {})
            [whispered] = [each for each in here.records(Kind.PLAYBACK) if each.detail["channel"] == operator(here)]
            assert whispered.at - answered(here, operator(here)) < 0.1

    async def test_one_that_is_not_ready_yet_is_waited_for(self, autojump_clock: MockClock) -> None:
        """The time in which to accept begins when it was heard."""
        others = {"200": presses("1", 10.0 + WHISPER + 5.0)}
        async with stage(Cast(others=others, operators=(SARA,), speaker=Slow(13.3))) as here:
            ended = await self.said(here, {})
            assert heard(here, operator(here)) == [("sound:moment", WHISPER)]
        assert ended.transfer is TransferOutcome.COMPLETED

    async def test_it_is_given_up_when_the_customer_leaves(self, autojump_clock: MockClock) -> None:
        customer = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=5.0))
        async with stage(Cast(customer, operators=(SARA,), speaker=Slow(1000.0), rules=CallRules())) as here:
            ended = await self.said(here, {})
        assert ended.transfer is TransferOutcome.CUSTOMER_LEFT


async def test_a_pbx_that_does_not_answer_ends_the_whisper_and_not_the_choice(autojump_clock: MockClock) -> None:
    others = {"200": presses("1", 6.0)}
    async with stage(Cast(others=others, operators=(SARA,), timeout=2.0)) as here:

        async def hold_back_when_answered() -> None:
            while len(here.records(Kind.ANSWERED)) < 2:
                await trio.sleep(0.001)
            here.pbx.delay("POST /channels/*/play/*", 3.0)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(hold_back_when_answered)
            ended = await here.plays(connecting(", whisper: moment, accept_key: 1", onhold=False))
    assert ended.transfer is TransferOutcome.COMPLETED
