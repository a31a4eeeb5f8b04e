"""The real ffmpeg, given what services of speech send."""

import subprocess

import pytest
import trio

from callengine.errors import ProviderUnavailable
from callengine.providers.audio import nothing_said, read_wav
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.spoken import wav_of
from tests.e2e.conftest import fetching
from tests.e2e.packages import require
from tests.providers.test_spoken import MP3


@pytest.fixture
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    with fetching(request.config):
        require("ffmpeg")
    return Ffmpeg()


async def test_mp3_becomes_what_a_telephone_plays(ffmpeg: Ffmpeg) -> None:
    spoken = await wav_of(MP3, "it", ffmpeg)
    assert read_wav(spoken).rate == 8000
    assert 0.4 < read_wav(spoken).seconds < 1.2
    assert not nothing_said(spoken)


@pytest.mark.parametrize(
    "form", [("-f", "ogg"), ("-f", "flac"), ("-c:a", "pcm_f32le", "-f", "wav"), ("-c:a", "pcm_mulaw", "-f", "wav")]
)
async def test_so_does_other_sound(ffmpeg: Ffmpeg, form: tuple[str, ...]) -> None:
    command = ["ffmpeg", "-v", "error", "-f", "mp3", "-i", "pipe:0", *form, "pipe:1"]
    other = subprocess.run(command, input=MP3, capture_output=True, check=True).stdout
    spoken = await wav_of(other, "it", ffmpeg)
    assert 0.4 < read_wav(spoken).seconds < 1.2
    assert not nothing_said(spoken)


async def test_what_only_begins_like_sound_is_told(ffmpeg: Ffmpeg) -> None:
    for content in (b"ID3" + b"\0" * 2000, b"\xff\xfb" + b"\0" * 2000, b"OggS" + b"\xff" * 2000, b"fLaC<html>"):
        with trio.fail_after(10):
            with pytest.raises(ProviderUnavailable, match="cannot be played"):
                await wav_of(content, "it", ffmpeg)
