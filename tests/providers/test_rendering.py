"""Speech that the PBX can play; the disk is real, the synthesiser scripted or slow."""

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest
import trio
import trio.testing

from callengine.errors import ProviderError, ProviderRefused, ProviderUnavailable
from callengine.providers import RenderedSpeech, TextToSpeech, Voice
from callengine.providers.audio import Sound, read_wav, write_wav
from callengine.providers.scripted import Script, ScriptedSpeech
from callengine.providers.shelves import KEPT_SECONDS, FolderShelf
from callengine.providers.shelves.folder import MOST_LOOKED_AT, whoami
from tests.providers.test_audio import tone, wav

SPOKEN = write_wav(tone(rate=22050))


class HeldSpeech:
    """A `TextToSpeech` that speaks when it is let, and tells what it is asked for."""

    def __init__(self) -> None:
        self.let = trio.Event()
        self._tell, self.asked = trio.open_memory_channel[str](10)

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        self._tell.send_nowait(text)
        await self.let.wait()
        return SPOKEN


def scripted(*turns: bytes | ProviderError) -> ScriptedSpeech:
    return ScriptedSpeech(Script(turns or (SPOKEN,)))


def rendered(folder: Path, synthesiser: TextToSpeech, voice: Voice | None = None) -> RenderedSpeech:
    sounds = folder / "custom"
    sounds.mkdir(exist_ok=True)
    return RenderedSpeech(synthesiser, voice or Voice(), FolderShelf((sounds,)))


def file_of(folder: Path, media: str) -> Path:
    """Where the PBX looks for a sound, its folder of sounds being `folder`."""
    return folder / f"{media.removeprefix('sound:')}.wav"


def aged(path: Path, seconds: float) -> Path:
    path.write_bytes(b"")
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def name(number: int) -> str:
    return f"{sha256(bytes([number])).hexdigest()}.wav"


async def test_the_pbx_finds_what_it_can_play(tmp_path: Path) -> None:
    media = await rendered(tmp_path, scripted()).media("Call from Sarah")
    file = file_of(tmp_path, media)
    assert media.startswith("sound:custom/callengine/")
    assert read_wav(file.read_bytes()).rate == 8000
    assert read_wav(file.read_bytes()).seconds == pytest.approx(0.5, abs=0.001)
    assert list(file.parent.iterdir()) == [file]


async def test_the_pbx_may_read_it_whatever_the_engines_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        file = file_of(tmp_path, await rendered(tmp_path, scripted()).media("hello"))
    finally:
        os.umask(before)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o644, 0o755)


async def test_a_synthesiser_of_a_low_rate_is_brought_up(tmp_path: Path) -> None:
    spoken = write_wav(Sound(4000, tone(rate=4000).samples))
    file = file_of(tmp_path, await rendered(tmp_path, scripted(spoken)).media("hello"))
    assert read_wav(file.read_bytes()).rate == 8000


async def test_a_text_is_synthesised_once_for_each_voice(tmp_path: Path) -> None:
    synthesiser = scripted()
    first = await rendered(tmp_path, synthesiser).media("hello")
    assert await rendered(tmp_path, synthesiser).media(" hello\n") == first
    voices = [Voice("fa"), Voice(name="en-gb"), Voice(words_per_minute=120)]
    others = [await rendered(tmp_path, synthesiser, voice).media("hello") for voice in voices]
    assert len({first, *others}) == 4
    assert [voice for _, voice in synthesiser.spoken] == [Voice(), *voices]


async def test_two_who_ask_at_once_have_it_synthesised_once(tmp_path: Path) -> None:
    synthesiser = HeldSpeech()
    speaker = rendered(tmp_path, synthesiser)
    heard: list[str] = []

    async def ask() -> None:
        heard.append(await speaker.media("hello"))

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(ask)
            nursery.start_soon(speaker.media, "another text")
            assert {await synthesiser.asked.receive(), await synthesiser.asked.receive()} == {"another text", "hello"}
            synthesiser.let.set()
    assert not synthesiser.asked.statistics().current_buffer_used
    assert len(heard) == 3 and len(set(heard)) == 1


async def test_who_waits_for_one_that_hangs_up_goes_on_alone(tmp_path: Path) -> None:
    synthesiser = HeldSpeech()
    speaker = rendered(tmp_path, synthesiser)
    first = trio.CancelScope()

    async def hung_up() -> None:
        with first:
            await speaker.media("hello")

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hung_up)
            await synthesiser.asked.receive()
            nursery.start_soon(speaker.media, "hello")
            await trio.testing.wait_all_tasks_blocked()
            first.cancel()
            await synthesiser.asked.receive()
            synthesiser.let.set()
    assert file_of(tmp_path, await speaker.media("hello")).exists()
    assert not synthesiser.asked.statistics().current_buffer_used


async def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    speaker = rendered(tmp_path, scripted(ProviderUnavailable("down"), b"no sound", wav(b""), SPOKEN))
    with pytest.raises(ProviderUnavailable, match=r"^down$"):
        await speaker.media("hello")
    with pytest.raises(ProviderUnavailable, match="no usable WAV"):
        await speaker.media("hello")
    with pytest.raises(ProviderUnavailable, match="without a sound"):
        await speaker.media("hello")
    assert file_of(tmp_path, await speaker.media("hello")).exists()


async def test_control_characters_are_not_spoken_and_joiners_are(tmp_path: Path) -> None:
    synthesiser = scripted()
    await rendered(tmp_path, synthesiser).media("Call\0from\x1b[2J نیم\u200cفاصله\ud800\r\n")
    assert [text for text, _ in synthesiser.spoken] == ["Call from [2J نیم\u200cفاصله"]
    with pytest.raises(ProviderRefused, match="no text"):
        await rendered(tmp_path, synthesiser).media("\n\0 ")


async def test_a_folder_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    speaker = RenderedSpeech(scripted(), Voice(), FolderShelf((tmp_path / "absent" / "custom",)))
    with pytest.raises(ProviderUnavailable) as caught:
        await speaker.media("hello")
    folder = tmp_path / "absent" / "custom"
    assert str(caught.value) == (
        f"AST_SOUND_DIR: {folder} is not there (No such file or directory): make it for the user {whoami()}, as in: sudo"
        f" install -d -o {whoami()} {folder}"
    )


async def test_a_disk_that_fails_leaves_no_part_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProviderUnavailable, match="No space left on device"):
        await rendered(tmp_path, scripted()).media("hello")
    assert not list((tmp_path / "custom" / "callengine").iterdir())


async def test_what_nobody_asked_for_in_a_day_is_deleted(tmp_path: Path) -> None:
    speaker = rendered(tmp_path, scripted())
    asked_again = file_of(tmp_path, await speaker.media("asked for again"))
    shelf = asked_again.parent
    old, part = aged(shelf / name(1), KEPT_SECONDS + 60), aged(shelf / f"{name(2)[:-4]}.x_1.part", KEPT_SECONDS + 60)
    young, foreign = aged(shelf / name(3), KEPT_SECONDS - 60), aged(shelf / "hello.wav", KEPT_SECONDS + 60)
    aged(asked_again, KEPT_SECONDS + 60)
    await speaker.media("asked for again")
    await speaker.media("new")
    assert asked_again.exists() and young.exists() and foreign.exists()
    assert not old.exists() and not part.exists()


async def test_deleting_is_done_in_small_portions(tmp_path: Path) -> None:
    speaker = rendered(tmp_path, scripted())
    shelf = file_of(tmp_path, await speaker.media("first")).parent
    old = [aged(shelf / name(number), KEPT_SECONDS + 60) for number in range(2 * MOST_LOOKED_AT)]
    left = []
    for text in ("second", "third", "fourth"):
        await speaker.media(text)
        left.append(sum(path.exists() for path in old))
    assert left[0] >= MOST_LOOKED_AT and left[1] < left[0] and left[2] == 0
