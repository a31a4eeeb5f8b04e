"""Which providers the settings ask for."""

from contextlib import AsyncExitStack
from pathlib import Path

import attrs
import msgspec
import pytest

from callengine.engine import outfit_of
from callengine.engine.speaking import synthesiser_of, voice_of
from callengine.errors import ConfigError, ProviderRefused
from callengine.providers import SpeechHints, TextToSpeech, Voice, WebRequest
from callengine.providers.audio import read_wav
from callengine.providers.cartesia import CartesiaTextToSpeech
from callengine.providers.espeak import EspeakTextToSpeech
from callengine.providers.openai_speech import OpenAiTextToSpeech
from callengine.providers.vira_tts import ViraTextToSpeech
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

KEY = Secret("canary-3391")


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


async def test_messages_go_by_a_webhook_where_there_is_one_alone_or_it_is_named() -> None:
    async with open_wire(Reply(204)) as wire:
        alone = SmsSettings(sender="50004", webhook_url=wire.url, webhook_token=KEY)
        both = SmsSettings("webhook", KEY, "50004", wire.url)
        for sms in (alone, both):
            wire.told(Reply(204))
            async with outfit_of(Settings(sms=sms)) as outfit:
                assert outfit.messenger is not None
                await outfit.messenger.send("0912", "hi")
                assert KEY.get_secret_value() not in repr(outfit)
            [asked] = wire.asked
            assert msgspec.json.decode(asked.body) == {"to": "0912", "from": "50004", "text": "hi"}
    assert SmsSettings(api_key=KEY, sender="50004", webhook_url="http://127.0.0.1").chosen == "melipayamak"


@pytest.mark.parametrize(
    ("tts", "kind"),
    [
        (TtsSettings(), None),
        (TtsSettings("none", vira_token=KEY), None),
        (TtsSettings("local"), EspeakTextToSpeech),
        (TtsSettings(vira_token=KEY, cartesia_api_key=KEY, voice="v"), ViraTextToSpeech),
        (TtsSettings(cartesia_api_key=KEY, voice="v"), CartesiaTextToSpeech),
        (TtsSettings(cartesia_api_key=KEY), None),
        (TtsSettings("cartesia", vira_token=KEY, cartesia_api_key=KEY, voice="v"), CartesiaTextToSpeech),
        (TtsSettings("openai", api_key=KEY), OpenAiTextToSpeech),
        (TtsSettings("openai", base_url="http://127.0.0.1:8880/v1"), OpenAiTextToSpeech),
    ],
)
async def test_who_speaks_is_who_is_named_or_has_a_token(tts: TtsSettings, kind: type[TextToSpeech] | None) -> None:
    async with AsyncExitStack() as stack:
        made = await synthesiser_of(Settings(tts=tts), stack)
        assert type(made and made.speech) is (kind or type(None))
        assert KEY.get_secret_value() not in repr(made)


@pytest.mark.parametrize(
    ("tts", "name"),
    [
        (TtsSettings("vira"), "VIRA_TTS_TOKEN"),
        (TtsSettings("cartesia", voice="v"), "CARTESIA_API_KEY"),
        (TtsSettings("cartesia", cartesia_api_key=KEY), "TTS_VOICE"),
    ],
)
async def test_what_a_named_one_lacks_is_named(tts: TtsSettings, name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=name):
        async with outfit_of(Settings(tts=tts, audio=AudioSettings(sound_dir=tmp_path))):
            pass


async def test_viras_certificates_are_checked_unless_told_otherwise() -> None:
    for checked in (True, False):
        settings = Settings(tts=TtsSettings("vira", vira_token=KEY), stt=SttSettings(verify_ssl=checked))
        async with AsyncExitStack() as stack:
            made = await synthesiser_of(settings, stack)
            assert made is not None
            assert isinstance(made.speech, ViraTextToSpeech)
            assert made.speech.config.verify is checked


async def test_openais_own_key_goes_to_openai_alone() -> None:
    async def key_at(base_url: str) -> str:
        settings = Settings(tts=TtsSettings("openai", base_url=base_url), llm=LlmSettings(openai_api_key=KEY))
        async with AsyncExitStack() as stack:
            made = await synthesiser_of(settings, stack)
            assert made is not None
            assert isinstance(made.speech, OpenAiTextToSpeech)
            return made.speech.config.api_key

    assert await key_at("https://api.openai.com/v1") == KEY.get_secret_value()
    for other in ("https://speech.example.com/v1", "https://api.openai.com.evil.test/v1", "http://127.0.0.1:8880/v1"):
        assert not await key_at(other)


async def test_speech_of_a_service_is_made_once_and_anew_for_another_model_or_speed(tmp_path: Path) -> None:
    spoken = Reply(body=(Path(__file__).parents[1] / "providers" / "data" / "yes.wav").read_bytes())
    async with open_wire(spoken) as wire:

        async def say(model: str, speed: float = 1.0) -> str:
            tts = TtsSettings("openai", base_url=f"{wire.url}/v1", model=model, speed=speed, voice="nova")
            async with outfit_of(Settings(tts=tts, audio=AudioSettings(sound_dir=tmp_path))) as outfit:
                assert outfit.speaker is not None
                return await outfit.speaker.media("hello")

        first = await say("kokoro")
        assert await say("kokoro") == first
        assert len(wire.asked) == 1
        assert len({first, await say("piper"), await say("kokoro", 1.2)}) == 3
        assert [msgspec.json.decode(asked.body)["speed"] for asked in wire.asked] == [1.0, 1.0, 1.2]


def test_the_voice_is_that_of_the_settings() -> None:
    assert voice_of(TtsSettings()) == Voice()
    assert voice_of(TtsSettings(language="fa", voice="shahrzad", speed=0.6)) == Voice("fa", "shahrzad", 90)
