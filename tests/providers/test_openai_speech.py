"""Text to speech as OpenAI has it, at OpenAI and elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from callengine.errors import BalanceExhausted, ConfigError
from callengine.providers import TextToSpeech, Voice
from callengine.providers.audio import read_wav
from callengine.providers.openai_speech import OpenAiSpeechConfig, open_openai_speech
from callengine.testing import SECRET, Reply, Subject, check_tts
from tests.providers.fake_ffmpeg import DECODED, fake_ffmpeg
from tests.providers.test_spoken import MP3, NO_FFMPEG, SPOKEN

BASE = "https://api.openai.com/v1"
STREAMED = SPOKEN[:4] + b"\xff\xff\xff\xff" + SPOKEN[8:40] + b"\xff\xff\xff\xff" + SPOKEN[44:]
"""OpenAI begins to send before it knows how long the speech will be."""


class Service:
    def __init__(self, content: bytes = SPOKEN, status: int = 200) -> None:
        self.content, self.status, self.asked = content, status, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.status, content=self.content)

    async def speak(self, config: OpenAiSpeechConfig, voice: Voice | None = None) -> bytes:
        async with open_openai_speech(config, httpx.MockTransport(self)) as mouth:
            return await mouth.synthesise("Hello", voice or Voice())


async def test_it_conforms() -> None:
    @asynccontextmanager
    async def openai(url: str) -> AsyncIterator[TextToSpeech]:
        async with open_openai_speech(OpenAiSpeechConfig(f"{url}/v1", SECRET, ffmpeg=NO_FFMPEG)) as opened:
            yield opened

    empty = (Reply(402), Reply(429, b'{"error": {"code": "insufficient_quota"}}'))
    await check_tts(Subject(openai, Reply(200, SPOKEN, {"Content-Type": "audio/wav"}), empty))


async def test_a_text_is_sent_as_the_api_wants_it() -> None:
    service = Service()
    assert await service.speak(OpenAiSpeechConfig(f"{BASE}/", SECRET), Voice(name="nova", words_per_minute=180)) == SPOKEN
    [request] = service.asked
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/audio/speech")
    assert request.headers["Authorization"] == f"Bearer {SECRET}"
    assert msgspec.json.decode(request.content) == {
        "model": "gpt-4o-mini-tts",
        "input": "Hello",
        "voice": "nova",
        "response_format": "wav",
        "speed": 1.2,
    }


async def test_a_server_of_ones_own_needs_no_key() -> None:
    service = Service()
    await service.speak(OpenAiSpeechConfig("http://127.0.0.1:8880/v1", model="kokoro"))
    [request] = service.asked
    assert "Authorization" not in request.headers
    assert msgspec.json.decode(request.content)["voice"] == "alloy"


async def test_wav_of_a_length_unknown_when_it_began_is_whole() -> None:
    assert read_wav(await Service(STREAMED).speak(OpenAiSpeechConfig(BASE, SECRET))) == read_wav(SPOKEN)


@pytest.mark.parametrize("form", ["wav", "mp3"])
async def test_mp3_is_decoded_whether_it_was_asked_for_or_not(tmp_path: Path, form: str) -> None:
    config = OpenAiSpeechConfig(BASE, SECRET, form="mp3" if form == "mp3" else "wav", ffmpeg=fake_ffmpeg(tmp_path))
    service = Service(MP3)
    assert read_wav(await service.speak(config)) == DECODED
    assert msgspec.json.decode(service.asked[0].content)["response_format"] == form


async def test_an_empty_account_is_known() -> None:
    with pytest.raises(BalanceExhausted):
        await Service(b'{"error": {"code": "insufficient_quota"}}', 429).speak(OpenAiSpeechConfig(BASE, SECRET))


def test_bad_settings_are_named_and_the_key_is_in_no_repr() -> None:
    assert SECRET not in repr(OpenAiSpeechConfig(BASE, SECRET))
    with pytest.raises(ConfigError, match="TTS_BASE_URL"):
        OpenAiSpeechConfig("api.openai.com")
    with pytest.raises(ConfigError, match="TTS_API_KEY"):
        OpenAiSpeechConfig(BASE, "two words")
