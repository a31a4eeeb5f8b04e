"""Speech to text by Deepgram, of recordings. `deepgram_stream` listens as it is spoken."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import httpx
import msgspec
from attrs import field, frozen
from attrs.validators import gt

from callengine.providers.base import SpeechHints
from callengine.providers.http import HttpService, checked_key, checked_url, encodable, open_service

BASE_URL = "https://api.deepgram.com"
NAME = "Deepgram"

MOST_TERMS = 100
MOST_TERM_BYTES = 1000
"""Deepgram refuses a request with more than 500 tokens of key terms. A token of natural text is two bytes or longer."""

_KEYTERM_MODELS = ("nova-3", "flux")
_KEYWORD_MODELS = ("nova", "enhanced", "base")


class _Alternative(msgspec.Struct):
    transcript: str


class _Channel(msgspec.Struct):
    alternatives: list[_Alternative]


class _Results(msgspec.Struct):
    channels: list[_Channel]


class _Transcription(msgspec.Struct):
    results: _Results


@frozen
class DeepgramConfig:
    """Who pays, and which model listens.

    Attributes:
        api_key: never shown, in no error either.
        model: Deepgram's name for it.
        language: a code such as `fa`, where hints name none; empty for Deepgram's own default, English.
        timeout: seconds for each wait for the network; `Bounds` limit the whole of a transcription.
        base_url: another for the regional endpoints and for servers of one's own.
    """

    api_key: str = field(repr=False)
    model: str = "nova-3"
    language: str = ""
    timeout: float = field(default=30.0, validator=gt(0))
    base_url: str = BASE_URL

    def __attrs_post_init__(self) -> None:
        checked_key(self.api_key, "DEEPGRAM_API_KEY")
        checked_url(self.base_url, "STT_BASE_URL")

    def url(self, hints: SpeechHints, **options: str) -> httpx.URL:
        """What is asked, with everything the model is told."""
        terms = list(terms_of(self.model, hints.hotwords))
        language = hints.language or self.language
        told = [("model", self.model), *([("language", encodable(language))] if language else []), *options.items(), *terms]
        return httpx.URL(self.base_url.rstrip("/") + "/v1/listen", params=told)


@frozen
class DeepgramSpeechToText:
    """A `SpeechToText`; made by `open_deepgram`, which owns the connections."""

    config: DeepgramConfig
    service: HttpService

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """Return what is said in a WAV file.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the request, the audio or the key is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no transcription.
        """
        url = self.config.url(hints, smart_format="true")  # numbers as digits, where the language allows it
        request = self.service.client.build_request("POST", url, content=audio, headers={"Content-Type": "audio/wav"})
        content = await self.service.ask(request)
        answer = self.service.read_json(content, _Transcription)
        if not answer.results.channels or not answer.results.channels[0].alternatives:
            raise self.service.words.not_an_answer(content)
        return answer.results.channels[0].alternatives[0].transcript.strip()


def terms_of(model: str, hotwords: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the parameters that tell a model of hotwords: phrases to newer ones, single words to older ones.

    Models that take neither, such as Deepgram's whisper, are told nothing, and what is too much for a request is left out.
    """
    phrases = [encodable(" ".join(phrase.split())) for phrase in hotwords]
    if model.startswith(_KEYTERM_MODELS):
        yield from (("keyterm", phrase) for phrase in _fitting(phrases))
    elif model.startswith(_KEYWORD_MODELS):
        words = (word for phrase in phrases for word in phrase.split() if ":" not in word)  # what follows one is a weight
        yield from (("keywords", word) for word in _fitting(words))


def _fitting(terms: Iterable[str]) -> Iterator[str]:
    size = 0
    for term in list(dict.fromkeys(filter(None, terms)))[:MOST_TERMS]:
        size += len(term.encode())
        if size > MOST_TERM_BYTES:
            return
        yield term


def says_empty(status: int, content: bytes) -> bool:
    """Whether an answer says that the account is used up."""
    return status == 402 or b"ASR_PAYMENT_REQUIRED" in content


@asynccontextmanager
async def open_deepgram(
    config: DeepgramConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[DeepgramSpeechToText]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    opened = open_service(
        NAME,
        patience=config.timeout,
        headers={"Authorization": f"Token {config.api_key}"},
        secrets=(config.api_key,),
        empty_account=says_empty,
        transport=transport,
    )
    async with opened as service:
        yield DeepgramSpeechToText(config, service)
