"""A conversation: what never ends by itself is given up, and lost events are made up for."""

import pytest
import trio
from trio.testing import MockClock

from callengine.ari import PlaybackFinished, RecordingFinished
from callengine.fsm.steps import LONGEST_PROMPT, RECORDING_MARGIN
from callengine.model import Cause
from callengine.simulator import Kind, Persona
from tests.calls.stage import Cast, DeafRouter, chart, stage

HELLO = chart(
    "step: start, type: entry, next: say", "step: say, type: play_prompt, prompt: hello, next: end", "step: end, type: hangup"
)
LISTEN = chart("step: start, type: entry, next: listen", "step: listen, type: record, next: end", "step: end, type: hangup")


class TestWhatIsNeverHeard:
    async def test_the_end_of_a_prompt(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(router=DeafRouter((PlaybackFinished,)))) as here:
            ended = await here.plays(HELLO)
        assert ended.cause is Cause.FLOW_ENDED
        assert ended.seconds == pytest.approx(LONGEST_PROMPT, abs=1)

    async def test_the_end_of_a_recording(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(Persona(says=("yes please",)), router=DeafRouter((RecordingFinished,)))) as here:
            ended = await here.plays(LISTEN)
        assert ended.result == "failed:record"
        assert ended.seconds == pytest.approx(6 + RECORDING_MARGIN, abs=1)


class TestLostEvents:
    async def test_a_prompt_that_ended_unheard_is_over(self, autojump_clock: MockClock) -> None:
        async with stage(Cast(router=DeafRouter((PlaybackFinished,)))) as here, trio.open_nursery() as nursery:

            @nursery.start_soon
            async def drop() -> None:
                await trio.sleep(8)
                here.pbx.cut_event_sockets()

            ended = await here.plays(HELLO)
        assert ended.cause is Cause.FLOW_ENDED
        assert ended.seconds < 10

    async def test_a_recording_under_way_is_stopped_and_used(self, autojump_clock: MockClock) -> None:
        said = "yes please, and this goes on for a good while until it is stopped"
        async with stage(Cast(Persona(says=(said,)))) as here, trio.open_nursery() as nursery:

            @nursery.start_soon
            async def drop() -> None:
                await trio.sleep(4.5)
                here.pbx.cut_event_sockets()

            ended = await here.plays(LISTEN)
            [recording] = here.records(Kind.RECORDING_ENDED)
        assert ended.cause is Cause.FLOW_ENDED
        assert said.startswith(ended.transcript)
        assert 0 < len(ended.transcript) < len(said)
        assert recording.detail["state"] == "done"
