"""Sound on its way to a real Asterisk: by its folders, over HTTP, by SFTP; who is on the phone hears it."""

import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import trio

from callengine.errors import ProviderUnavailable
from callengine.providers import RenderedSpeech, Voice
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.providers.prompts import PromptSync, sources
from callengine.providers.shelves import FolderShelf, HttpShelf
from callengine.providers.shelves.sftp import SftpShelf, open_sftp_shelf
from callengine.providers.shelves.ssh import SftpConfig
from callengine.settings import AdminSettings, AriSettings
from callengine.web import application, serve
from tests.e2e import people
from tests.e2e.asterisk import Asterisk
from tests.e2e.bare import bare_client
from tests.e2e.callers import Reception
from tests.e2e.checks import assert_nothing_left
from tests.e2e.conftest import fetching
from tests.e2e.ears import recording
from tests.e2e.engine import LINES, VOICE, on_asterisk, running, settings_for
from tests.e2e.listening import hear
from tests.e2e.packages import require
from tests.e2e.people import PROMPT_SECONDS, Person
from tests.e2e.phones import Phones
from tests.e2e.processes import free_port
from tests.e2e.sshd import Keys, make_keys, sshd, user
from tests.e2e.test_callers import arrivals
from tests.providers.shelving import check_shelf
from tests.web.test_app import FakeEngine

KEY = 1.0
"""Seconds from the answer to the key that ends the question."""

WORDS = ("yes", "no", "sure")
TOKEN = "0123456789abcdef"


@pytest.fixture(scope="session", autouse=True)
def programs(request: pytest.FixtureRequest) -> None:
    with fetching(request.config):
        require("ffmpeg", "sshd", "sox", "espeak-ng")


def spoken(path: Path, words: str, *options: str) -> Path:
    """A file in which this is said, of the kind that its ending tells."""
    raw = path.with_suffix(".spoken.wav")
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "130", "-w", str(raw), words], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(raw), *options, str(path)], check=True)
    raw.unlink()
    path.chmod(0o644)
    return path


async def heard(asterisk: Asterisk, phones: Phones, *sounds: str) -> tuple[list[str], str]:
    """The states in which these sounds end that Asterisk plays to a caller, and the word that the caller hears."""
    became: list[Reception] = []
    states = []

    async def call() -> None:
        became.append(await phones.call("5550002", Person("20001"), asterisk.settings.sip_port))

    async with bare_client(asterisk) as client, trio.open_nursery() as calling:
        calling.start_soon(call)
        [channel] = (await arrivals(client, 1)).values()
        await client.ask("POST", f"/channels/{channel}/answer")
        for sound in sounds:
            states.append((await client.play(channel, sound.removeprefix("sound:"))).playback.state)
        await client.ask("DELETE", f"/channels/{channel}")
    [reception] = became
    return states, hear(recording(reception.late), WORDS)


async def test_asterisk_plays_wav_at_8_khz_and_the_same_at_16_khz_as_wav16(asterisk: Asterisk, phones: Phones) -> None:
    """The fact that decides how prompts are put: a `.wav` at 16 kHz, as many deployments have it, is not played at all."""
    for name, rate in (("narrow.wav", "8000"), ("wide.wav", "16000")):
        spoken(asterisk.sounds / name, "sure", "-ar", rate, "-ac", "1")
    spoken(asterisk.sounds / "right.wav", "sure", "-ar", "16000", "-ac", "1").rename(asterisk.sounds / "right.wav16")
    states, word = await heard(asterisk, phones, "custom/wide", "custom/right")
    assert (states, word) == (["failed", "done"], "sure")
    assert (await heard(asterisk, phones, "custom/narrow"))[0] == ["done"]


async def test_a_folder_of_the_calls_language_goes_before_the_one_beside(asterisk: Asterisk, phones: Phones) -> None:
    """So what is older there must be replaced, too."""
    beside = asterisk.folder / "data/sounds/custom"
    beside.mkdir()
    beside.chmod(0o755)
    spoken(beside / "either.wav", "no", "-ar", "8000", "-ac", "1")
    assert await heard(asterisk, phones, "custom/either") == (["done"], "no")
    spoken(asterisk.sounds / "either.wav", "sure", "-ar", "8000", "-ac", "1")
    assert await heard(asterisk, phones, "custom/either") == (["done"], "sure")


@pytest.mark.parametrize("kind", ["mp3", "ogg", "m4a", "wav"])
async def test_prompts_of_every_kind_are_heard(asterisk: Asterisk, phones: Phones, tmp_path: Path, kind: str) -> None:
    made = tmp_path / "made"
    made.mkdir()
    spoken(made / f"prompt-{kind}.{kind}", "sure", "-ar", "44100", "-ac", "2")
    sync = PromptSync(sources(made, None), None, (FolderShelf((asterisk.sounds,)),), Ffmpeg())
    assert [each.state for each in await sync.run()] == ["put"]
    assert [each.state for each in await sync.run()] == ["the same"]
    assert await heard(asterisk, phones, f"custom/prompt-{kind}") == (["done"], "sure")


async def test_speech_that_asterisk_fetches_from_the_engine_is_heard(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, phones: Phones
) -> None:
    port = free_port(socket.SOCK_STREAM)
    shelf = HttpShelf(f"http://127.0.0.1:{port}", TOKEN)
    settings = attrs.evolve(settings_for(ari, operators=[people.PRESSES_NOTHING.digits]), admin=AdminSettings(port=port))
    speaker = RenderedSpeech(EspeakTextToSpeech(), Voice("en"), shelf)
    campaign = on_asterisk(settings, [], ears, VOICE, speaker, shelf=shelf)
    async with running(campaign):
        became = await phones.call(LINES[0], people.CHOOSES_WHILE_CONNECTED, asterisk.settings.sip_port)
        await campaign.notebook.wait_results(1)
    answered = became.began + (became.answered_after or 0.0)
    after = [each for each in became.heard if KEY < each.at - answered < KEY + 2 * PROMPT_SECONDS]
    assert hear(recording(after), ("sure", "no", "yes")) == "sure"
    await assert_nothing_left(campaign, asterisk)


@attrs.define(eq=False)
class CountingShelf:
    """What is fetched, and how often."""

    shelf: HttpShelf
    fetched: int = 0

    def content(self, token: str, address: str) -> bytes | None:
        self.fetched += 1
        return self.shelf.content(token, address)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[HttpShelf, CountingShelf]]:
    """A shelf that is served on a port of its own."""
    port = free_port(socket.SOCK_STREAM)
    shelf = HttpShelf(f"http://127.0.0.1:{port}", TOKEN)
    counting = CountingShelf(shelf)
    async with trio.open_nursery() as nursery:
        await nursery.start(serve, application(FakeEngine(), "s3cret", counting), "127.0.0.1", port)
        yield shelf, counting
        nursery.cancel_scope.cancel()


async def test_a_prompt_is_fetched_once_and_again_when_it_has_changed(
    asterisk: Asterisk, phones: Phones, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.mkdir()
    spoken(made / "offer.mp3", "sure")
    async with serving() as (shelf, counting):
        await PromptSync(sources(made, None), None, (shelf,), Ffmpeg()).run()
        uri = shelf.playable("sound:custom/offer")
        assert await heard(asterisk, phones, uri, uri) == (["done", "done"], "sure")
        assert counting.fetched == 1
        spoken(made / "offer.mp3", "no")
        await PromptSync(sources(made, None), None, (shelf,), Ffmpeg()).run()
        assert await heard(asterisk, phones, shelf.playable("sound:custom/offer")) == (["done"], "no")
        assert counting.fetched == 2
        assert (await heard(asterisk, phones, uri.replace(TOKEN, "wrong"), f"{uri}x"))[0] == ["failed", "failed"]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path / "keys")


@pytest.fixture
def server(tmp_path: Path, keys: Keys) -> Iterator[SftpConfig]:
    """A server whose key is known; sounds go to the folder `custom` of the test."""
    with sshd(tmp_path, keys) as port:
        known = keys.known(tmp_path / "known_hosts", port)
        yield SftpConfig("127.0.0.1", user(), f"{tmp_path}/custom", known, port=port, key_file=keys.user)


async def test_speech_that_is_uploaded_is_heard(server: SftpConfig, asterisk: Asterisk, phones: Phones) -> None:
    async with open_sftp_shelf(attrs.evolve(server, folder=str(asterisk.sounds))) as shelf:
        speaker = RenderedSpeech(EspeakTextToSpeech(), Voice("en"), shelf)
        media = await speaker.media("sure")
        assert await speaker.media("sure") == media
    assert await heard(asterisk, phones, media) == (["done"], "sure")


async def test_a_server_is_a_shelf(server: SftpConfig) -> None:
    async with open_sftp_shelf(server) as shelf:
        await check_shelf(shelf)


async def test_prompts_are_uploaded_once(server: SftpConfig, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    for name in ("hello", "bye"):
        spoken(made / f"{name}.mp3", name)
    async with open_sftp_shelf(server) as shelf:
        assert await states(made, shelf) == ["put", "put"]
    there = {path.name: path.stat().st_ino for path in Path(server.folder).iterdir()}
    assert set(there) == {"hello.wav", "hello.wav16", "bye.wav", "bye.wav16", ".callengine.json"}
    async with open_sftp_shelf(server) as shelf:
        assert await states(made, shelf) == ["the same", "the same"]
        assert {path.name: path.stat().st_ino for path in Path(server.folder).iterdir()} == there
        (Path(server.folder) / "bye.wav").write_bytes(b"cut")
        spoken(made / "hello.mp3", "hello again")
        assert await states(made, shelf) == ["put", "put"]
        (Path(server.folder) / ".callengine.json").write_text('["odd"', encoding="utf-8")
        assert await states(made, shelf) == ["put", "put"]
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in Path(server.folder).iterdir())


async def states(made: Path, shelf: SftpShelf) -> list[str]:
    return [each.state for each in await PromptSync(sources(made, None), None, (shelf,), Ffmpeg()).run()]


async def test_a_server_that_was_restarted_is_spoken_to_again(tmp_path: Path, keys: Keys) -> None:
    with sshd(tmp_path, keys) as port:
        known = keys.known(tmp_path / "known_hosts", port)
        config = SftpConfig("127.0.0.1", user(), f"{tmp_path}/custom", known, port=port, key_file=keys.user, timeout=2.0)
    async with open_sftp_shelf(config) as shelf:
        with sshd(tmp_path, keys, port):
            await shelf.put("hello.wav", b"one")
        with pytest.raises(ProviderUnavailable, match="SFTP to 127"):
            await shelf.take_up("hello.wav")
        with sshd(tmp_path, keys, port):
            assert await shelf.take_up("hello.wav")


async def test_what_is_wrong_is_named(server: SftpConfig) -> None:
    by_password = attrs.evolve(server, key_file=None, password="canary-3307")
    elsewhere = attrs.evolve(server, folder="/absent/custom")
    for config, words in (
        (by_password, "is not let in: check SFTP_USER, SFTP_KEY_FILE and SFTP_PASSWORD"),
        (elsewhere, "SFTP_DIR: /absent/custom is not there on 127.0.0.1"),
    ):
        async with open_sftp_shelf(config) as shelf:
            with pytest.raises(ProviderUnavailable, match=words) as caught:
                await shelf.put("hello.wav", b"one")
        assert "canary" not in str(caught.value)


async def test_a_server_with_another_key_or_an_unknown_one_is_not_spoken_to(server: SftpConfig, tmp_path: Path) -> None:
    other = make_keys(tmp_path / "others").known(tmp_path / "other_hosts", server.port)
    nobody = tmp_path / "nobody"
    nobody.touch()
    for known, words in ((other, "its key is another than"), (nobody, "does not know its key: add what `ssh-keyscan")):
        async with open_sftp_shelf(attrs.evolve(server, known_hosts=known)) as shelf:
            with pytest.raises(ProviderUnavailable, match=words):
                await shelf.put("hello.wav", b"one")
    assert not Path(server.folder).exists()
