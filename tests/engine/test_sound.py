"""How sound goes between the PBX and the providers, as the settings say."""

import shutil
from pathlib import Path

import attrs
import pytest
from structlog.testing import capture_logs

from callengine.engine import outfit_of
from callengine.engine.notes import notes_on_prompts
from callengine.engine.sound import clearly_heard, copies_of, open_shelf, prompts_at_start, sound_folders, sync_prompts
from callengine.fsm import Scenario, load
from callengine.providers import RenderedSpeech
from callengine.providers.audio import read_wav, write_wav
from callengine.providers.base import SpeechHints
from callengine.providers.enhancing import EnhancedSpeechToText
from callengine.providers.scripted import Script, ScriptedSpeechToText
from callengine.providers.shelves import FolderShelf, HttpShelf
from callengine.providers.shelves.sftp import SftpShelf
from callengine.settings import (
    AudioSettings,
    MediaSettings,
    Secret,
    Settings,
    SftpSettings,
    SttSettings,
    TranscriptLogSettings,
    TtsSettings,
)
from tests.providers.converting import ffmpeg, runs
from tests.providers.test_audio import tone

TOKEN = Secret("canary-55b1-canary")
HTTP = MediaSettings(delivery="http", base_url="http://10.0.0.5:8090", token=TOKEN)
RECORDING = write_wav(tone(1.0))


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, with an ffmpeg in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    shutil.move(ffmpeg(tmp_path).executable, folder / "ffmpeg")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def made(folder: Path) -> AudioSettings:
    """A prompt `hello`, and folders of a PBX."""
    for name in ("made", "sounds/custom", "sounds/en/custom", "sounds/fr"):
        (folder / name).mkdir(parents=True)
    (folder / "made/hello.mp3").write_bytes(b"hello")
    return AudioSettings(sound_dir=(folder / "sounds/custom",), source_dir=folder / "made", wav_dir=folder / "wav")


def scenario(**prompts: str) -> Scenario:
    named = ", ".join(f'{key}: "{uri}"' for key, uri in prompts.items())
    loading = load(f"scenario: {{name: sales, prompts: {{{named}}}, flow: [{{step: a, type: hangup}}]}}".encode(), "sales.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (["sounds/custom"], ["sounds/custom", "sounds/en/custom"]),
        (["sounds/en/custom"], ["sounds/en/custom", "sounds/custom"]),
        (["sounds/custom", "sounds/fa/custom"], ["sounds/custom", "sounds/fa/custom"]),
        (["elsewhere/custom"], ["elsewhere/custom"]),
        ([], []),
    ],
)
def test_a_folder_of_sounds_stands_for_those_of_other_languages_too(tmp_path: Path, named: list[str], found: list[str]) -> None:
    made(tmp_path)
    settings = AudioSettings(sound_dir=[tmp_path / name for name in named])
    assert sound_folders(settings) == tuple(tmp_path / name for name in found)


async def test_prompts_are_put_into_all_of_them_at_start(tmp_path: Path, on_path: Path) -> None:
    settings = Settings(audio=made(tmp_path))
    async with open_shelf(settings) as shelf:
        with capture_logs() as logs:
            await prompts_at_start(settings, shelf)
            await prompts_at_start(settings, shelf)
    for folder in ("sounds/custom", "sounds/en/custom"):
        assert read_wav((tmp_path / folder / "hello.wav").read_bytes()).rate == 8_000
    assert [(line["put"], line["unchanged"], line["failed"]) for line in logs] == [(1, 0, 0), (0, 1, 0)]


async def test_what_goes_wrong_at_start_is_said_and_stops_nobody(tmp_path: Path, on_path: Path) -> None:
    audio = made(tmp_path)
    absent = Settings(audio=attrs.evolve(audio, source_dir=tmp_path / "absent"))
    (tmp_path / "made/bye.mp3").write_bytes(b"bye")
    unwritable = Settings(audio=attrs.evolve(audio, sound_dir=(tmp_path / "absent/custom",)))
    with capture_logs() as logs:
        await prompts_at_start(absent, None)
        await prompts_at_start(unwritable, None)
        await prompts_at_start(Settings(), None)
    assert [line["log_level"] for line in logs] == ["warning", "info", "warning"]
    assert "AUDIO_SRC_DIR" in logs[0]["reason"]
    assert (logs[2]["prompts"], "sudo install -d" in logs[2]["reason"]) == ("bye, hello", True)


async def test_what_the_pbx_fetches_is_served_from_the_start(tmp_path: Path, on_path: Path) -> None:
    settings = Settings(audio=attrs.evolve(made(tmp_path), sound_dir=()), media=HTTP)
    async with outfit_of(settings) as outfit:
        assert isinstance(outfit.served, HttpShelf)
        await prompts_at_start(settings, outfit.shelf)
        uri = outfit.playable("sound:custom/hello")
        assert uri.startswith("sound:http://10.0.0.5:8090/media/canary-55b1-canary/")
        assert outfit.served.content(TOKEN.get_secret_value(), uri.rpartition("/")[2]) is not None
        assert outfit.playable("sound:beep") == "sound:beep"
        assert "canary" not in repr(outfit)


async def test_prompts_may_be_converted_alone(tmp_path: Path, on_path: Path) -> None:
    settings = Settings(audio=attrs.evolve(made(tmp_path), sound_dir=()))
    [placed] = await sync_prompts(settings, None)
    assert (placed.state, placed.detail) == ("put", "hello.wav")
    assert read_wav((tmp_path / "wav/hello.wav").read_bytes()).rate == 16_000


async def test_each_way_of_delivery_has_its_shelf(tmp_path: Path) -> None:
    tts = TtsSettings(provider="local")
    sftp = SftpSettings(host="pbx", user="asterisk", password=Secret("canary-81"), dir="/sounds/custom")
    ways = {
        FolderShelf: Settings(tts=tts, audio=AudioSettings(sound_dir=(tmp_path,))),
        HttpShelf: Settings(tts=tts, media=HTTP),
        SftpShelf: Settings(tts=tts, media=MediaSettings(delivery="sftp"), sftp=sftp),
    }
    for kind, settings in ways.items():
        async with outfit_of(settings) as outfit:
            assert isinstance(outfit.speaker, RenderedSpeech)
            assert isinstance(outfit.speaker.shelf, kind)
            assert "canary" not in repr(outfit)
    async with outfit_of(Settings(tts=tts)) as outfit:
        assert (outfit.shelf, outfit.speaker, outfit.served) == (None, None, None)


@pytest.mark.parametrize(
    ("enhance", "provider", "is_enhanced"),
    [
        ("auto", "deepgram", True),
        ("off", "deepgram", False),
        ("auto", "local", False),
        ("on", "local", True),
        ("off", "local", False),
    ],
)
async def test_recordings_are_enhanced_where_the_settings_say_so(
    enhance: str, provider: str, is_enhanced: bool, tmp_path: Path, on_path: Path
) -> None:
    settings = Settings(audio=AudioSettings(enhance=enhance), stt=SttSettings(provider=provider))
    inner = ScriptedSpeechToText(Script(("yes",)))
    await clearly_heard(inner, settings, None).transcribe(RECORDING, SpeechHints())
    assert (inner.asked[0][0] != RECORDING, len(runs(tmp_path))) == (is_enhanced, int(is_enhanced))


async def test_without_ffmpeg_it_is_said_once_at_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    inner = ScriptedSpeechToText(Script(("yes",)))
    with capture_logs() as logs:
        ears = clearly_heard(inner, Settings(audio=AudioSettings(enhance="on")), None)
        await ears.transcribe(RECORDING, SpeechHints())
    assert [line["log_level"] for line in logs] == ["warning"]
    assert "apt-get install ffmpeg" in logs[0]["event"]
    assert inner.asked[0][0] == RECORDING


async def test_what_is_kept_is_what_the_recogniser_is_given(tmp_path: Path, on_path: Path) -> None:
    audio = AudioSettings(enhance="on", enhanced_dir=tmp_path / "kept", enhanced_days=3, enhanced_max_mb=2)
    copies = copies_of(audio)
    assert copies is not None and (copies.days, copies.most_bytes) == (3, 2 * 1024 * 1024)
    inner = ScriptedSpeechToText(Script(("yes",)))
    ears = clearly_heard(inner, Settings(audio=audio), copies)
    assert isinstance(ears, EnhancedSpeechToText)
    await ears.transcribe(RECORDING, SpeechHints(recording="r-1"))
    assert (tmp_path / "kept/r-1.stt.wav").read_bytes() == inner.asked[0][0] != RECORDING
    assert copies_of(AudioSettings()) is None


async def test_what_is_kept_is_looked_after_for_as_long_as_calls_run(tmp_path: Path) -> None:
    async with outfit_of(Settings()) as outfit:
        assert outfit.chores == ()
    audio, logs = AudioSettings(enhanced_dir=tmp_path / "kept"), TranscriptLogSettings(dir=tmp_path / "logs")
    async with outfit_of(Settings(audio=audio, transcript_logs=logs)) as outfit:
        assert len(outfit.chores) == 2


def test_prompts_that_nobody_would_hear_are_named_at_start(tmp_path: Path) -> None:
    audio = made(tmp_path)
    (tmp_path / "sounds/custom/hello.gsm").touch()
    sales = scenario(hello="sound:custom/hello", gone="sound:custom/gone", beep="sound:beep")
    [note] = notes_on_prompts((sales,), Settings(audio=audio))
    assert "Scenario sales" in note and "sound:custom/gone;" in note
    assert not list(notes_on_prompts((sales,), Settings(audio=audio, media=HTTP)))
    assert not list(notes_on_prompts((sales,), Settings()))
