"""How a call was answered, and what is left on an answering machine."""

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.errors import ProviderUnavailable
from callengine.fsm.steps import LONGEST_SYNTHESIS
from callengine.model import Cause
from callengine.providers.scripted import ScriptedSpeaker
from callengine.simulator import Fault, HangUp, Kind, Moment, Persona, Utterance
from tests.calls.stage import Cast, Stage, chart, stage

WHO = chart(
    "step: start, type: entry, next: who",
    "step: who, type: detect_machine, human: yes, machine: no, not_sure: perhaps",
    "step: yes, type: set_result, result: answered_unserved, next: end",
    "step: no, type: set_result, result: missed, next: end",
    "step: perhaps, type: set_result, result: unknown, next: end",
    "step: end, type: hangup",
)
HUMAN, MACHINE, NOT_SURE = "answered_unserved", "missed", "unknown"


def says(*utterances: tuple[float, float], leaves: float | None = None) -> Persona:
    """Somebody who pauses and speaks, in turn, for so many seconds."""
    hangs_up = None if leaves is None else HangUp(Moment.ANSWER, seconds=leaves)
    return Persona(greets=tuple(Utterance(*each) for each in utterances), hangs_up=hangs_up)


MESSAGE = Utterance(0.5, 7.0), Utterance(0.8, 0.4)
ANSWERING_MACHINE = Persona(greets=MESSAGE)
BEEP_OVER = 8.7
"""Seconds after its answer."""


class TestDetectMachine:
    @pytest.mark.parametrize(
        ("persona", "verdict", "seconds"),
        [
            pytest.param(says((0.5, 0.6)), HUMAN, 0.5 + 0.6 + 0.8, id="hello"),
            pytest.param(says((0.5, 0.3), (0.5, 0.3)), HUMAN, 1.6 + 0.8, id="hello? hello?"),
            pytest.param(says((0.0, 0.6)), HUMAN, 0.6 + 0.8, id="at once"),
            pytest.param(ANSWERING_MACHINE, MACHINE, 0.5 + 1.5 + 0.8, id="an announcement"),
            pytest.param(says((0.5, 0.6), (0.7, 0.6)), MACHINE, 0.5 + 1.5 + 0.8, id="words that go on and on"),
            pytest.param(says((0.5, 0.6), (1.0, 5.0)), HUMAN, 0.5 + 0.6 + 0.8, id="a word, and more after a pause"),
            pytest.param(says(), NOT_SURE, 2.5, id="nothing"),
            pytest.param(says((3.0, 0.6)), NOT_SURE, 2.5, id="too late"),
        ],
    )
    async def test_it_is_told_by_how_long_they_speak(
        self, persona: Persona, verdict: str, seconds: float, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(persona)) as here:
            ended = await here.plays(WHO)
        assert (ended.result, ended.cause) == (verdict, Cause.FLOW_ENDED)
        assert ended.seconds == pytest.approx(seconds, abs=0.05)

    async def test_it_listens_no_longer_than_it_says(self, autojump_clock: MockClock) -> None:
        """Somebody who hears no end of it."""
        async with stage(Cast(says((2.4, 60.0)))) as here:
            ended = await here.plays(WHO)
        assert ended.result == MACHINE
        assert ended.seconds <= WHO.scenario.flow.steps[1].airtime(0).seconds + 0.05

    async def test_a_pbx_that_cannot_listen_leaves_it_open(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.5, 0.6)))) as here:
            here.pbx.faults.append(Fault("POST /channels/*/variable", status=500))
            ended = await here.plays(WHO)
        assert (ended.result, ended.cause) == (NOT_SURE, Cause.FLOW_ENDED)

    async def test_lost_events_leave_it_open(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.2, 0.6)))) as here, trio.open_nursery() as nursery:
            nursery.start_soon(cut_after_answer, here, 0.5)
            ended = await here.plays(WHO)
        assert (ended.result, ended.cause) == (NOT_SURE, Cause.FLOW_ENDED)

    async def test_a_hangup_ends_it(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.5, 9.0), leaves=1.0))) as here:
            ended = await here.plays(WHO)
        assert (ended.result, ended.cause) == ("hangup", Cause.CUSTOMER_GONE)


async def cut_after_answer(here: Stage, seconds: float) -> None:
    while not here.records(Kind.ANSWERED):
        await trio.sleep(0.01)
    await trio.sleep(seconds)
    here.pbx.cut_event_sockets()


def leaving(*keys: str) -> str:
    return ", ".join(("step: leave, type: leave_message, next: left, on_failure: mute", *keys))


VERDICTS = (
    "step: left, type: set_result, result: missed, next: end",
    "step: mute, type: set_result, result: banned, next: end",
    "step: end, type: hangup",
)
START = "step: start, type: entry, next: leave"


@define
class SlowSpeaker(ScriptedSpeaker):
    """Takes so many seconds."""

    seconds: float = field(kw_only=True)

    async def media(self, text: str) -> str:
        await trio.sleep(self.seconds)
        return await super().media(text)


class FailingSpeaker(ScriptedSpeaker):
    async def media(self, text: str) -> str:
        raise ProviderUnavailable("no answer")


def began(here: Stage) -> float:
    """Seconds after the answer at which the message began to play."""
    [answered], [playback] = here.records(Kind.ANSWERED), here.records(Kind.PLAYBACK)
    return playback.at - answered.at


class TestLeaveMessage:
    PROMPT = chart(START, leaving("prompt: hello", "silence: 1.5", "wait: 20"), *VERDICTS)
    TEXT = chart(START, leaving('text: "call {number} back"', "silence: 1.5", "wait: 20"), *VERDICTS)

    @pytest.mark.parametrize(
        ("persona", "at"),
        [
            pytest.param(ANSWERING_MACHINE, BEEP_OVER + 1.5, id="greeting and beep"),
            pytest.param(says((0.5, 3.0), (1.4, 3.0)), 7.9 + 1.5, id="a pause in the greeting"),
            pytest.param(says(), 1.5, id="nothing is said"),
            pytest.param(says((0.2, 90.0)), 20.0, id="it never ends"),
        ],
    )
    async def test_it_waits_until_the_machine_is_silent(self, persona: Persona, at: float, autojump_clock: MockClock) -> None:
        async with stage(Cast(persona)) as here:
            ended = await here.plays(self.PROMPT)
            assert began(here) == pytest.approx(at, abs=0.05)
        assert (ended.result, ended.cause) == ("missed", Cause.FLOW_ENDED)
        assert ended.seconds == pytest.approx(at + 2.0, abs=0.1)

    async def test_it_speaks_a_text_that_is_made_ready_meanwhile(self, autojump_clock: MockClock) -> None:
        speaker = SlowSpeaker(seconds=6.0)
        async with stage(Cast(ANSWERING_MACHINE, speaker=speaker)) as here:
            ended = await here.plays(self.TEXT)
            assert began(here) == pytest.approx(BEEP_OVER + 1.5, abs=0.05)
        assert ended.result == "missed"
        assert speaker.said == ["call 09121234567 back"]

    async def test_a_text_that_takes_longer_than_the_greeting_is_waited_for(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says(), speaker=SlowSpeaker(seconds=6.0))) as here:
            await here.plays(self.TEXT)
            assert began(here) == pytest.approx(6.0, abs=0.05)

    @pytest.mark.parametrize(
        "speaker", [None, FailingSpeaker(), SlowSpeaker(seconds=LONGEST_SYNTHESIS + 5)], ids=["none", "fails", "slow"]
    )
    async def test_a_text_that_cannot_be_spoken_is_a_failure(
        self, speaker: ScriptedSpeaker | None, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(says(), speaker=speaker)) as here:
            ended = await here.plays(self.TEXT)
            assert here.records(Kind.PLAYBACK) == []
        assert (ended.result, ended.cause) == ("banned", Cause.FLOW_ENDED)
        assert ended.seconds <= LONGEST_SYNTHESIS + 0.1

    async def test_a_pbx_that_cannot_listen_waits_as_long_as_it_may(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(ANSWERING_MACHINE)) as here:
            here.pbx.faults.append(Fault("POST /channels/*/variable", status=500))
            await here.plays(self.PROMPT)
            assert began(here) == pytest.approx(20.0, abs=0.05)

    async def test_after_lost_events_it_waits_as_long_as_it_may(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(ANSWERING_MACHINE)) as here, trio.open_nursery() as nursery:
            nursery.start_soon(cut_after_answer, here, 3.0)
            await here.plays(self.PROMPT)
            assert began(here) == pytest.approx(20.0, abs=0.05)

    @pytest.mark.parametrize("leaves", [0.1, 4.0, 11.0], ids=["before it speaks", "while it speaks", "during the message"])
    async def test_a_hangup_ends_it(self, leaves: float, autojump_clock: MockClock) -> None:
        persona = Persona(greets=MESSAGE, hangs_up=HangUp(Moment.ANSWER, seconds=leaves))
        async with stage(Cast(persona)) as here:
            ended = await here.plays(self.PROMPT)
        assert (ended.result, ended.cause) == ("hangup", Cause.CUSTOMER_GONE)

    async def test_it_follows_detect_machine(self, autojump_clock: MockClock) -> None:
        """The same greeting serves both: who was found to be a machine is still speaking."""
        flow = chart(
            "step: start, type: entry, next: who",
            "step: who, type: detect_machine, human: end, machine: leave, not_sure: end",
            leaving("prompt: hello", "silence: 1.5"),
            *VERDICTS,
        )
        async with stage(Cast(ANSWERING_MACHINE)) as here:
            ended = await here.plays(flow)
            assert began(here) == pytest.approx(BEEP_OVER + 1.5, abs=0.05)
        assert ended.result == "missed"
