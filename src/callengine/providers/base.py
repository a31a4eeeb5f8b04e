"""The ports to speech, language and message services."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen
from attrs.validators import and_, ge, le

from callengine.providers.question import Question


@frozen
class SpeechHints:
    """What a flow expects to hear at this point.

    Attributes:
        phrases: what the caller is likely to say, word for word.
        hotwords: names and terms a recogniser may not know.
        language: an ISO 639 code such as `en` or `fa`; empty when the flow does not say.
    """

    phrases: tuple[str, ...] = ()
    hotwords: tuple[str, ...] = ()
    language: str = ""


@frozen
class Voice:
    """Who speaks.

    Attributes:
        language: an ISO 639 code such as `en` or `fa`.
        name: the service's own name for a speaker; empty for its default.
        words_per_minute: how fast; 80 to 450, the range of espeak-ng.
    """

    language: str = "en"
    name: str = ""
    words_per_minute: int = field(default=150, validator=and_(ge(80), le(450)))


class SpeechToText(Protocol):
    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """Return what is said in a WAV file; an empty text when nothing is.

        Raises:
            ProviderError: the service did not deliver.
        """
        ...


class TextToSpeech(Protocol):
    async def synthesise(self, text: str, voice: Voice) -> bytes:
        """Return a WAV file in which `text` is spoken.

        Raises:
            ProviderError: the service did not deliver.
        """
        ...


class Speaker(Protocol):
    async def media(self, text: str) -> str:
        """Return a media URI that the PBX can play, in which `text` is spoken.

        Raises:
            ProviderError: it cannot be had.
        """
        ...


class LanguageModel(Protocol):
    async def complete(self, question: Question) -> str:
        """Return the model's answer.

        Raises:
            ProviderError: the service did not deliver.
        """
        ...


class Messenger(Protocol):
    async def send(self, to: str, text: str) -> None:
        """Send a short message.

        Raises:
            ProviderError: the service did not take it.
        """
        ...


Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What a JSON document holds."""


@frozen
class WebRequest:
    """What a flow asks a web service.

    Attributes:
        method: such as `GET`.
        url: with everything filled in and percent-encoded.
        body: sent as a JSON object; None for no body.
        timeout: seconds the answer is waited for.
    """

    method: str
    url: str
    body: Mapping[str, str] | None
    timeout: float


class WebService(Protocol):
    async def ask(self, request: WebRequest) -> Json:
        """Return the JSON of a 2xx answer; None for one without a body.

        Raises:
            ProviderRefused: the host is not allowed, or the answer is another than 2xx, too long, or no JSON.
            ProviderUnavailable: there was no answer in time.
        """
        ...
