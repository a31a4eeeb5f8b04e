"""Who answered, told by their voice or by Asterisk's AMD; by their talk in test_greeting.py."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from callengine.calls import CallRules
from callengine.model import Cause
from callengine.providers import Answerer
from callengine.simulator import Fault, HangUp, Kind, Moment, Persona, Utterance
from tests.calls.stage import Cast, Stage, chart, stage

VERDICTS = (
    "step: yes, type: set_result, result: answered_unserved, next: end",
    "step: no, type: set_result, result: missed, next: end",
    "step: perhaps, type: set_result, result: unknown, next: end",
    "step: end, type: hangup",
)
START = "step: start, type: entry, next: who"
WHO = "step: who, type: detect_machine, human: yes, machine: no, not_sure: perhaps"
BY_VOICE = chart(START, f"{WHO}, by: voice", *VERDICTS)
BY_AMD = chart(START, f"{WHO}, by: amd", *VERDICTS)
HUMAN, MACHINE, NOT_SURE = "answered_unserved", "missed", "unknown"


def says(*utterances: tuple[float, float], leaves: float | None = None) -> Persona:
    """Somebody who pauses and speaks, in turn, for so many seconds."""
    hangs_up = None if leaves is None else HangUp(Moment.ANSWER, seconds=leaves)
    return Persona(greets=tuple(Utterance(*each) for each in utterances), hangs_up=hangs_up)


HELLO = (0.5, 0.6)


class TestByVoice:
    @pytest.mark.parametrize(
        ("persona", "verdict", "seconds"),
        [
            pytest.param(says(HELLO), HUMAN, 0.5 + 0.6 + 0.8, id="hello"),
            pytest.param(says((0.5, 0.4), (0.5, 0.4)), HUMAN, 1.8 + 0.92, id="hello? hello?"),
            pytest.param(says((0.0, 0.6)), HUMAN, 0.6 + 0.84, id="at once"),
            pytest.param(says((0.5, 1.8)), HUMAN, 2.3 + 1.32, id="hello, this is Anna"),
            pytest.param(says((0.5, 7.0), (0.8, 0.4)), MACHINE, 0.5 + 2.0, id="an announcement"),
            pytest.param(says((0.5, 1.4), (0.9, 5.0)), MACHINE, 0.5 + 1.4 + 0.9 + 0.6, id="a sentence, and more after a pause"),
            pytest.param(says(), NOT_SURE, 2.5, id="nothing"),
            pytest.param(says((3.0, 0.6)), NOT_SURE, 2.5, id="too late"),
        ],
    )
    async def test_it_is_clear_a_moment_after_it_can_be(
        self, persona: Persona, verdict: str, seconds: float, autojump_clock: MockClock
    ) -> None:
        async with stage(Cast(persona)) as here:
            ended = await here.plays(BY_VOICE)
        assert (ended.result, ended.cause) == (verdict, Cause.FLOW_ENDED)
        assert seconds - 0.1 <= ended.seconds <= seconds + 0.3

    async def test_no_recording_of_it_stays(self, autojump_clock: MockClock) -> None:
        """Not even where recordings are kept."""
        rules = CallRules(keep_recordings=True)
        async with stage(Cast(says(HELLO), rules=rules)) as here:
            ended = await here.plays(BY_VOICE)
            assert len(here.records(Kind.RECORDING_DELETED)) == len(here.records(Kind.RECORDING)) >= 2
        assert ended.recordings == ()

    async def test_what_is_heard_is_no_answer_to_what_is_asked_later(self, autojump_clock: MockClock) -> None:
        flow = chart(
            START,
            "step: who, type: detect_machine, by: voice, human: ask, machine: no, not_sure: perhaps",
            "step: ask, type: record, next: yes, on_empty: no, on_failure: perhaps",
            *VERDICTS,
        )
        async with stage(Cast(attrs.evolve(says(HELLO), says=("yes please",)))) as here:
            ended = await here.plays(flow)
        assert (ended.result, ended.transcript) == (HUMAN, "yes please")

    async def test_the_timeline_tells_why(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.5, 9.0)))) as here:
            await here.plays(BY_VOICE)
            [told] = [moment.detail for moment in here.notes.moments if moment.name == "who answered"]
        assert told.startswith(f"{Answerer.MACHINE} after ")
        assert "spoke for 2." in told

    async def test_it_listens_no_longer_than_it_says(self, autojump_clock: MockClock) -> None:
        """To somebody who pauses again and again, each time a little before it is enough."""
        async with stage(Cast(says((2.0, 0.3), *[(0.7, 0.15)] * 30))) as here:
            ended = await here.plays(BY_VOICE)
        assert ended.seconds <= BY_VOICE.scenario.flow.steps[1].airtime(0).seconds + 0.1

    async def test_a_pbx_that_cannot_record_leaves_it_open(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says(HELLO))) as here:
            here.pbx.faults.append(Fault("POST /channels/*/record", status=500))
            ended = await here.plays(BY_VOICE)
        assert (ended.result, ended.cause) == (NOT_SURE, Cause.FLOW_ENDED)

    async def test_without_a_judge_it_goes_by_talk(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.5, 7.0)), judge=None)) as here:
            ended = await here.plays(BY_VOICE)
            assert here.records(Kind.RECORDING) == []
        assert ended.result == MACHINE

    @pytest.mark.parametrize("leaves", [0.05, 0.7, 1.0, 1.3, 2.02])
    async def test_a_hangup_leaves_nothing(self, leaves: float, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.5, 9.0), leaves=leaves))) as here:
            ended = await here.plays(BY_VOICE)
        assert (ended.result, ended.cause) == ("hangup", Cause.CUSTOMER_GONE)

    async def test_lost_events_do_not_matter(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says(HELLO))) as here, trio.open_nursery() as nursery:
            nursery.start_soon(cut_after_answer, here, 0.7)
            ended = await here.plays(BY_VOICE)
        assert (ended.result, ended.cause) == (HUMAN, Cause.FLOW_ENDED)

    async def test_a_message_can_be_left_after_it(self, autojump_clock: MockClock) -> None:
        flow = chart(
            START,
            "step: who, type: detect_machine, by: voice, human: yes, machine: leave, not_sure: perhaps",
            "step: leave, type: leave_message, prompt: hello, silence: 1.5, next: no",
            *VERDICTS,
        )
        async with stage(Cast(says((0.5, 7.0), (0.8, 0.4)))) as here:
            ended = await here.plays(flow)
            [answered], [playback] = here.records(Kind.ANSWERED), here.records(Kind.PLAYBACK)
        assert ended.result == MACHINE
        assert playback.at - answered.at == pytest.approx(8.7 + 1.5, abs=0.1)


async def cut_after_answer(here: Stage, seconds: float) -> None:
    while not here.records(Kind.ANSWERED):
        await trio.sleep(0.01)
    await trio.sleep(seconds)
    here.pbx.cut_event_sockets()


class TestByAmd:
    @pytest.mark.parametrize(
        ("status", "verdict"),
        [("HUMAN", HUMAN), ("MACHINE", MACHINE), ("NOTSURE", NOT_SURE), ("HANGUP", NOT_SURE), ("", NOT_SURE)],
    )
    async def test_the_dialplan_s_word_is_taken(self, status: str, verdict: str, autojump_clock: MockClock) -> None:
        async with stage(Cast(says((0.5, 9.0)))) as here:
            ended = await here.call(BY_AMD, variables={"AMDSTATUS": status}).run()
            await here.is_swept()
        assert (ended.result, ended.cause) == (verdict, Cause.FLOW_ENDED)
        assert ended.seconds < 0.1

    async def test_without_its_word_it_is_open(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(says(HELLO))) as here:
            ended = await here.plays(BY_AMD)
        assert (ended.result, ended.cause) == (NOT_SURE, Cause.FLOW_ENDED)
