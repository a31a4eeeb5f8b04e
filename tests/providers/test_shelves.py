"""Where sound lies until the PBX plays it. The shelf on a server is tried in tests/e2e."""

import errno
import os
import socket
import time
from pathlib import Path

import pytest

from callengine.errors import ProviderUnavailable
from callengine.providers.shelves import KEPT_SECONDS, FolderShelf, HttpShelf, digest_of, http
from callengine.providers.shelves.folder import unusable, whoami
from callengine.providers.shelves.sftp import open_sftp_shelf
from callengine.providers.shelves.ssh import SftpConfig
from tests.e2e.processes import free_port
from tests.providers.shelving import SPEECH, check_shelf

TOKEN = "canary-55b1-canary"


def served() -> HttpShelf:
    return HttpShelf("http://10.0.0.5:8090", TOKEN)


def address(uri: str) -> str:
    return uri.rpartition("/")[2]


async def test_folders_are_a_shelf(tmp_path: Path) -> None:
    await check_shelf(FolderShelf((tmp_path / "custom",)))


async def test_memory_is_a_shelf() -> None:
    await check_shelf(served())


async def test_a_file_lies_in_every_folder(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    folders = (tmp_path / "custom", tmp_path / "en" / "custom")
    shelf = FolderShelf(folders)
    await shelf.put("hello.wav", b"one")
    assert [(folder / "hello.wav").read_bytes() for folder in folders] == [b"one", b"one"]
    assert shelf.media("hello.wav") == "sound:custom/hello"
    (folders[1] / "hello.wav").unlink()
    assert not await shelf.take_up("hello.wav")
    assert not await shelf.holds("hello.wav", digest_of(b"one"))


async def test_the_pbx_may_read_what_is_put_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        await FolderShelf((tmp_path / "custom",)).put("hello.wav16", b"one")
    finally:
        os.umask(before)
    file = tmp_path / "custom" / "hello.wav16"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o644, 0o755)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_who_may_not_write_is_told_who_and_what_to_do(number: int) -> None:
    said = unusable(Path("/var/lib/asterisk/sounds/custom"), OSError(number, os.strerror(number)))
    assert f"the user {whoami()} may not read and write /var/lib/asterisk/sounds/custom" in said
    assert f"sudo chown {whoami()} /var/lib/asterisk/sounds/custom" in said
    assert "sudo chmod g+rwxs /var/lib/asterisk/sounds/custom" in said


def test_other_troubles_are_named() -> None:
    assert (
        unusable(Path("/x"), OSError(errno.ENOSPC, "No space left on device")) == "/x cannot be used (No space left on device)"
    )


async def test_what_is_served_has_an_address_that_nobody_guesses_and_that_changes_with_it() -> None:
    shelf = served()
    await shelf.put("hello.wav", b"one")
    first = shelf.playable("sound:custom/hello")
    assert first == shelf.media("hello.wav") == f"sound:http://10.0.0.5:8090/media/{TOKEN}/{digest_of(b'one')}.wav"
    assert shelf.content(TOKEN, address(first)) == b"one"
    assert shelf.content("wrong", address(first)) is None
    assert shelf.content("\u0661", address(first)) is None
    assert shelf.content(TOKEN, "hello.wav") is None
    await shelf.put("hello.wav", b"two")
    assert shelf.content(TOKEN, address(first)) is None
    assert shelf.content(TOKEN, address(shelf.playable("sound:custom/hello"))) == b"two"
    assert TOKEN not in repr(shelf)


async def test_prompts_that_are_not_served_are_the_pbxs_own() -> None:
    shelf = served()
    await shelf.put(SPEECH, b"one")
    assert shelf.playable("sound:custom/hello") == "sound:custom/hello"
    assert shelf.playable(f"sound:custom/{SPEECH.removesuffix('.wav')}") == f"sound:custom/{SPEECH.removesuffix('.wav')}"
    with pytest.raises(ProviderUnavailable):
        shelf.media("hello.wav")


async def test_speech_gives_way_and_prompts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_SPEECH", 250)
    monkeypatch.setattr(http, "MOST_PROMPTS", 250)
    shelf = served()
    await shelf.put("hello.wav", bytes(200))
    names = [f"callengine/{digest_of(bytes([number]))}.wav" for number in range(4)]
    for name in names[:2]:
        await shelf.put(name, bytes(100))
    assert await shelf.take_up(names[0])
    await shelf.put(names[2], bytes(100))
    assert [await shelf.take_up(name) for name in (*names[:3], "hello.wav")] == [True, False, True, True]
    await shelf.put("hello.wav", bytes(250))
    with pytest.raises(ProviderUnavailable, match="prompts of more than"):
        await shelf.put("bye.wav", bytes(1))


async def test_speech_that_nobody_asks_for_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = served()
    await shelf.put(SPEECH, b"one")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + KEPT_SECONDS + 1)
    await shelf.put(f"callengine/{'1b' * 32}.wav", b"two")
    assert not await shelf.take_up(SPEECH)


@pytest.mark.parametrize("token", ["", "short", "with/slash/with/slash", "with space and space"])
def test_a_token_must_be_hard_to_guess(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        HttpShelf("http://10.0.0.5:8090", token)


async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    unused_port = free_port(socket.SOCK_STREAM)
    known, key = tmp_path / "known_hosts", tmp_path / "key"
    config = SftpConfig("127.0.0.1", "asterisk", "/sounds/custom", known, port=unused_port, password="canary-77a2", timeout=2.0)
    async with open_sftp_shelf(config) as shelf:
        with pytest.raises(
            ProviderUnavailable, match=f"SFTP_KNOWN_HOSTS: {known} cannot be read.*ssh-keyscan -p {unused_port}"
        ):
            await shelf.take_up("hello.wav")
        known.write_text("", encoding="utf-8")
        with pytest.raises(ProviderUnavailable, match=f"SFTP to 127.0.0.1, port {unused_port}"):
            await shelf.take_up("hello.wav")
        assert "canary" not in repr(shelf)
        assert shelf.media("hello.wav") == "sound:custom/hello"
    async with open_sftp_shelf(SftpConfig("127.0.0.1", "asterisk", "/x", known, port=unused_port, key_file=key)) as shelf:
        with pytest.raises(ProviderUnavailable, match=f"SFTP_KEY_FILE: {key} cannot be read"):
            await shelf.take_up("hello.wav")
