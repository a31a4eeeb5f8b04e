"""Services in good and bad moods, and remedies that fit."""

from pathlib import Path

import attrs
import pytest

from callengine.doctor import State
from callengine.doctor.listening import tone
from callengine.providers.audio import read_wav
from callengine.settings import HttpSettings, LlmSettings, Secret, Settings, SttSettings, TtsSettings
from callengine.testing.wire import Reply, Wire, open_wire
from tests.doctor.ward import Examined, examined, patient

KEY = Secret("canary-key")
HEARD = Reply(200, b'{"text": ""}')
CHOSEN = Reply(200, b'{"choices": [{"message": {"role": "assistant", "content": "{\\"intent\\": \\"yes\\"}"}}]}')


def with_services(folder: Path, url: str) -> Settings:
    """Everything at one address."""
    return attrs.evolve(
        patient(folder),
        stt=SttSettings(provider="openai", base_url=f"{url}/v1", api_key=KEY, timeout=5.0),
        llm=LlmSettings(base_url=f"{url}/v1", api_key=KEY, timeout=5.0),
        http=HttpSettings(attempts=3),
    )


def with_speech(folder: Path, url: str) -> Settings:
    return attrs.evolve(patient(folder), tts=TtsSettings(provider="openai", base_url=f"{url}/v1", api_key=KEY, timeout=5.0))


def asked_of(wire: Wire, path: str) -> int:
    return sum(asked.target.endswith(path) for asked in wire.asked)


async def ears(folder: Path, url: str) -> Examined:
    settings = with_services(folder, url)
    return await examined(attrs.evolve(settings, llm=LlmSettings()), folder)


async def test_ears_that_hear(tmp_path: Path) -> None:
    async with open_wire(HEARD) as wire:
        found = await ears(tmp_path, wire.url)
    assert found.one("speech to text").state is State.OK
    assert "answers" in found.one("speech to text").sentence
    assert asked_of(wire, "/audio/transcriptions") == 1


@pytest.mark.parametrize(
    ("reply", "state", "remedy"),
    [
        (Reply(401, b"canary-key is not known"), State.FAILED, "STT_API_KEY"),
        (Reply(404, b"no such model"), State.FAILED, "STT_BASE_URL"),
        (Reply(400, b"bad language"), State.FAILED, "STT_LANGUAGE"),
        (Reply(402, b'{"error": {"code": "insufficient_quota"}}'), State.FAILED, "Top up the account"),
        (Reply(429, b"slow down"), State.WARNING, "MAX_PARALLEL"),
        (Reply(302, b"", {"Location": "http://elsewhere.test"}), State.FAILED, "STT_BASE_URL"),
        (Reply(500, b"oops"), State.FAILED, "Try again"),
        (Reply(200, b"<html>maintenance</html>"), State.FAILED, "STT_BASE_URL"),
        (Reply(200, b'{"text": "x"}', cut=3), State.FAILED, "Try again"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else None,
)
async def test_ears_that_do_not(tmp_path: Path, reply: Reply, state: State, remedy: str) -> None:
    async with open_wire(reply) as wire:
        finding = (await ears(tmp_path, wire.url)).one("speech to text")
    assert (finding.state, len(wire.asked)) == (state, 1)
    assert remedy in finding.remedy


async def test_a_closed_port_is_told_from_a_slow_service(tmp_path: Path) -> None:
    async with open_wire(HEARD) as wire:
        pass
    finding = (await ears(tmp_path, wire.url)).one("speech to text")
    assert "nothing listens at 127.0.0.1" in finding.sentence
    assert "STT_BASE_URL" in finding.remedy


async def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    finding = (await ears(tmp_path, "http://nowhere.invalid")).one("speech to text")
    assert "cannot be resolved" in finding.sentence


async def test_a_service_that_speaks_no_tls(tmp_path: Path) -> None:
    async with open_wire(HEARD) as wire:
        finding = (await ears(tmp_path, wire.url.replace("http:", "https:"))).one("speech to text")
    assert "does not speak TLS" in finding.sentence
    assert "http://" in finding.remedy


async def test_who_does_not_answer_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    async with open_wire(Reply(held=-1)) as wire:
        found = await examined(with_services(tmp_path, wire.url), tmp_path, within=1.0)
        await wire.wait_quiet()
    assert "within 1 s" in found.one("speech to text").sentence
    assert "within 1 s" in found.one("language model").sentence
    assert found.one("short messages").state is State.SKIPPED


async def test_a_model_that_chooses(tmp_path: Path) -> None:
    async with open_wire(CHOSEN) as wire:
        settings = attrs.evolve(with_services(tmp_path, wire.url), stt=SttSettings())
        found = await examined(settings, tmp_path)
    assert found.one("language model").sentence.startswith("gpt-4o-mini answers")
    assert asked_of(wire, "/chat/completions") == 1


async def test_a_model_that_talks_beside_the_point(tmp_path: Path) -> None:
    reply = Reply(200, b'{"choices": [{"message": {"role": "assistant", "content": "How may I help you?"}}]}')
    async with open_wire(reply) as wire:
        found = await examined(attrs.evolve(with_services(tmp_path, wire.url), stt=SttSettings()), tmp_path)
    finding = found.one("language model")
    assert finding.state is State.WARNING
    assert "LLM_MODEL" in finding.remedy
    assert not found.of("language model", State.OK)


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (Reply(403, b"pre_consume_token_quota_failed"), "Top up the account"),
        (Reply(401, b"no such key canary-key"), "GAPGPT_API_KEY"),
        (Reply(404, b"no model"), "LLM_MODEL"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else None,
)
async def test_a_model_that_refuses(tmp_path: Path, reply: Reply, remedy: str) -> None:
    async with open_wire(reply) as wire:
        found = await examined(attrs.evolve(with_services(tmp_path, wire.url), stt=SttSettings()), tmp_path)
    assert remedy in found.one("language model").remedy


async def test_every_model_that_a_scenario_names_is_asked(tmp_path: Path) -> None:
    async with open_wire(CHOSEN) as wire:
        settings = attrs.evolve(with_services(tmp_path, wire.url), stt=SttSettings())
        assert settings.scenarios.dir is not None
        file = settings.scenarios.dir / "offer.yaml"
        file.write_text(file.read_text(encoding="utf-8") + "  llm: {model: other-model}\n", encoding="utf-8")
        found = await examined(settings, tmp_path)
    said = sorted(each.sentence.split()[0] for each in found.of("language model", State.OK))
    assert said == ["gpt-4o-mini", "other-model"]


async def test_a_voice(tmp_path: Path) -> None:
    async with open_wire(Reply(200, tone(), {"Content-Type": "audio/wav"})) as wire:
        found = await examined(with_speech(tmp_path, wire.url), tmp_path)
    assert found.one("text to speech").state is State.OK
    assert asked_of(wire, "/audio/speech") == 1


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (Reply(401, b"canary-key?"), "TTS_API_KEY"),
        (Reply(400, b"no such voice"), "TTS_VOICE"),
        (Reply(200, b"<html>"), "TTS_BASE_URL"),
    ],
    ids=["key", "voice", "html"],
)
async def test_a_voice_that_does_not_come(tmp_path: Path, reply: Reply, remedy: str) -> None:
    async with open_wire(reply) as wire:
        finding = (await examined(with_speech(tmp_path, wire.url), tmp_path)).one("text to speech")
    assert finding.state is State.FAILED
    assert remedy in finding.remedy


async def test_services_of_this_machine(tmp_path: Path) -> None:
    settings = attrs.evolve(patient(tmp_path), stt=SttSettings(provider="local"), tts=TtsSettings(provider="local"))
    found = await examined(settings, tmp_path)
    assert found.one("speech to text").sentence.startswith("pocketsphinx answers")
    assert found.one("text to speech").sentence.startswith("espeak-ng says 'Hello'")


async def test_programs_that_are_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await examined(attrs.evolve(patient(tmp_path), tts=TtsSettings(provider="local")), tmp_path)
    assert "apt-get install ffmpeg" in found.one("ffmpeg").remedy
    assert "espeak-ng" in found.one("text to speech").remedy


def test_the_tone_is_loud_enough_to_be_heard() -> None:
    sound = read_wav(tone())
    assert sound.seconds == 0.5
    assert sound.as_loud_as(0.05)
