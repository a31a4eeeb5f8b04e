"""Hears what a recording says: pocketsphinx with a grammar of the phrases that may have been said, no service involved."""

import io
import subprocess
import wave
from collections.abc import Sequence

from pocketsphinx import Decoder  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.speech import RATE

MODEL_RATE = 16000

WIDE = {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80, "bestpath": False}
"""With pocketsphinx's own settings a longer phrase often lost its last words, and "no" was not heard in one of ten."""

QUIET = 0.02
"""Below this nobody spoke: asked to hear one of the phrases, the decoder would hear one in silence too."""


def hear(recording: bytes, phrases: Sequence[str]) -> str:
    """Which of these phrases the WAV says; "" if none is made out."""
    if loudest(recording) < QUIET:
        return ""
    grammar = f"#JSGF V1.0; grammar said; public <said> = {' | '.join(phrases)};"
    decoder = Decoder(lm=None, loglevel="FATAL", **WIDE)
    decoder.add_jsgf_string("said", grammar)
    decoder.activate_search("said")
    decoder.start_utt()
    decoder.process_raw(resampled(recording), full_utt=True)
    decoder.end_utt()
    heard = decoder.hyp()
    return "" if heard is None else str(heard.hypstr)


def resampled(recording: bytes) -> bytes:
    """Samples at the rate of pocketsphinx's model, and half a second of silence behind them.

    Asterisk cuts a recording close to its last word, and without silence behind it the decoder does not accept that word.
    """
    raw = ["-t", "raw", "-e", "signed", "-b", "16", "-r", str(MODEL_RATE), "-"]
    return subprocess.run(
        ["sox", "-t", "wav", "-", *raw, "pad", "0", "0.5"], input=recording, capture_output=True, check=True
    ).stdout


def samples(recording: bytes) -> bytes:
    """The 16-bit samples of a mono WAV of telephone quality."""
    with wave.open(io.BytesIO(recording)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        frames: bytes = file.readframes(file.getnframes())
    return frames


def seconds(recording: bytes) -> float:
    return len(samples(recording)) / 2 / RATE


def loudest(recording: bytes) -> float:
    """The largest sample, of 1.0."""
    data = memoryview(samples(recording)).cast("h")
    return max((abs(sample) for sample in data), default=0) / 32768
