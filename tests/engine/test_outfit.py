"""Which providers the settings ask for."""

from pathlib import Path

import attrs
import pytest

from callengine.engine import outfit_of
from callengine.errors import ProviderRefused
from callengine.providers import SpeechHints, WebRequest
from callengine.providers.audio import read_wav
from callengine.settings import (
    AudioSettings,
    LlmSettings,
    RequestSettings,
    Secret,
    Settings,
    SmsSettings,
    SttSettings,
    TtsSettings,
)
from callengine.testing import Reply, open_wire
from tests.providers.test_espeak import SPEAK, program


async def test_nothing_is_asked_for_by_default() -> None:
    async with outfit_of(Settings()) as outfit:
        assert outfit.ears is None
        assert outfit.speaker is None
        assert outfit.messenger is None
        assert outfit.web is None


async def test_local_speech_reaches_the_pbx_in_the_language_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Path(program(tmp_path, f"open({str(tmp_path / 'told')!r}, 'w').write(sys.argv[2])\n{SPEAK}"))
    fake.rename(tmp_path / "espeak-ng")
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(tts=TtsSettings(provider="local", language="fa"), audio=AudioSettings(sound_dir=tmp_path))
    async with outfit_of(settings) as outfit:
        assert outfit.speaker is not None
        media = await outfit.speaker.media("سلام")
    assert (tmp_path / "told").read_text() == "fa"
    assert read_wav((tmp_path.parent / f"{media.removeprefix('sound:')}.wav").read_bytes()).rate == 8000


VIRA = SttSettings(vira_token=Secret("canary-1"), vira_url="https://vira.test")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (VIRA, "Vira's speech to text"),
        (attrs.evolve(VIRA, deepgram_api_key=Secret("canary-2")), "Vira's speech to text"),
        (SttSettings(deepgram_api_key=Secret("canary-2")), "Deepgram"),
        (SttSettings(provider="openai", base_url="http://127.0.0.1:8000/v1"), "the speech to text service"),
        (SttSettings(provider="local", vira_token=Secret("canary-1")), "pocketsphinx"),
    ],
)
async def test_who_listens_follows_from_the_keys_that_are_set(settings: SttSettings, name: str) -> None:
    async with outfit_of(Settings(stt=settings)) as outfit:
        assert outfit.ears is not None
        assert [bounds.service for bounds in outfit.services] == [name]
        assert outfit.services[0].limiter.total_tokens == settings.max_parallel
        assert "canary" not in repr(outfit)


async def test_recognisers_are_asked_where_and_how_the_settings_say() -> None:
    async with open_wire(Reply(body=b'{"text": "yes"}')) as wire:
        stt = SttSettings(provider="openai", base_url=wire.url, model="small", language="fa")
        llm = LlmSettings(openai_api_key=Secret("canary-3"))
        async with outfit_of(Settings(stt=stt, llm=llm)) as outfit:
            assert outfit.ears is not None
            assert await outfit.ears.transcribe(b"RIFF", SpeechHints(hotwords=("IELTS",))) == "yes"
        [asked] = wire.asked
        assert asked.target == "/audio/transcriptions"
        assert "authorization" not in asked.headers, "OpenAI's key is for OpenAI alone"
        for sent in (b"small", b"fa", b"IELTS"):
            assert b"\r\n\r\n" + sent + b"\r\n" in asked.body

        wire.told(Reply(body=b'{"results": {"channels": [{"alternatives": [{"transcript": "yes"}]}]}}'))
        stt = SttSettings(deepgram_api_key=Secret("canary-2"), base_url=wire.url, model="nova-2", language="fa")
        async with outfit_of(Settings(stt=stt)) as outfit:
            assert outfit.ears is not None
            assert await outfit.ears.transcribe(b"RIFF", SpeechHints()) == "yes"
        [asked] = wire.asked
        assert asked.target == "/v1/listen?model=nova-2&language=fa&smart_format=true"


def test_openai_s_key_is_shown_to_openai_alone() -> None:
    key = Secret("canary-3")
    for address in ("", "https://api.openai.com/v1"):
        assert SttSettings(base_url=address).key_for_openai(key) is key
    for address in ("http://api.openai.com/v1", "https://api.openai.com.evil.test/v1", "http://127.0.0.1:8000"):
        assert not SttSettings(base_url=address).key_for_openai(key)
    own = Secret("canary-4")
    assert SttSettings(base_url="https://whisper.test", api_key=own).key_for_openai(key) is own


async def test_web_services_are_those_of_the_settings() -> None:
    requests = RequestSettings(hosts=("crm.example.com",), tokens=Secret("crm.example.com=canary-8812"))
    async with outfit_of(Settings(requests=requests)) as outfit:
        assert outfit.web is not None
        assert outfit.hosts is not None
        assert outfit.hosts.allow("https://crm.example.com/")
        with pytest.raises(ProviderRefused, match="REQUEST_HOSTS"):
            await outfit.web.ask(WebRequest("GET", "https://evil.test/", None, 5.0))
        assert "canary-8812" not in repr(outfit)


async def test_short_messages_need_a_key_and_a_sender() -> None:
    key = Secret("canary-3391")
    async with outfit_of(Settings(sms=SmsSettings(api_key=key))) as outfit:
        assert outfit.messenger is None
    async with outfit_of(Settings(sms=SmsSettings(api_key=key, sender="50004"))) as outfit:
        assert outfit.messenger is not None
        assert "canary-3391" not in repr(outfit)
