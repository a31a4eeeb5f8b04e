"""Speech to text by Deepgram, as it is spoken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from attrs import field, frozen

from callengine.errors import ProviderUnavailable
from callengine.providers.base import Heard, SpeechHints
from callengine.providers.deepgram import NAME, DeepgramConfig, says_empty
from callengine.providers.websocket import KeepAlive, ServiceSocket, open_socket
from callengine.providers.wording import ServiceWords

PAUSE_MS = 300
"""Milliseconds of silence that Deepgram takes for a pause; its own default of 10 ends at every breath."""

_KEEP = KeepAlive('{"type": "KeepAlive"}', 4.0)
"""Deepgram hangs up after 10 s without audio or this, and asks for one every 3 to 5 s."""

_FINALIZE = '{"type": "Finalize"}'
_CLOSE = '{"type": "CloseStream"}'


class _Kind(msgspec.Struct):
    type: str


class _Alternative(msgspec.Struct):
    transcript: str


class _Channel(msgspec.Struct):
    alternatives: list[_Alternative]


class _Results(msgspec.Struct):
    channel: _Channel
    is_final: bool = False
    speech_final: bool = False
    from_finalize: bool = False


@frozen
class DeepgramStreamingSpeechToText:
    """A `StreamingSpeechToText`; each stream has a connection of its own."""

    config: DeepgramConfig

    @asynccontextmanager
    async def open(self, hints: SpeechHints, rate: int) -> AsyncIterator["DeepgramStream"]:
        """Listen while the block runs.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many connections.
            ProviderRefused: the request or the key is wrong.
            ProviderUnavailable: the network or the service failed.
        """
        url = self.config.url(
            hints,
            encoding="linear16",
            sample_rate=str(rate),
            channels="1",
            interim_results="true",
            endpointing=str(PAUSE_MS),
            punctuate="true",  # smart formatting would hold back what may become a number, for up to 3 s
        )
        words = ServiceWords(NAME, (self.config.api_key,), says_empty)
        headers = {"Authorization": f"Token {self.config.api_key}"}
        async with open_socket(words, url, patience=self.config.timeout, headers=headers, keep=_KEEP) as socket:
            yield DeepgramStream(socket)


@frozen
class DeepgramStream:
    """A `SpeechStream`."""

    _socket: ServiceSocket = field(repr=False)

    async def send(self, audio: bytes) -> None:
        """Send the next samples."""
        if audio:  # an empty message closes the stream
            await self._socket.send(audio)

    async def flush(self) -> None:
        """Have what was sent until now heard at once."""
        await self._socket.send(_FINALIZE)

    async def finish(self) -> None:
        """Say that no more is sent."""
        await self._socket.send_last(_CLOSE)

    def __aiter__(self) -> AsyncIterator[Heard]:
        """Read what is heard."""
        return self

    async def __anext__(self) -> Heard:
        while (message := await self._socket.receive()) is not None:
            heard = heard_in(message, self._socket.words)
            if heard is not None:
                return heard
        raise StopAsyncIteration


def heard_in(message: str | bytes, words: ServiceWords) -> Heard | None:
    """Return what a message says was heard; None for one about something else, and for silence within speech.

    Raises:
        BalanceExhausted: it says that the account is empty.
        ProviderUnavailable: it tells of an error, or is none that Deepgram would send.
    """
    content = message.encode("utf-8", "replace") if isinstance(message, str) else message
    try:
        kind = msgspec.json.decode(content, type=_Kind).type
        results = msgspec.json.decode(content, type=_Results) if kind == "Results" else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise words.not_an_answer(content) from None
    if kind == "Error":
        raise words.telling(200, content) or ProviderUnavailable(f"{words.name} failed: {words.shown(content)}")
    if results is None:
        return None
    if not results.channel.alternatives:
        raise words.not_an_answer(content)
    text = results.channel.alternatives[0].transcript.strip()
    pause = results.speech_final or results.from_finalize
    return Heard(text, results.is_final, pause) if text or pause else None
