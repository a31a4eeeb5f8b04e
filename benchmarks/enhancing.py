"""What enhancement does to recordings before they are recognised: phrases known by pocketsphinx with and without it, and time.

Speech of espeak-ng at 8 kHz, in six voices; noise is added to it. Nobody's real calls: the figures tell about pocketsphinx.
"""

import random
import statistics
import time
from array import array
from collections.abc import Iterator

import trio
from attrs import frozen

from benchmarks.figures import Figure
from callengine.providers import SpeechHints, SpeechToText, Voice
from callengine.providers.audio import Sound, write_wav
from callengine.providers.enhancing import EnhancedSpeechToText
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.local import PocketsphinxSpeechToText

RATE = 8_000
VOICES = ("en-us", "en-us+f3", "en-gb", "en-gb+m3", "en-us+m7", "en-gb+f2")
PHRASES = (
    "yes",
    "no",
    "sure",
    "yes please",
    "not interested",
    "of course",
    "call me later",
    "no thank you",
    "where did you get my number",
    "who is this",
)
OTHERS = ("what is the weather like today", "i have seven houses", "hold on a moment", "seventeen", "good evening")
"""That are none of the phrases; to know one of them would be wrong."""

HINTS = SpeechHints(phrases=PHRASES)


@frozen
class Noise:
    """What is added to speech.

    Attributes:
        below: decibels below the speech; infinity for none.
        hum: of the mains, in place of hiss.
    """

    name: str
    below: float
    hum: bool = False


NOISES = (
    Noise("no noise", float("inf")),
    Noise("hiss 20 dB below", 20.0),
    Noise("hiss 10 dB below", 10.0),
    Noise("hiss 5 dB below", 5.0),
    Noise("hum 5 dB below", 5.0, hum=True),
)


def noisy(sound: Sound, noise: Noise, dice: random.Random) -> Sound:
    """Speech with noise."""
    loudness = statistics.fmean(sample * sample for sample in sound.samples) ** 0.5 * 10 ** (-noise.below / 20)
    period = sound.rate // 50
    wave = (2**0.5 if place % period < period / 2 else -(2**0.5) for place in range(len(sound.samples)))
    added = (each * loudness / 2**0.5 for each in wave) if noise.hum else (dice.gauss(0, loudness) for _ in sound.samples)
    mixed = (round(sample + more) for sample, more in zip(sound.samples, added, strict=True))
    return Sound(sound.rate, array("h", (max(-32768, min(32767, sample)) for sample in mixed)))


async def _speech(ffmpeg: Ffmpeg) -> list[tuple[str, Sound]]:
    """Every phrase in every voice, and what is none, with half a second of silence around it."""
    espeak, spoken = EspeakTextToSpeech(), []
    for name in VOICES:
        for phrase in (*PHRASES, *OTHERS):
            sound = await ffmpeg.convert(await espeak.synthesise(phrase, Voice(name=name)), RATE)
            silence = array("h", bytes(RATE))
            spoken.append((phrase, Sound(RATE, silence + sound.samples + silence)))
    return spoken


@frozen
class Heard:
    """What came of some recordings.

    Attributes:
        known: phrases that were heard as they are.
        mistaken: others that were taken for a phrase.
        seconds: that one took.
    """

    known: int
    mistaken: int
    seconds: float


async def _heard(ears: SpeechToText, recordings: list[tuple[str, bytes]]) -> Heard:
    began = time.perf_counter()
    heard = [(said, await ears.transcribe(recording, HINTS)) for said, recording in recordings]
    known = sum(said == meant for said, meant in heard)
    mistaken = sum(said in OTHERS and meant != "" for said, meant in heard)
    return Heard(known, mistaken, (time.perf_counter() - began) / len(recordings))


async def _measure() -> list[Figure]:
    ffmpeg, ears = Ffmpeg(), await PocketsphinxSpeechToText.load()
    speech, dice, figures = await _speech(ffmpeg), random.Random(7), []
    spent = []
    for noise in NOISES:
        recordings = [(phrase, write_wav(noisy(sound, noise, dice))) for phrase, sound in speech]
        for name, listener in (("as it is", ears), ("enhanced", EnhancedSpeechToText(ears, ffmpeg))):
            heard = await _heard(listener, recordings)
            figures.append(Figure(f"{noise.name}, {name}: known", heard.known, f"of {len(VOICES) * len(PHRASES)}"))
            figures.append(Figure(f"{noise.name}, {name}: mistaken", heard.mistaken, f"of {len(VOICES) * len(OTHERS)}"))
            spent.append(heard.seconds)
    figures.append(Figure("time that enhancement adds", (sum(spent[1::2]) - sum(spent[::2])) / len(NOISES), "s a recording"))
    return figures


def measure() -> Iterator[Figure]:
    """All figures."""
    yield from trio.run(_measure)
