"""The ports to speech, language and message services, and the bounds every service is held to."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar, TypeVarTuple

import trio
from attrs import define, field, frozen
from attrs.validators import and_, ge, gt, le

from callengine.errors import ProviderError, ProviderUnavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


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
    async def complete(self, prompt: str) -> str:
        """Return the model's answer to `prompt`.

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


@define(eq=False)
class Complaints:
    """Where errors of providers are heard of, whichever call they happen in.

    Attributes:
        listener: is told of each; set by whoever wants to know.
    """

    listener: Callable[[ProviderError], None] = field(default=lambda _: None)


@frozen
class Bounds:
    """How much of a service is used at once, and how long one use may take.

    Attributes:
        service: its name, for messages.
        limiter: uses at once.
        timeout: seconds, counted from the request for a place, so that waiting for one is bounded too.
        complaints: hear of every error.
    """

    service: str
    limiter: trio.CapacityLimiter
    timeout: float = field(validator=gt(0))
    complaints: Complaints = field(factory=Complaints)

    async def run(self, use: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
        """Await `use(*args)` while holding a place among the service's uses.

        Raises:
            ProviderUnavailable: the time is up, in the queue or in the service.
        """
        try:
            with trio.move_on_after(self.timeout):
                async with self.limiter:
                    return await use(*args)
            raise ProviderUnavailable(f"{self.service} did not deliver within {self.timeout:g} s")
        except ProviderError as error:
            self.complaints.listener(error)
            raise


@frozen
class BoundedSpeechToText:
    """A recogniser within bounds."""

    inner: SpeechToText
    bounds: Bounds

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        return await self.bounds.run(self.inner.transcribe, audio, hints)


@frozen
class BoundedTextToSpeech:
    """A synthesiser within bounds."""

    inner: TextToSpeech
    bounds: Bounds

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        return await self.bounds.run(self.inner.synthesise, text, voice)


@frozen
class BoundedLanguageModel:
    """A language model within bounds."""

    inner: LanguageModel
    bounds: Bounds

    async def complete(self, prompt: str) -> str:
        return await self.bounds.run(self.inner.complete, prompt)


@frozen
class BoundedMessenger:
    """A messenger within bounds."""

    inner: Messenger
    bounds: Bounds

    async def send(self, to: str, text: str) -> None:
        await self.bounds.run(self.inner.send, to, text)
