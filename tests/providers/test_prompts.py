"""Prompts on their way to the PBX; a program of our own stands for ffmpeg, the disk is real."""

from pathlib import Path

import pytest

from callengine.errors import ConfigError
from callengine.providers.audio import read_wav
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.prompts import LARGEST_SOURCE, LIST, Placed, PromptSync, sources, unheard
from callengine.providers.shelves import FolderShelf, HttpShelf, Shelf
from tests.providers.converting import ffmpeg, runs


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder of sources, beside the PBX's folders."""
    for name in ("made", "wav", "sounds", "sounds/en"):
        (tmp_path / name).mkdir()
    for name in ("hello.mp3", "bye.ogg"):
        (tmp_path / "made" / name).write_bytes(name.encode())
    return tmp_path / "made"


async def sync(made: Path, *, look_only: bool = False, keep: bool = True, shelf: Shelf | None = None) -> dict[str, Placed]:
    folder = made.parent
    wav_dir = folder / "wav" if keep else None
    shelf = shelf or FolderShelf((folder / "sounds/custom", folder / "sounds/en/custom"))
    placed = await PromptSync(sources(made, wav_dir), wav_dir, (shelf,), ffmpeg(folder)).run(look_only=look_only)
    return {each.name: each for each in placed}


def states(placed: dict[str, Placed]) -> dict[str, str]:
    return {name: each.state for name, each in placed.items()}


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What is on disk below, with its time."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("runs", "fake-espeak"))
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


async def test_each_prompt_reaches_every_folder_at_both_rates(made: Path) -> None:
    assert states(await sync(made)) == {"hello": "put", "bye": "put"}
    for folder in ("sounds/custom", "sounds/en/custom"):
        assert read_wav((made.parent / folder / "hello.wav").read_bytes()).rate == 8_000
        assert read_wav((made.parent / folder / "hello.wav16").read_bytes()).rate == 16_000
    assert read_wav((made.parent / "wav/hello.wav").read_bytes()).rate == 16_000


@pytest.mark.parametrize("keep", [True, False])
async def test_what_has_not_changed_is_left_alone(made: Path, keep: bool) -> None:
    await sync(made, keep=keep)
    before, so_far = everything(made.parent / "sounds"), len(runs(made.parent))
    assert states(await sync(made, keep=keep)) == {"hello": "the same", "bye": "the same"}
    assert everything(made.parent / "sounds") == before
    assert (len(runs(made.parent)) == so_far) is keep


async def test_what_has_changed_is_put_and_nothing_else(made: Path) -> None:
    await sync(made)
    so_far = len(runs(made.parent))
    (made / "hello.mp3").write_bytes(b"another")
    placed = await sync(made)
    assert states(placed) == {"hello": "put", "bye": "the same"}
    assert placed["hello"].detail == "hello.wav16, hello.wav"
    assert len(runs(made.parent)) == so_far + 2


@pytest.mark.parametrize("gone", ["sounds/custom/hello.wav", "sounds/en/custom/hello.wav16", "wav/hello.wav"])
async def test_what_somebody_took_away_or_wrote_over_is_put_again(made: Path, gone: str) -> None:
    await sync(made)
    before = (made.parent / gone).read_bytes()
    (made.parent / gone).unlink()
    assert states(await sync(made)) == {"hello": "put", "bye": "the same"}
    (made.parent / gone).write_bytes(b"something else")
    assert states(await sync(made)) == {"hello": "put", "bye": "the same"}
    assert (made.parent / gone).read_bytes() == before


async def test_looking_changes_nothing_and_tells_what_would_be(made: Path) -> None:
    before = everything(made.parent)
    assert states(await sync(made, look_only=True)) == {"hello": "missing", "bye": "missing"}
    assert everything(made.parent) == before
    await sync(made)
    assert states(await sync(made, look_only=True)) == {"hello": "the same", "bye": "the same"}


async def test_one_that_cannot_be_converted_hinders_no_other(made: Path) -> None:
    (made / "hello.mp3").write_bytes(b"broken")
    (made / "with space.mp3").write_bytes(b"fine")
    (made / "large.mp3").touch()
    with (made / "large.mp3").open("r+b") as file:
        file.truncate(LARGEST_SOURCE + 1)
    placed = await sync(made)
    assert states(placed) == {"hello": "failed", "with space": "failed", "large": "failed", "bye": "put"}
    assert f"{made}/hello.mp3: ffmpeg refused (1): 'Invalid data found" in placed["hello"].detail
    assert "give it a name of letters" in placed["with space"].detail
    assert "64 MiB" in placed["large"].detail


async def test_without_ffmpeg_only_what_is_known_goes_on(made: Path) -> None:
    await sync(made)
    (made / "new.mp3").write_bytes(b"new")
    (made.parent / "sounds/custom/bye.wav").unlink()
    shelf = FolderShelf((made.parent / "sounds/custom",))
    wav_dir = made.parent / "wav"
    placed = await PromptSync(sources(made, wav_dir), wav_dir, (shelf,), Ffmpeg(str(made / "absent"))).run()
    assert [(each.name, each.state) for each in placed] == [("bye", "failed"), ("hello", "the same"), ("new", "failed")]
    assert "apt-get install ffmpeg" in placed[0].detail


async def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(made: Path) -> None:
    placed = await sync(made, shelf=FolderShelf((made.parent / "absent/custom",)))
    assert states(placed) == {"hello": "failed", "bye": "failed"}
    assert placed["hello"].detail.startswith(f"AST_SOUND_DIR: {made.parent}/absent/custom is not there")


async def test_a_list_that_is_none_is_made_anew(made: Path) -> None:
    await sync(made)
    (made.parent / "wav" / LIST).write_bytes(b'{"hello": 3}')
    assert states(await sync(made)) == {"hello": "the same", "bye": "the same"}


async def test_what_is_served_is_served_at_the_pbxs_rate_alone(made: Path) -> None:
    shelf = HttpShelf("http://10.0.0.5:8090", "canary-55b1-canary")
    await sync(made, shelf=shelf)
    uri = shelf.playable("sound:custom/hello")
    content = shelf.content("canary-55b1-canary", uri.rpartition("/")[2])
    assert content is not None and read_wav(content).rate == 8_000


def test_sources_are_known_by_their_endings_in_any_case(made: Path) -> None:
    for name in ("LOUD.MP3", "a.m4a", "b.wav", "readme.txt", ".hidden.mp3"):
        (made / name).touch()
    assert [source.name for source in sources(made, None)] == ["LOUD", "a", "b", "bye", "hello"]


def test_two_files_that_are_the_same_prompt_are_named(made: Path) -> None:
    (made / "hello.wav").touch()
    with pytest.raises(ConfigError, match=r"hello\.mp3 and hello\.wav are the same prompt"):
        sources(made, None)


def test_a_folder_of_sources_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"AUDIO_SRC_DIR: {tmp_path}/absent cannot be read"):
        sources(tmp_path / "absent", None)
    assert sources(None, tmp_path / "absent") == ()


async def test_one_folder_may_hold_sources_and_what_is_made_of_them(made: Path) -> None:
    own = made / "own.wav"
    own.write_bytes(b"as its author made it")
    for state in ("put", "the same"):
        shelf = FolderShelf((made.parent / "sounds/custom",))
        placed = await PromptSync(sources(made, made), made, (shelf,), ffmpeg(made.parent)).run()
        assert {each.name: each.state for each in placed} == {"hello": state, "bye": state, "own": state}
    assert own.read_bytes() == b"as its author made it"
    assert read_wav((made / "hello.wav").read_bytes()).rate == 16_000


async def test_converted_files_without_a_source_are_prompts_too(made: Path) -> None:
    own = made.parent / "wav/own.wav"
    own.write_bytes(b"as its author made it")
    assert states(await sync(made)) == {"hello": "put", "bye": "put", "own": "put"}
    assert own.read_bytes() == b"as its author made it"
    assert (made.parent / "sounds/custom/own.wav16").exists()


def test_prompts_that_nobody_would_hear_are_found(tmp_path: Path) -> None:
    folders = [tmp_path / name / "custom" for name in ("sounds", "sounds/en")]
    for folder in folders:
        folder.mkdir(parents=True)
    (folders[0] / "hello.gsm").touch()
    (folders[1] / "bye.wav").touch()
    uris = ["sound:custom/hello", "sound:custom/bye", "sound:custom/gone", "sound:custom/gone", "sound:beep", "tone:ring"]
    uris += ["sound:http://host/custom/x.wav", "sound:custom/deep/er", "recording:custom/x"]
    assert list(unheard(uris, folders)) == ["sound:custom/gone"]
    assert list(unheard(uris, [tmp_path / "absent"])) == []
