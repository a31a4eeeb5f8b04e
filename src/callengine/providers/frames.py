"""Sound cut into frames of 32 ms, each told by how loud it is and whether it is a single tone."""

import math
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import mul

from attrs import define, field, frozen

RATE = 8000
"""Samples a second: the sound of a telephone."""

SAMPLES = 256
SECONDS = SAMPLES / RATE
"""Of a frame."""

_FULL_SCALE = 32768.0
_AUDIBLE = 0.005
"""Below it, no tone is looked for."""

_LOWEST, _HIGHEST = 350.0, 2200.0
"""Hertz: what beeps of answering machines lie between."""

_PURE = 0.85
"""The part of a frame's energy that lies at one frequency, if it is a tone. Vowels come near it for moments only."""


@frozen
class Frame:
    """A moment of sound.

    Attributes:
        samples: `SAMPLES` of them.
        loudness: the root mean square, as a part of full scale.
        tone: hertz, where all of it is one tone of those that machines beep in; 0 otherwise.
    """

    samples: "array[int]"
    loudness: float
    tone: float


@define
class Framing:
    """Cuts sound that comes in pieces of any length into frames; what is left over waits for the next piece."""

    _left: "array[int]" = field(factory=lambda: array("h"), init=False)

    def frames(self, samples: "array[int]") -> Iterator[Frame]:
        """The frames that these samples complete."""
        self._left += samples
        whole = len(self._left) // SAMPLES * SAMPLES
        ready, self._left = self._left[:whole], self._left[whole:]
        for at in range(0, whole, SAMPLES):
            yield frame_of(ready[at : at + SAMPLES])


def frame_of(samples: "array[int]") -> Frame:
    """A frame of `SAMPLES` samples at `RATE`."""
    energy = sum(map(mul, samples, samples))
    loudness = math.sqrt(energy / SAMPLES) / _FULL_SCALE
    return Frame(samples, loudness, _tone(samples, energy) if loudness >= _AUDIBLE else 0.0)


def _tone(samples: Sequence[int], energy: int) -> float:
    hertz = _frequency(samples)
    if not _LOWEST <= hertz <= _HIGHEST:
        return 0.0
    return hertz if 2 * _power(samples, hertz) >= _PURE * energy * SAMPLES else 0.0


def _frequency(samples: Sequence[int]) -> float:
    """How often a second it rises through zero; exact for a tone."""
    rises = [at + before / (before - after) for at, (before, after) in enumerate(pairwise(samples)) if before < 0 <= after]
    return (len(rises) - 1) * RATE / (rises[-1] - rises[0]) if len(rises) > 1 else 0.0


def _power(samples: Sequence[int], hertz: float) -> float:
    """The square of what lies at a frequency, by Goertzel's algorithm."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    return last * last + before * before - turn * last * before
