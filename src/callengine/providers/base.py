"""The ports to speech, language and message services."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
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
        recording: what the PBX knows the recording by, for whoever keeps a copy; no business of a service.
    """

    phrases: tuple[str, ...] = ()
    hotwords: tuple[str, ...] = ()
    language: str = ""
    recording: str = ""


NORMAL_PACE = 150
"""Words a minute; that of espeak-ng, and about that of services at their speed of 1."""


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
    words_per_minute: int = field(default=NORMAL_PACE, validator=and_(ge(80), le(450)))

    @property
    def speed(self) -> float:
        """How fast as services count it: 1 is normal, 2 is twice as fast; in hundredths."""
        return round(self.words_per_minute / NORMAL_PACE, 2)


class SpeechToText(Protocol):
    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """Return what is said in a WAV file; an empty text when nothing is.

        Raises:
            ProviderError: the service did not deliver.
        """
        ...


@frozen
class Heard:
    """What a recogniser makes of a piece of speech.

    Attributes:
        text: takes the place of what it made of the same piece before; may be empty where `pause` is set.
        final: whether this piece is done with; the next text is of another one.
        pause: whether the speaker has paused, or all that was sent before a `flush` has been heard.
    """

    text: str
    final: bool
    pause: bool = False


class SpeechStream(Protocol):
    """Speech that is heard while it is spoken: one task sends it, one reads what is heard."""

    async def send(self, audio: bytes) -> None:
        """Send the next samples: mono, 16-bit, little-endian, at the rate the stream was opened with.

        Raises:
            ProviderError: the service is gone, or takes no more.
        """
        ...

    async def flush(self) -> None:
        """Ask for what was sent until now to be heard at once: whoever knows that the speaker is done need not wait.

        Raises:
            ProviderError: as `send`.
        """
        ...

    async def finish(self) -> None:
        """Say that no more is sent: what is left is heard, then reading ends.

        Raises:
            ProviderError: as `send`.
        """
        ...

    def __aiter__(self) -> AsyncIterator[Heard]:
        """Read what is heard, until the stream has been finished.

        Raises:
            ProviderError: the service did not deliver. How long one waits while nobody speaks is for the reader to say.
        """
        ...


class StreamingSpeechToText(Protocol):
    def open(self, hints: SpeechHints, rate: int) -> AbstractAsyncContextManager[SpeechStream]:
        """Listen while the block runs; however it ends, the connection is closed within a moment.

        Args:
            rate: samples a second.

        Raises:
            ProviderError: the service cannot be had; within the block, it is gone.
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
