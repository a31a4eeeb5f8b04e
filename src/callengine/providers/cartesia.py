"""Text to speech by Cartesia: the answer is the audio."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from attrs import field, frozen
from attrs.validators import gt

from callengine.errors import ConfigError
from callengine.providers.base import Voice
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.http import HttpService, checked_key, checked_url, open_service
from callengine.providers.spoken import MOST_AUDIO, RATE, wav_of

BASE_URL = "https://api.cartesia.ai"
VERSION = "2026-03-01"
"""Of the API; its dates are its versions."""

MODEL = "sonic-3"
"""It heeds a speed, which sonic-3.5 for the time being does not."""

NAME = "Cartesia's text to speech"
SLOWEST, FASTEST = 0.6, 1.5
"""Cartesia's bounds of a speed."""


@frozen
class CartesiaConfig:
    """Who speaks and who pays.

    Attributes:
        api_key: never shown, in no error either.
        voice: the id of who speaks where a `Voice` names nobody.
        model: Cartesia's name for it.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
        ffmpeg: decodes what is not plain WAV.
    """

    api_key: str = field(repr=False)
    voice: str
    model: str = MODEL
    timeout: float = field(default=30.0, validator=gt(0))
    base_url: str = BASE_URL
    ffmpeg: Ffmpeg = field(factory=Ffmpeg)

    def __attrs_post_init__(self) -> None:
        checked_key(self.api_key, "CARTESIA_API_KEY")
        checked_url(self.base_url, "the address of Cartesia")
        if not self.voice:
            raise ConfigError("TTS_VOICE is empty: Cartesia needs the id of a voice")


@frozen
class CartesiaTextToSpeech:
    """A `TextToSpeech`; made by `open_cartesia`, which owns the connections."""

    config: CartesiaConfig
    service: HttpService

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        """Return a WAV file, mono and 16-bit.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests at once.
            ProviderRefused: the text, the voice, the language or the key is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no audio.
        """
        body = {
            "model_id": self.config.model,
            "transcript": text,
            "voice": {"mode": "id", "id": voice.name or self.config.voice},
            "output_format": {"container": "wav", "encoding": "pcm_s16le", "sample_rate": RATE},
            "language": voice.language.partition("-")[0].lower(),
            "generation_config": {"speed": min(max(voice.speed, SLOWEST), FASTEST)},
        }
        request = self.service.post(f"{self.config.base_url.rstrip('/')}/tts/bytes", body)
        return await wav_of(await self.service.ask(request, MOST_AUDIO), NAME, self.config.ffmpeg)


@asynccontextmanager
async def open_cartesia(
    config: CartesiaConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[CartesiaTextToSpeech]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    opened = open_service(
        NAME,
        patience=config.timeout,
        headers={"Authorization": f"Bearer {config.api_key}", "Cartesia-Version": VERSION, "Accept": "audio/*"},
        secrets=(config.api_key,),
        empty_account=lambda status, _: status == 402,
        transport=transport,
    )
    async with opened as service:
        yield CartesiaTextToSpeech(config, service)
