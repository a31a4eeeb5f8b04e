"""The real espeak-ng, and pocketsphinx listening to it."""

import shutil
from pathlib import Path

import pytest

from callengine.providers import RenderedSpeech, SpeechHints, Voice
from callengine.providers.audio import nothing_said, read_wav
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.shelves import FolderShelf


@pytest.fixture
def espeak() -> EspeakTextToSpeech:
    if shutil.which("espeak-ng") is None:
        pytest.fail("espeak-ng is not installed, and this test must hear it: apt-get install espeak-ng")
    return EspeakTextToSpeech()


@pytest.mark.parametrize(("text", "language"), [("hello", "en"), ("سلام، حال شما چطور است؟", "fa")])
async def test_it_speaks(espeak: EspeakTextToSpeech, text: str, language: str) -> None:
    spoken = await espeak.synthesise(text, Voice(language))
    assert not nothing_said(spoken)
    assert read_wav(spoken).seconds > 0.3


async def test_what_it_says_is_heard(espeak: EspeakTextToSpeech) -> None:
    ears = await PocketsphinxSpeechToText.load()
    hints = SpeechHints(phrases=("yes", "no", "sure"))
    for word in ("yes", "sure"):
        assert await ears.transcribe(await espeak.synthesise(word, Voice("en")), hints) == word


async def test_what_it_says_is_heard_in_what_the_pbx_plays(espeak: EspeakTextToSpeech, tmp_path: Path) -> None:
    ears = await PocketsphinxSpeechToText.load()
    hints = SpeechHints(phrases=("yes", "no", "sure"))
    speaker = RenderedSpeech(espeak, Voice("en"), FolderShelf((tmp_path,)))
    for word in ("yes", "sure"):
        media = await speaker.media(word)
        played = (tmp_path.parent / f"{media.removeprefix('sound:')}.wav").read_bytes()
        assert read_wav(played).rate == 8000
        assert await ears.transcribe(played, hints) == word
