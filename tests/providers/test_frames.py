"""Sound cut into frames, and tones in them."""

import math
import random
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.providers.frames import RATE, SAMPLES, Frame, Framing, frame_of


def wave(*tones: tuple[float, float], noise: float = 0.0, seconds: float = 1.0) -> "array[int]":
    """Tones of so many hertz and so loud, together."""
    rng = random.Random(1)
    return array(
        "h",
        (
            round(sum(loud * math.sin(2 * math.pi * hertz * n / RATE) for hertz, loud in tones) + rng.gauss(0, noise))
            for n in range(round(seconds * RATE))
        ),
    )


def tones_of(samples: "array[int]") -> list[float]:
    return [frame.tone for frame in Framing().frames(samples)]


@pytest.mark.parametrize("hertz", [400.0, 440.0, 850.0, 1000.0, 1234.5, 1400.0, 2000.0])
@pytest.mark.parametrize("noise", [0.0, 400.0])
def test_beeps_are_tones(hertz: float, noise: float) -> None:
    assert tones_of(wave((hertz, 8000), noise=noise)) == [pytest.approx(hertz, rel=0.02)] * (RATE // SAMPLES)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(wave((440, 6000), (480, 6000)), id="ringing"),
        pytest.param(wave((480, 6000), (620, 6000)), id="busy"),
        pytest.param(wave((697, 6000), (1209, 6000)), id="a key"),
        pytest.param(wave((200, 6000)), id="a hum"),
        pytest.param(wave((3000, 6000)), id="a whistle"),
        pytest.param(wave((150, 4000), (300, 4000), (450, 6000), (600, 4000)), id="a vowel"),
        pytest.param(wave(noise=4000), id="noise"),
        pytest.param(wave((1000, 80)), id="a tone that nobody hears"),
        pytest.param(wave(), id="silence"),
    ],
)
def test_other_sounds_are_none(samples: "array[int]") -> None:
    assert sum(tone > 0 for tone in tones_of(samples)) <= 3


def test_loudness_is_a_part_of_full_scale() -> None:
    assert frame_of(array("h", [0] * SAMPLES)) == Frame(array("h", [0] * SAMPLES), 0.0, 0.0)
    assert frame_of(array("h", [16384, -16384] * (SAMPLES // 2))).loudness == pytest.approx(0.5)
    assert frame_of(array("h", [-32768] * SAMPLES)).loudness == pytest.approx(1.0)


@given(st.lists(st.integers(-32768, 32767), max_size=4 * SAMPLES), st.lists(st.integers(0, 4 * SAMPLES), max_size=6))
def test_it_does_not_matter_how_it_comes(samples: list[int], cuts: list[int]) -> None:
    sound = array("h", samples)
    bounds = [0, *sorted(min(cut, len(sound)) for cut in cuts), len(sound)]
    framing = Framing()
    pieces = [list(framing.frames(sound[begin:end])) for begin, end in pairwise(bounds)]
    frames = [frame for piece in pieces for frame in piece]
    assert frames == list(Framing().frames(sound))
    assert len(frames) == len(sound) // SAMPLES
