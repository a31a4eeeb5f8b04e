"""espeak-ng as a child process; a script of our own stands for it, the real one speaks in tests/e2e."""

import sys
from pathlib import Path

import pytest
import trio

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers import Voice
from callengine.providers.audio import read_wav
from callengine.providers.espeak import LONGEST_TEXT, EspeakTextToSpeech

SPEAK = """
import io, wave
wav = io.BytesIO()
with wave.open(wav, "wb") as writer:
    writer.setparams((1, 2, 22050, 0, "NONE", ""))
    writer.writeframes(sys.stdin.buffer.read() + b"\\0\\0")
sys.stdout.buffer.write(wav.getvalue())
"""


def program(folder: Path, body: str) -> str:
    path = folder / "fake-espeak"
    path.write_text(f"#!{sys.executable} -I\nimport sys\n{body}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


async def test_text_goes_in_and_sound_comes_out(tmp_path: Path) -> None:
    spoken = await EspeakTextToSpeech(program(tmp_path, SPEAK)).synthesise("-v $(reboot)", Voice())
    assert read_wav(spoken).rate == 22050
    assert b"-v $(reboot)" in spoken


async def test_voice_and_speed_are_passed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    voice = EspeakTextToSpeech(program(tmp_path, f"open({str(told)!r}, 'w').write(' '.join(sys.argv[1:]))\n{SPEAK}"))
    await voice.synthesise("hello", Voice("fa", words_per_minute=170))
    assert told.read_text() == "-v fa -s 170 --stdin --stdout"
    await voice.synthesise("hello", Voice("en", name="en-gb+f3"))
    assert told.read_text() == "-v en-gb+f3 -s 150 --stdin --stdout"


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("sys.exit('no such voice')", ProviderRefused, "no such voice"),
        ("import os; os.abort()", ProviderUnavailable, "signal 6"),
        ("print('hello')", ProviderUnavailable, "no usable WAV"),
    ],
)
async def test_its_failures_are_ours_to_name(tmp_path: Path, body: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        await EspeakTextToSpeech(program(tmp_path, body)).synthesise("hello", Voice())


async def test_one_that_hangs_is_killed(tmp_path: Path) -> None:
    hang = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    with trio.fail_after(5):
        with pytest.raises(ProviderUnavailable, match=r"within 0\.3 s"):
            await EspeakTextToSpeech(program(tmp_path, hang), timeout=0.3).synthesise("hello", Voice())


async def test_one_that_is_not_installed_is_named_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="apt-get install espeak-ng"):
        await EspeakTextToSpeech(str(tmp_path / "absent")).synthesise("hello", Voice())


async def test_odd_voices_and_long_texts_never_reach_it() -> None:
    for name in ("../../etc/passwd", "-x", "a b"):
        with pytest.raises(ProviderRefused, match="voice"):
            await EspeakTextToSpeech().synthesise("hello", Voice(name=name))
    with pytest.raises(ProviderRefused, match="characters"):
        await EspeakTextToSpeech().synthesise("x" * (LONGEST_TEXT + 1), Voice())
