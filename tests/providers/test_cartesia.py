"""Cartesia's text to speech, as its reference of 2026-03-01 has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from callengine.errors import ConfigError, ProviderRefused, ProviderThrottled
from callengine.providers import TextToSpeech, Voice
from callengine.providers.audio import write_wav
from callengine.providers.cartesia import CartesiaConfig, open_cartesia
from callengine.testing import SECRET, Reply, Subject, check_tts
from tests.providers.test_audio import tone
from tests.providers.test_spoken import NO_FFMPEG

VOICE = "694f9389-aac1-45b6-b726-9d9369183238"
SPOKEN = write_wav(tone())
BUSY = b"""{"error_code": "concurrency_limited", "title": "Too many concurrent requests",
"message": "You have exceeded your plan's concurrency limit.", "request_id": "550e8400-e29b-41d4-a716-446655440000"}"""


async def ask(voice: Voice, status: int = 200, content: bytes = SPOKEN) -> httpx.Request:
    asked: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, content=content)

    async with open_cartesia(CartesiaConfig(SECRET, VOICE, ffmpeg=NO_FFMPEG), httpx.MockTransport(service)) as mouth:
        assert await mouth.synthesise("Hello", voice) == SPOKEN
    [request] = asked
    return request


async def test_it_conforms() -> None:
    @asynccontextmanager
    async def cartesia(url: str) -> AsyncIterator[TextToSpeech]:
        async with open_cartesia(CartesiaConfig(SECRET, VOICE, base_url=url, ffmpeg=NO_FFMPEG)) as opened:
            yield opened

    await check_tts(Subject(cartesia, Reply(200, SPOKEN, {"Content-Type": "audio/wav"}), (Reply(402),)))


async def test_a_text_is_sent_as_cartesia_wants_it() -> None:
    request = await ask(Voice("pt-br", words_per_minute=135))
    assert (request.method, str(request.url)) == ("POST", "https://api.cartesia.ai/tts/bytes")
    assert request.headers["Authorization"] == f"Bearer {SECRET}"
    assert request.headers["Cartesia-Version"] == "2026-03-01"
    assert msgspec.json.decode(request.content) == {
        "model_id": "sonic-3",
        "transcript": "Hello",
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 8000},
        "language": "pt",
        "generation_config": {"speed": 0.9},
    }


async def test_a_voice_that_is_named_speaks_and_speeds_stay_within_cartesias_bounds() -> None:
    fast = msgspec.json.decode((await ask(Voice(name="another", words_per_minute=450))).content)
    slow = msgspec.json.decode((await ask(Voice(words_per_minute=80))).content)
    assert fast["voice"]["id"] == "another"
    assert (fast["generation_config"]["speed"], slow["generation_config"]["speed"]) == (1.5, 0.6)


async def test_its_own_words_are_passed_on() -> None:
    with pytest.raises(ProviderThrottled, match="concurrency_limited"):
        await ask(Voice(), 429, BUSY)
    with pytest.raises(ProviderRefused, match="no such voice"):
        await ask(Voice(), 404, b'{"error_code": null, "title": "no such voice"}')


def test_what_cartesia_needs_is_named_and_its_key_is_in_no_repr() -> None:
    assert SECRET not in repr(CartesiaConfig(SECRET, VOICE))
    for key in ("", "two words"):
        with pytest.raises(ConfigError, match="CARTESIA_API_KEY"):
            CartesiaConfig(key, VOICE)
    with pytest.raises(ConfigError, match="TTS_VOICE"):
        CartesiaConfig(SECRET, "")
