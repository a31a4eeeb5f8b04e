"""Telling people from machines by what is heard, frame by frame."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.providers.frames import SECONDS
from callengine.providers.greeting import Answerer, GreetingListener, GreetingRules, Judgement

Heard = tuple[float, float, float]
"""How likely it is speech, how loud it is, the tone it is."""

QUIET: Heard = (0.0, 0.0, 0.0)
LOUD: Heard = (0.9, 0.2, 0.0)
SOFT: Heard = (0.8, 0.05, 0.0)
NOISE: Heard = (0.1, 0.1, 0.0)


def silent(seconds: float, what: Heard = QUIET) -> list[Heard]:
    return [what] * round(seconds / SECONDS)


def speech(seconds: float) -> list[Heard]:
    """Four syllables a second."""
    return [LOUD if place // 4 % 2 == 0 else SOFT for place in range(round(seconds / SECONDS))]


def tone(seconds: float, hertz: float = 1000.0, voice: float = 0.0) -> list[Heard]:
    return [(voice, 0.2, hertz)] * round(seconds / SECONDS)


def judged(*parts: Iterable[Heard], rules: GreetingRules | None = None) -> Judgement:
    listener = GreetingListener(rules or GreetingRules())
    for part in parts:
        for each in part:
            listener.hear(*each)
    return listener.end()


PATIENT = 8.0


@pytest.mark.parametrize(
    ("parts", "who", "at"),
    [
        pytest.param([silent(0.5), speech(0.5), silent(9)], Answerer.PERSON, 1.0 + 0.8, id="hello"),
        pytest.param([silent(0.5), speech(0.5), silent(9, NOISE)], Answerer.PERSON, 1.0 + 0.8, id="hello in a noise"),
        pytest.param([speech(1.5), silent(9)], Answerer.PERSON, 1.5 + 1.2, id="the more is said, the longer it must be silent"),
        pytest.param([speech(0.3), silent(0.6), speech(0.4), silent(9)], Answerer.PERSON, 1.3 + 0.88, id="hello? hello?"),
        pytest.param([silent(0.5), speech(9)], Answerer.MACHINE, 0.5 + 2.0, id="an announcement"),
        pytest.param([speech(1.4), silent(0.9), speech(5)], Answerer.MACHINE, 2.3 + 0.6, id="a sentence, a pause, another"),
        pytest.param([speech(0.6), silent(0.5), tone(0.4)], Answerer.MACHINE, 1.1 + 0.16, id="a word and a beep"),
        pytest.param([silent(0.5), tone(0.4, voice=0.9)], Answerer.MACHINE, 0.5 + 0.16, id="a beep that passes for a voice"),
        pytest.param([silent(9)], Answerer.NOT_SURE, 2.5, id="nothing"),
        pytest.param([silent(9, NOISE)], Answerer.NOT_SURE, 2.5, id="noise"),
        pytest.param([silent(1), speech(0.06), silent(9)], Answerer.NOT_SURE, 2.5, id="a click"),
        pytest.param([silent(2.6), speech(0.5)], Answerer.NOT_SURE, 2.5, id="too late"),
        pytest.param([silent(0.5, NOISE), silent(9, LOUD)], Answerer.NOT_SURE, PATIENT, id="a cry without syllables"),
    ],
)
def test_who_it_was_and_when_it_was_clear(parts: list[list[Heard]], who: Answerer, at: float) -> None:
    judgement = judged(*parts)
    assert judgement.who is who
    assert judgement.at == pytest.approx(at, abs=0.1)


def test_what_was_heard_is_told() -> None:
    told = judged(silent(0.48), speech(0.32), silent(0.64), speech(0.96), silent(3)).features
    assert told.initial_silence == pytest.approx(0.48)
    assert told.first_utterance == pytest.approx(0.32)
    assert told.voiced == pytest.approx(1.28)
    assert list(told.pauses) == [pytest.approx(0.64)]
    assert 4 <= told.syllables <= 7
    assert told.beep == 0.0


def test_a_gap_between_words_is_no_pause() -> None:
    told = judged(speech(0.48), silent(0.128), speech(0.48), silent(3)).features
    assert told.pauses == ()
    assert told.first_utterance == told.greeting == pytest.approx(1.088)
    assert told.voiced == pytest.approx(0.96)


@pytest.mark.parametrize(
    ("parts", "who"),
    [
        pytest.param([speech(0.5), silent(0.6)], Answerer.PERSON, id="nearly silent for long enough"),
        pytest.param([speech(0.5), silent(0.2)], Answerer.NOT_SURE, id="just silent"),
        pytest.param([speech(0.5)], Answerer.NOT_SURE, id="in the middle of a word"),
        pytest.param([silent(1.0)], Answerer.NOT_SURE, id="silent so far"),
        pytest.param([], Answerer.NOT_SURE, id="nothing"),
    ],
)
def test_where_the_sound_ends_it_is_judged_by_what_there_is(parts: list[list[Heard]], who: Answerer) -> None:
    assert judged(*parts).who is who


def test_the_rules_are_those_given() -> None:
    longer = GreetingRules(longest_greeting=4.0, patience=20.0)
    assert judged(speech(3.5), silent(9), rules=longer).who is Answerer.PERSON
    assert judged(speech(3.5), silent(9)).who is Answerer.MACHINE
    assert judged(speech(0.5), silent(0.6), speech(0.5), rules=GreetingRules(after_greeting=0.4)).at < 1.2


frames = st.tuples(
    st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), st.sampled_from([0.0, 0.02, 0.3]), st.sampled_from([0.0, 0.0, 440.0, 1000.0])
)
runs = st.lists(st.tuples(frames, st.integers(1, 40)), max_size=30).map(
    lambda lengths: [frame for frame, count in lengths for _ in range(count)]
)


@given(runs)
def test_a_judgement_does_not_change(heard: list[Heard]) -> None:
    listener, first = GreetingListener(), None
    for each in heard:
        now = listener.hear(*each)
        assert first is None or now is first
        first = now
    last = listener.end()
    assert first is None or last is first
    assert listener.end() is last


@given(runs)
def test_it_is_clear_in_time(heard: list[Heard]) -> None:
    listener = GreetingListener()
    for each in heard:
        listener.hear(*each)
    assert listener.end().at <= listener.rules.patience + SECONDS


@given(st.lists(st.tuples(st.floats(0, 0.49), st.floats(0, 1)), max_size=300))
def test_what_is_neither_speech_nor_a_tone_is_never_a_machine(heard: list[tuple[float, float]]) -> None:
    judgement = judged([(voice, loudness, 0.0) for voice, loudness in heard])
    assert judgement.who is Answerer.NOT_SURE


@pytest.mark.parametrize(
    ("parts", "seconds"),
    [
        pytest.param([silent(1.0)], 1.5, id="they may stay silent"),
        pytest.param([silent(1.0), speech(0.5)], 0.8, id="they may have finished"),
        pytest.param([silent(1.0), speech(1.8)], 0.2, id="they may speak on"),
        pytest.param([silent(1.0), speech(0.5), silent(0.5)], 0.3, id="they may stay silent after a word"),
        pytest.param([silent(9.0)], 0.0, id="it is clear"),
    ],
)
def test_when_it_is_worth_asking_again(parts: list[list[Heard]], seconds: float) -> None:
    listener = GreetingListener()
    for part in parts:
        for each in part:
            listener.hear(*each)
    assert listener.clear_in == pytest.approx(seconds, abs=0.07)
    clear = listener.judgement is not None
    for each in [QUIET if seconds > 0.25 else LOUD] * round((listener.clear_in + SECONDS) / SECONDS):
        clear = listener.hear(*each) is not None
    assert clear
