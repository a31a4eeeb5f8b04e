"""Speech for phones and prompts: spoken by espeak-ng, as 8 kHz u-law, the sound of a telephone line."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from tests.e2e.packages import require
from tests.e2e.rootfs import cache_folder, locked

RATE = 8000
"""Samples a second; in u-law one byte each."""

SILENCE = b"\xff"
"""One u-law sample of silence."""

LOUD, SOFT = b"\x9f", b"\x1f"
"""Two u-law samples, as far above zero as below it: by turns they are a tone."""


@frozen
class Utterance:
    """Something a person says.

    Attributes:
        phrase: the words, English.
        pause: seconds of silence before it, counted from the answer or from the end of what was said last.
    """

    phrase: str
    pause: float


@frozen
class Beep:
    """A tone of an answering machine, after so many seconds of silence; as `Utterance`."""

    pause: float
    seconds: float


SPOKEN = ("espeak-ng", "-v", "en-us", "-s", "130")
TELEPHONE = ("-t", "raw", "-e", "u-law", "-b", "8", "-r", str(RATE), "-c", "1")
TRIMMED = ("gain", "-n", "-3", *("silence", "1", "0.01", "1%", "reverse") * 2)
"""Loud enough for any line, and without espeak-ng's own silence in front and behind."""


def speak(phrase: str) -> bytes:
    """The phrase as raw u-law, synthesised once and then kept in the cache.

    Raises:
        CannotFetch: espeak-ng or sox is missing and cannot be installed.
    """
    folder = cache_folder() / "speech"
    folder.mkdir(exist_ok=True)
    made_of = repr((SPOKEN, TELEPHONE, TRIMMED, phrase)).encode()
    kept = folder / f"{hashlib.sha256(made_of).hexdigest()[:24]}.ulaw"
    with locked(folder / "lock"):
        if not kept.exists():
            require("espeak-ng", "sox")
            synthesise(phrase, kept)
    return kept.read_bytes()


def synthesise(phrase: str, target: Path) -> None:
    spoken, telephone = target.with_suffix(".wav"), target.with_suffix(".tmp")
    subprocess.run([*SPOKEN, "-w", str(spoken), phrase], check=True)
    subprocess.run(["sox", str(spoken), *TELEPHONE, str(telephone), *TRIMMED], check=True)
    spoken.unlink()
    telephone.rename(target)


def sound_of(utterance: Utterance | Beep) -> bytes:
    """As raw u-law, without the pause."""
    if isinstance(utterance, Utterance):
        return speak(utterance.phrase)
    return (LOUD * 4 + SOFT * 4) * int(utterance.seconds * RATE / 8)


def seconds_of(utterances: Iterable[Utterance | Beep]) -> float:
    """How long they take, with the pauses before them."""
    return sum(utterance.pause + len(sound_of(utterance)) / RATE for utterance in utterances)


def conversation(utterances: Iterable[Utterance | Beep], seconds: float) -> bytes:
    """What a person sends from the answer on: the utterances and the pauses between them, then silence, `seconds` in all."""
    sound = b"".join(SILENCE * int(utterance.pause * RATE) + sound_of(utterance) for utterance in utterances)
    return sound.ljust(int(seconds * RATE), SILENCE)


def prompt(phrase: str, seconds: float) -> bytes:
    """A prompt of exactly this length: the phrase, cut or followed by silence."""
    length = int(seconds * RATE)
    return speak(phrase)[:length].ljust(length, SILENCE)
