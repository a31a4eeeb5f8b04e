"""Speech to text behind OpenAI's transcription API: OpenAI itself, and servers for whisper models that speak it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
from attrs import field, frozen
from attrs.validators import gt

from callengine.providers.base import SpeechHints
from callengine.providers.completion import names_empty_account
from callengine.providers.http import HttpService, checked_key, checked_url, open_service

OPENAI = "https://api.openai.com/v1"

MOST_PROMPT = 400
"""Characters. Whisper models read the last 224 tokens of a prompt, and what comes first matters to who wrote the list."""


class _Transcription(msgspec.Struct):
    text: str


@frozen
class OpenAiSttConfig:
    """Where the recogniser is and who pays.

    Attributes:
        base_url: up to and without `/audio/transcriptions`.
        api_key: empty for a server that wants none; never shown, in no error either.
        model: the service's name for it; empty for what is usual there.
        language: a code such as `fa`, where hints name none; empty for the service to find out.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
    """

    base_url: str = OPENAI
    api_key: str = field(default="", repr=False)
    model: str = ""
    language: str = ""
    timeout: float = field(default=30.0, validator=gt(0))

    def __attrs_post_init__(self) -> None:
        if self.api_key or self.base_url == OPENAI:
            checked_key(self.api_key, "STT_API_KEY or OPENAI_API_KEY")
        checked_url(self.base_url, "STT_BASE_URL")

    @property
    def usual_model(self) -> str:
        """`whisper-1` is what servers of other models answer to, where they care for the name at all."""
        return self.model or ("gpt-4o-mini-transcribe" if self.base_url == OPENAI else "whisper-1")


@frozen
class OpenAiSpeechToText:
    """A `SpeechToText`; made by `open_openai_stt`, which owns the connections. Hotwords become the prompt."""

    config: OpenAiSttConfig
    service: HttpService

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """Return what is said in a WAV file.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the request or the key is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no transcription.
        """
        fields = {"model": self.config.usual_model, "response_format": "json"}
        language = (hints.language or self.config.language).partition("-")[0]
        if language:
            fields["language"] = language.lower()
        prompt = prompt_of(hints.hotwords)
        if prompt:
            fields["prompt"] = prompt
        url = self.config.base_url.rstrip("/") + "/audio/transcriptions"
        answer = await self.service.ask_json(self.service.form(url, fields, "file", audio), _Transcription)
        return answer.text.strip()


def prompt_of(hotwords: tuple[str, ...]) -> str:
    """Return the hotwords in a row, as many whole ones as a prompt may hold."""
    prompt = ""
    for word in filter(None, map(str.strip, hotwords)):
        longer = f"{prompt}, {word}" if prompt else word
        if len(longer) > MOST_PROMPT:
            break
        prompt = longer
    return prompt


def says_empty(status: int, content: bytes) -> bool:
    """Whether an answer says that the account is used up. 403 does not: OpenAI refuses countries so, and proxies a client."""
    return status == 402 or names_empty_account(content)


@asynccontextmanager
async def open_openai_stt(
    config: OpenAiSttConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[OpenAiSpeechToText]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    opened = open_service(
        "the speech to text service",
        patience=config.timeout,
        headers={"Authorization": f"Bearer {config.api_key}"} if config.api_key else None,
        secrets=(config.api_key,),
        empty_account=says_empty,
        transport=transport,
    )
    async with opened as service:
        yield OpenAiSpeechToText(config, service)
