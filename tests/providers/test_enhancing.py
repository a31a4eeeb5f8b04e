"""Recordings made clearer, and copies of what was recognised."""

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from callengine.errors import ProviderUnavailable
from callengine.providers import SpeechHints
from callengine.providers.audio import read_wav, write_wav
from callengine.providers.enhancing import CopiedSpeechToText, Copies, EnhancedSpeechToText
from callengine.providers.ffmpeg import TELEPHONE_CHAIN
from callengine.providers.scripted import Script, ScriptedSpeechToText
from tests.providers.converting import ffmpeg, runs
from tests.providers.test_audio import tone

RECORDING = write_wav(tone(1.0))
HINTS = SpeechHints(phrases=("yes",), recording="7f0b")


def ears() -> ScriptedSpeechToText:
    return ScriptedSpeechToText(Script(("yes",)))


async def test_the_recogniser_is_given_what_ffmpeg_made(tmp_path: Path) -> None:
    inner = ears()
    assert await EnhancedSpeechToText(inner, ffmpeg(tmp_path)).transcribe(RECORDING, HINTS) == "yes"
    [(given_, hints)] = inner.asked
    assert (read_wav(given_).rate, hints) == (16_000, HINTS)
    assert TELEPHONE_CHAIN in runs(tmp_path)[0]


@pytest.mark.parametrize(
    "body",
    ["sys.exit('no')", "print('hello')", "import os; os.abort()", "import time; time.sleep(60)"],
    ids=["refuses", "gives no WAV", "crashes", "hangs"],
)
async def test_where_it_fails_the_recording_goes_as_it_is(tmp_path: Path, body: str) -> None:
    inner = ears()
    with capture_logs() as logs:
        said = await EnhancedSpeechToText(inner, ffmpeg(tmp_path, body, timeout=0.5)).transcribe(RECORDING, HINTS)
    assert (said, inner.asked) == ("yes", [(RECORDING, HINTS)])
    assert [line["log_level"] for line in logs] == ["warning"]


async def test_a_voice_that_vanishes_is_recognised_as_it_was(tmp_path: Path) -> None:
    inner = ears()
    vanishing = RECORDING + b"vanishes"
    with capture_logs() as logs:
        await EnhancedSpeechToText(inner, ffmpeg(tmp_path)).transcribe(vanishing, HINTS)
    assert inner.asked[0][0] == vanishing
    assert "left nothing" in logs[0]["reason"]


async def test_errors_of_the_recogniser_are_its_own(tmp_path: Path) -> None:
    broken = ScriptedSpeechToText(Script((ProviderUnavailable("down"),)))
    with pytest.raises(ProviderUnavailable, match=r"^down$"):
        await EnhancedSpeechToText(broken, ffmpeg(tmp_path)).transcribe(RECORDING, HINTS)


async def test_a_copy_is_named_by_the_recording_and_read_by_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    inner = ears()
    await CopiedSpeechToText(inner, Copies(folder)).transcribe(RECORDING, HINTS)
    [copy] = folder.iterdir()
    assert (copy.name, copy.read_bytes(), inner.asked[0][0]) == ("7f0b.stt.wav", RECORDING, RECORDING)
    assert (copy.stat().st_mode & 0o077, folder.stat().st_mode & 0o077) == (0, 0)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "x" * 200, "\0"])
async def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    await Copies(tmp_path / "kept").keep(name, RECORDING)
    [copy] = (tmp_path / "kept").iterdir()
    assert copy.read_bytes() == RECORDING


async def test_what_was_kept_long_enough_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    old, young, foreign, part = (tmp_path / name for name in ("a.stt.wav", "b.stt.wav", "original.wav", "c.stt.wav.x1.part"))
    for path in (old, young, foreign, part):
        path.write_bytes(bytes(10))
    for path in (old, foreign, part):
        os.utime(path, (time.time() - 31 * 86_400,) * 2)
    await Copies(tmp_path, days=30).clear()
    assert sorted(tmp_path.iterdir()) == [young, foreign]


async def test_a_folder_that_cannot_be_used_is_logged_and_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    with capture_logs() as logs:
        assert await CopiedSpeechToText(ears(), Copies(tmp_path / "kept")).transcribe(RECORDING, HINTS) == "yes"
    assert [line["event"] for line in logs] == ["AUDIO_ENHANCED_DIR cannot be used"]


async def test_looking_for_old_copies_makes_no_folder(tmp_path: Path) -> None:
    await Copies(tmp_path / "kept").clear()
    assert not (tmp_path / "kept").exists()


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(0, 500), max_size=30), most=st.integers(1, 1000), before=st.integers(0, 3))
async def test_copies_never_take_more_than_they_may(sizes: list[int], most: int, before: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(before):
            (Path(folder) / f"before{number}.stt.wav").write_bytes(bytes(100))
        copies = Copies(Path(folder), most_bytes=most)
        for number, size in enumerate(sizes):
            await copies.keep(f"r{number}", bytes(size))
            assert sum(path.stat().st_size for path in Path(folder).iterdir()) <= most
        if sizes and sizes[-1] <= most:
            assert (Path(folder) / f"r{len(sizes) - 1}.stt.wav").exists()
