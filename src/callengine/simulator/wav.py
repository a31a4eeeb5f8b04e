"""What a recorded person sounds like: a tone while they speak, silence else, and the words themselves in a chunk of their own.
One who is overheard without being asked for words rises and falls, as speech does.

Players skip chunks they do not know, so the file is an ordinary WAV; a speech recogniser made for the simulation reads
the words from the chunk `said` (UTF-8).
"""

import math
import struct
from array import array
from collections.abc import Iterable
from functools import lru_cache

RATE = 8000
_TONE_HZ = 400
_LOUDNESS = 8000
_VOICE_HZ = (400, 1000)
_SYLLABLE = 800
"""Samples of a loud sound, and of the soft one that follows."""


def speech_seconds(text: str) -> float:
    """How long it takes to say a text: about 15 letters a second, and never less than 0.6 s."""
    return round(max(0.6, len(text) / 15), 3) if text else 0.0


@lru_cache(maxsize=128)
def spoken_wav(text: str, talking: float, silence: float) -> bytes:
    """A mono 16-bit WAV of `talking` seconds of tone, then `silence` seconds of nothing, then what was said."""
    return _file(_tone(int(talking * RATE)) + bytes(2 * int(silence * RATE)), _chunk(b"said", text.encode()))


def overheard_wav(spans: Iterable[tuple[float, float]], seconds: float) -> bytes:
    """A mono 16-bit WAV of so many seconds in which somebody speaks during each span, from its begin to its end."""
    samples = bytearray(2 * int(seconds * RATE))
    syllables = _syllables()
    for began, ended in spans:
        first, length = 2 * int(began * RATE), 2 * int((ended - began) * RATE)
        samples[first : first + length] = (syllables * (length // len(syllables) + 1))[:length]
    return _file(bytes(samples[: 2 * int(seconds * RATE)]))


def _file(samples: bytes, more: bytes = b"") -> bytes:
    chunks = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)) + _chunk(b"data", samples) + more
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@lru_cache(maxsize=1)
def _syllables() -> bytes:
    """A loud sound and a soft one, of two tones, since one alone would be a beep."""
    wave = [sum(math.sin(2 * math.pi * hertz * n / RATE) for hertz in _VOICE_HZ) for n in range(_SYLLABLE)]
    loud = array("h", (int(_LOUDNESS / 2 * sample) for sample in wave))
    soft = array("h", (int(_LOUDNESS / 8 * sample) for sample in wave))
    return loud.tobytes() + soft.tobytes()


def _tone(samples: int) -> bytes:
    period = RATE // _TONE_HZ
    wave = array("h", (int(_LOUDNESS * math.sin(2 * math.pi * n / period)) for n in range(period))).tobytes()
    return (wave * (samples // period + 1))[: 2 * samples]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
