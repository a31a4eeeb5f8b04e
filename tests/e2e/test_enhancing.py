"""Enhancement by the real ffmpeg."""

import random
import subprocess
from pathlib import Path

import pytest

from benchmarks.enhancing import Noise, noisy
from callengine.errors import ProviderRefused
from callengine.providers import SpeechHints
from callengine.providers.audio import Sound, read_wav, write_wav
from callengine.providers.enhancing import EnhancedSpeechToText
from callengine.providers.ffmpeg import TELEPHONE_CHAIN, Ffmpeg
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.scripted import Script, ScriptedSpeechToText
from tests.e2e.conftest import fetching
from tests.e2e.packages import require
from tests.e2e.speech import RATE, Utterance, conversation

HISS = Noise("hiss", 10.0)


@pytest.fixture(scope="module", autouse=True)
def programs(request: pytest.FixtureRequest) -> None:
    with fetching(request.config):
        require("ffmpeg", "sox", "espeak-ng")


def recorded() -> Sound:
    """Somebody who says yes after half a second, on a line that hisses."""
    raw = ["-t", "raw", "-e", "u-law", "-b", "8", "-r", str(RATE), "-c", "1", "-"]
    spoken = conversation([Utterance("yes", 0.5)], 1.5)
    wav = subprocess.run(
        ["sox", *raw, "-t", "wav", "-e", "signed", "-b", "16", "-"], input=spoken, capture_output=True, check=True
    )
    return noisy(read_wav(wav.stdout), HISS, random.Random(7))


def loudness(sound: Sound, begin: float, end: float) -> float:
    part = sound.samples[int(begin * sound.rate) : int(end * sound.rate)]
    return float((sum(sample * sample for sample in part) / len(part)) ** 0.5)


async def test_hiss_goes_and_the_voice_stays() -> None:
    raw = recorded()
    clear = await Ffmpeg().convert(write_wav(raw), 16_000, TELEPHONE_CHAIN)
    assert clear.seconds == pytest.approx(raw.seconds, abs=0.05)
    before, after = (loudness(sound, 0.6, 0.9) / loudness(sound, 0.1, 0.4) for sound in (raw, clear))
    assert after > 1.5 * before


async def test_the_recogniser_hears_it() -> None:
    ears = EnhancedSpeechToText(await PocketsphinxSpeechToText.load(), Ffmpeg())
    assert await ears.transcribe(write_wav(recorded()), SpeechHints(phrases=("yes", "no"))) == "yes"


@pytest.mark.parametrize("given", [b"", b"<html>" + bytes(2000), b"RIFF" + bytes(2000)], ids=["nothing", "html", "damaged"])
async def test_what_is_no_sound_goes_as_it_is(given: bytes) -> None:
    inner = ScriptedSpeechToText(Script(("yes",)))
    with pytest.raises(ProviderRefused):
        await Ffmpeg().convert(given, 16_000)
    assert await EnhancedSpeechToText(inner, Ffmpeg()).transcribe(given, SpeechHints()) == "yes"
    assert inner.asked[0][0] == given


async def test_a_playlist_leads_nowhere(tmp_path: Path) -> None:
    """A file that names others is not followed to them."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(write_wav(recorded()))
    lists = {
        "list.mp3": f"ffconcat version 1.0\nfile {secret}\n",
        "list.m4a": f"#EXTM3U\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(ProviderRefused):
            await Ffmpeg().convert(tmp_path / name, 8_000)
