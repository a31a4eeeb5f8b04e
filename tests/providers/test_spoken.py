"""What services of speech send, and what of it is taken for speech."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callengine.errors import ProviderUnavailable
from callengine.providers.audio import LARGEST_AT_ONCE, read_wav, write_wav
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.spoken import kind_of, wav_of
from tests.providers.fake_ffmpeg import DECODED, fake_ffmpeg, told
from tests.providers.test_audio import tone, wav

SPOKEN = write_wav(tone(rate=24000))
MP3 = (Path(__file__).parent / "data" / "hello.mp3").read_bytes()
NO_FFMPEG = Ffmpeg("/nonexistent/ffmpeg")


@pytest.mark.parametrize(
    ("audio", "kind"),
    [
        (SPOKEN, "wav"),
        (MP3, "mp3"),
        (b"\xff\xfb\x90\x00", "mp3"),
        (b"\xff\xf3\x58", "mp3"),
        (b"OggS\x00", "ogg"),
        (b"fLaC\x00", "flac"),
        (b"", None),
        (b"\xff", None),
        (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00", None),
        (b"\xff\xf1\x50", None),
        (b"<html>maintenance</html>", None),
        (b'{"error": "no"}', None),
        (b"#EXTM3U\nfile:///etc/passwd\n", None),
        (b"RIFF\x00\x00\x00\x00AVI ", None),
    ],
)
def test_sound_is_known_by_how_it_begins(audio: bytes, kind: str | None) -> None:
    assert kind_of(audio) == kind


async def test_plain_wav_needs_no_ffmpeg() -> None:
    assert await wav_of(SPOKEN, "it", NO_FFMPEG) == SPOKEN
    stereo = read_wav(await wav_of(wav(b"\0\x10" * 2000, channels=2, rate=44100), "it", NO_FFMPEG))
    assert (stereo.rate, len(stereo.samples)) == (44100, 1000)


async def test_long_speech_is_read_too() -> None:
    long = write_wav(tone(seconds=10, rate=16000))
    assert len(long) > LARGEST_AT_ONCE
    assert await wav_of(long, "it", NO_FFMPEG) == long
    with pytest.raises(ProviderUnavailable, match="holds no sound"):
        await wav_of(wav(b""), "it", NO_FFMPEG)


@pytest.mark.parametrize(
    ("audio", "kind"),
    [
        (MP3, "mp3"),
        (b"OggS...", "ogg"),
        (b"fLaC...", "flac"),
        (wav(b"\0" * 800, tag=3, bits=32), "wav"),
        (wav(b"\0" * 800, tag=7, bits=8), "wav"),
    ],
)
async def test_other_sound_is_decoded_by_the_reader_of_its_kind_alone(tmp_path: Path, audio: bytes, kind: str) -> None:
    assert read_wav(await wav_of(audio, "it", fake_ffmpeg(tmp_path))) == DECODED
    assert f" -f {kind} -i pipe:0 " in told(tmp_path)
    assert " -ac 1 -ar 8000 " in told(tmp_path)


async def test_what_is_no_sound_never_reaches_ffmpeg(tmp_path: Path) -> None:
    for content in (b"", b"<html>", b'{"a": 1}', b"#EXTM3U\nhttp://169.254.169.254/\n", b"\xff\xfe\x00"):
        with pytest.raises(ProviderUnavailable, match="what the service sent is no audio"):
            await wav_of(content, "the service", fake_ffmpeg(tmp_path))
    assert not told(tmp_path)


async def test_what_cannot_be_decoded_is_the_services_fault(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match=r"mp3 that the service sent cannot be played.*no frames"):
        await wav_of(MP3, "the service", fake_ffmpeg(tmp_path, "sys.exit('no frames')"))
    with pytest.raises(ProviderUnavailable, match="apt-get install ffmpeg"):
        await wav_of(MP3, "the service", NO_FFMPEG)


async def test_wav_that_breaks_off_is_no_speech_and_a_length_nobody_knows_is_none() -> None:
    half = SPOKEN[: len(SPOKEN) // 2]
    with pytest.raises(ProviderUnavailable, match="breaks off"):
        await wav_of(half, "it", NO_FFMPEG)
    for unknown in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\xf0\xff\x7f"):
        streamed = SPOKEN[:40] + unknown + SPOKEN[44:]
        assert read_wav(await wav_of(streamed, "it", NO_FFMPEG)) == read_wav(SPOKEN)
    listed = SPOKEN[:12] + b"LIST\x03\x00\x00\x00abc\x00" + SPOKEN[12:]
    assert read_wav(await wav_of(listed, "it", NO_FFMPEG)) == read_wav(SPOKEN)


@given(st.binary(max_size=200), st.sampled_from([b"", b"RIFF....WAVE", SPOKEN[:36], SPOKEN[:44], MP3[:4], b"fLaC"]))
@example(b"", b"RIFF....WAVEdata\xff\xff\xff\xff")
async def test_whatever_comes_is_a_wav_file_or_a_clear_error(tail: bytes, head: bytes) -> None:
    try:
        made = await wav_of(head + tail, "the service", NO_FFMPEG)
    except ProviderUnavailable as error:
        assert "\n" not in str(error)
    else:
        assert read_wav(made).samples
