"""ffmpeg as a child process within bounds; a program of our own stands for it."""

import os
import signal
from pathlib import Path

import pytest
import trio

from callengine.errors import ProviderError, ProviderRefused, ProviderUnavailable
from callengine.providers import ffmpeg as room
from callengine.providers.ffmpeg import TELEPHONE_CHAIN, Ffmpeg
from tests.providers.converting import ffmpeg, runs
from tests.providers.test_audio import wav

GIVEN = wav(b"\x10\x20" * 8000)

TELLS_AND_HANGS = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open({counted!r}, "w") as runs:
    runs.write(str(os.getpid()))
time.sleep(60)
"""


async def test_sound_goes_in_and_comes_out_at_the_rate_asked_for(tmp_path: Path) -> None:
    sound = await ffmpeg(tmp_path).convert(GIVEN, 16_000, TELEPHONE_CHAIN)
    assert (sound.rate, sound.seconds) == (16_000, 1.0)
    [command] = runs(tmp_path)
    assert f"-i pipe:0 -map 0:a:0 -af {TELEPHONE_CHAIN} -ac 1 -ar 16000" in command


async def test_a_file_is_read_by_its_name_whatever_it_looks_like(tmp_path: Path) -> None:
    source = tmp_path / "-y http:.mp3"
    source.write_bytes(GIVEN)
    await ffmpeg(tmp_path).convert(source, 8_000)
    assert f"-i file:{source}" in runs(tmp_path)[0]


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("sys.exit('no such filter')", ProviderRefused, "no such filter"),
        ("sys.stdin.buffer.read(); import os; os.abort()", ProviderUnavailable, "signal 6"),
        ("print('hello')", ProviderUnavailable, "no usable WAV"),
        ("", ProviderUnavailable, "no usable WAV"),
        ("sys.stderr.write('x' * 1_000_000); sys.exit(1)", ProviderRefused, "refused"),
    ],
)
async def test_its_failures_are_ours_to_name(tmp_path: Path, body: str, error: type[ProviderError], words: str) -> None:
    with pytest.raises(error, match=words):
        await ffmpeg(tmp_path, body).convert(GIVEN, 16_000)


async def test_sound_of_another_rate_is_none(tmp_path: Path) -> None:
    body = f"sys.stdout.buffer.write({wav(bytes(100), rate=44100)!r})"
    with pytest.raises(ProviderUnavailable, match="16000 Hz were asked for"):
        await ffmpeg(tmp_path, body).convert(GIVEN, 16_000)


async def test_one_that_gives_without_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LARGEST_WAV", 100_000)
    endless = "while True: sys.stdout.buffer.write(bytes(65536))"
    with trio.fail_after(10), pytest.raises(ProviderUnavailable, match="more than 100000 bytes"):
        await ffmpeg(tmp_path, endless).convert(GIVEN, 16_000)


async def test_one_that_takes_all_memory_fails(tmp_path: Path) -> None:
    greedy = "import time; sys.stdin.buffer.read(); time.sleep(0.2); bytearray(3 * 2**30)"
    with pytest.raises(ProviderRefused, match="MemoryError"):
        await ffmpeg(tmp_path, greedy).convert(GIVEN, 16_000)


async def test_one_that_hangs_is_killed(tmp_path: Path) -> None:
    with trio.fail_after(10), pytest.raises(ProviderUnavailable, match=r"within 0\.5 s"):
        await ffmpeg(tmp_path, TELLS_AND_HANGS, timeout=0.5).convert(GIVEN, 16_000)
    assert gone(int(runs(tmp_path)[0]))


async def test_nothing_of_it_outlives_a_caller_who_hangs_up(tmp_path: Path) -> None:
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ffmpeg(tmp_path, TELLS_AND_HANGS).convert, GIVEN, 16_000)
            while not runs(tmp_path):
                await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
    assert gone(int(runs(tmp_path)[0]))


async def test_only_so_many_run_at_once_and_the_wait_for_a_turn_is_bounded_too(tmp_path: Path) -> None:
    one = Ffmpeg(ffmpeg(tmp_path).executable, timeout=0.3, at_once=trio.CapacityLimiter(1))
    await one.at_once.acquire_on_behalf_of("another recording")
    with trio.fail_after(5), pytest.raises(ProviderUnavailable, match=r"within 0\.3 s"):
        await one.convert(GIVEN, 16_000)
    assert not runs(tmp_path)


async def test_one_that_is_not_installed_is_named_with_the_cure(tmp_path: Path) -> None:
    absent = Ffmpeg(str(tmp_path / "absent"))
    assert not absent.installed
    with pytest.raises(ProviderUnavailable, match="apt-get install ffmpeg"):
        await absent.convert(GIVEN, 16_000)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return True
    return False
