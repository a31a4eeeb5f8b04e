"""Speech to text by Vira: Persian."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import msgspec
from attrs import field, frozen
from attrs.validators import gt

from callengine.providers.base import Json, SpeechHints
from callengine.providers.http import HttpService, checked_key, checked_url, open_service

_FIELDS = {
    "model": "default",
    "srt": "false",
    "inverseNormalizer": "false",
    "timestamp": "false",
    "spokenPunctuation": "false",
    "punctuation": "false",
    "diarize": "false",
    "numSpeakers": "0",
}
_TEXT_AT = (("data", "text"), ("data", "data", "text"), ("data", "data", "aiResponse", "result", "text"))
_EMPTY_ACCOUNT = ("balanceerror", "credit is below the set threshold")
_NO_SPEECH = ("empty audio file",)


@frozen
class ViraSttConfig:
    """Where Vira is and who pays.

    Attributes:
        url: asked as it is.
        token: never shown, in no error either.
        verify: whether certificates are checked.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
    """

    url: str
    token: str = field(repr=False)
    verify: bool = True
    timeout: float = field(default=30.0, validator=gt(0))

    def __attrs_post_init__(self) -> None:
        checked_key(self.token, "VIRA_STT_TOKEN")
        checked_url(self.url, "VIRA_STT_URL")


@frozen
class ViraSpeechToText:
    """A `SpeechToText`; made by `open_vira_stt`, which owns the connections. It knows one language, whatever the hints say."""

    config: ViraSttConfig
    service: HttpService

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """Return what is said in a WAV file.

        Raises:
            BalanceExhausted: the account is empty.
            NothingHeard: the audio holds no speech.
            ProviderThrottled: too many requests.
            ProviderRefused: the request or the token is wrong.
            ProviderUnavailable: the network or the service failed, or what came holds no text.
        """
        fields = {**_FIELDS, "hotwords[]": [word for word in hints.hotwords if word.strip()]}
        content = await self.service.ask(self.service.form(self.config.url, fields, "audio", audio))
        text = text_of(content)
        if not text:
            told = self.service.words.telling(200, content)
            if told is not None:
                raise told
        if text is None:
            raise self.service.words.not_an_answer(content)
        return text


def text_of(content: bytes) -> str | None:
    """Return the text of an answer, from the first of its places that holds one; None where none of them does."""
    answer = _json(content)
    texts = [text.strip() for text in (_at(answer, path) for path in _TEXT_AT) if isinstance(text, str)]
    return next(filter(None, texts), "") if texts else None


def says_empty_account(status: int, content: bytes) -> bool:
    """Whether an answer says that the account is used up: 403 is Vira's word for it, and other answers name it."""
    return status == 403 or _says(content, _EMPTY_ACCOUNT)


def says_no_speech(_: int, content: bytes) -> bool:
    """Whether an answer says that the audio holds no speech."""
    return _says(content, _NO_SPEECH)


def _says(content: bytes, words: tuple[str, ...]) -> bool:
    """Whether one of some words stands in a text of an answer, or is the name of something that is not empty or false."""
    return any(word in said.casefold() for said in _said(content) for word in words)


def _said(content: bytes) -> Iterator[str]:
    answer = _json(content)
    if answer is None:
        yield content.decode("utf-8", "replace")
    parts = [answer]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, dict):
            yield from (name for name, value in part.items() if value)
            parts += part.values()


def _json(content: bytes) -> Json:
    """The JSON of an answer; None for what is none, or too deep."""
    try:
        answer: Json = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return answer


def _at(answer: Json, path: tuple[str, ...]) -> Json:
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


@asynccontextmanager
async def open_vira_stt(
    config: ViraSttConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[ViraSpeechToText]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    opened = open_service(
        "Vira's speech to text",
        patience=config.timeout,
        headers={"gateway-token": config.token},
        secrets=(config.token,),
        empty_account=says_empty_account,
        no_speech=says_no_speech,
        verify=config.verify,
        transport=transport,
    )
    async with opened as service:
        yield ViraSpeechToText(config, service)
