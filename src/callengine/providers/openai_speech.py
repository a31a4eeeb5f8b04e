"""Text to speech behind the OpenAI-compatible API of speech: OpenAI, and servers of one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import httpx
from attrs import field, frozen
from attrs.validators import gt, in_

from callengine.providers.base import Voice
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.http import HttpService, checked_key, checked_url, open_service
from callengine.providers.openai import says_empty
from callengine.providers.spoken import MOST_AUDIO, wav_of

MODEL = "gpt-4o-mini-tts"
VOICE = "alloy"
"""Where no voice is named; servers of other models mostly know OpenAI's names too."""

NAME = "the text-to-speech service"


@frozen
class OpenAiSpeechConfig:
    """Where the synthesiser is and who pays.

    Attributes:
        base_url: up to and without `/audio/speech`.
        api_key: empty where the server wants none; never shown, in no error either.
        model: the service's name for it.
        form: what the service is asked for; whatever it sends is understood.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
        ffmpeg: decodes what is not plain WAV.
    """

    base_url: str
    api_key: str = field(default="", repr=False)
    model: str = MODEL
    form: Literal["wav", "mp3"] = field(default="wav", validator=in_(("wav", "mp3")))
    timeout: float = field(default=30.0, validator=gt(0))
    ffmpeg: Ffmpeg = field(factory=Ffmpeg)

    def __attrs_post_init__(self) -> None:
        checked_url(self.base_url, "TTS_BASE_URL")
        if self.api_key:
            checked_key(self.api_key, "TTS_API_KEY")


@frozen
class OpenAiTextToSpeech:
    """A `TextToSpeech`; made by `open_openai_speech`, which owns the connections."""

    config: OpenAiSpeechConfig
    service: HttpService

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        """Return a WAV file, mono and 16-bit. The language is the text's own.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the text, the voice or the key is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no audio.
        """
        body = {
            "model": self.config.model,
            "input": text,
            "voice": voice.name or VOICE,
            "response_format": self.config.form,
            "speed": voice.speed,
        }
        request = self.service.post(f"{self.config.base_url.rstrip('/')}/audio/speech", body)
        return await wav_of(await self.service.ask(request, MOST_AUDIO), NAME, self.config.ffmpeg)


@asynccontextmanager
async def open_openai_speech(
    config: OpenAiSpeechConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[OpenAiTextToSpeech]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    key = {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
    opened = open_service(
        NAME,
        patience=config.timeout,
        headers={"Accept": "audio/*", **key},
        secrets=(config.api_key,),
        empty_account=says_empty,
        transport=transport,
    )
    async with opened as service:
        yield OpenAiTextToSpeech(config, service)
