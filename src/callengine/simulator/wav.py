"""What a recorded person sounds like: a tone while they speak, silence else, and the words themselves in a chunk of their own.

Players skip chunks they do not know, so the file is an ordinary WAV; a speech recogniser made for the simulation reads
the words from the chunk `said` (UTF-8).
"""

import math
import struct
from array import array
from functools import lru_cache

RATE = 8000
_TONE_HZ = 400
_LOUDNESS = 8000


def speech_seconds(text: str) -> float:
    """How long it takes to say a text: about 15 letters a second, and never less than 0.6 s."""
    return round(max(0.6, len(text) / 15), 3) if text else 0.0


@lru_cache(maxsize=128)
def spoken_wav(text: str, talking: float, silence: float) -> bytes:
    """A mono 16-bit WAV of `talking` seconds of tone, then `silence` seconds of nothing, then what was said."""
    samples = _tone(int(talking * RATE)) + bytes(2 * int(silence * RATE))
    said = text.encode()
    chunks = (
        _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)) + _chunk(b"data", samples) + _chunk(b"said", said)
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _tone(samples: int) -> bytes:
    period = RATE // _TONE_HZ
    wave = array("h", (int(_LOUDNESS * math.sin(2 * math.pi * n / period)) for n in range(period))).tobytes()
    return (wave * (samples // period + 1))[: 2 * samples]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
