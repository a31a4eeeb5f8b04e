"""Providers that do as they are told: for simulated campaigns and for tests.

No threads, no network; waiting is on trio's clock.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from hashlib import sha256
from typing import Generic, TypeVar

import trio
from attrs import define, field, frozen

from callengine.errors import ProviderError
from callengine.providers.audio import nothing_said, riff_chunks
from callengine.providers.base import Json, SpeechHints, Voice, WebRequest
from callengine.providers.frames import Frame
from callengine.providers.greeting import GreetingListener, GreetingRules
from callengine.providers.hearing import GreetingEar
from callengine.providers.question import Question

T = TypeVar("T")

_LOUD = 0.01
"""The root mean square, as a part of full scale, from which a sound is loud."""

SAID = b"said"
"""The RIFF chunk in which a simulated recording carries what is said in it, as UTF-8."""


@define
class Script(Generic[T]):
    """What a provider answers, in turn; the last answer is given again and again.

    Attributes:
        turns: an answer each, or the error to fail with.
        seconds: how long every turn takes.
    """

    turns: tuple[T | ProviderError, ...]
    seconds: float = 0.0
    _taken: int = field(default=0, init=False)

    async def next(self) -> T:
        """Take a turn."""
        turn = self.turns[min(self._taken, len(self.turns) - 1)]
        self._taken += 1
        await trio.sleep(self.seconds)
        if isinstance(turn, ProviderError):
            raise turn
        return turn


@define
class HeardInRecording:
    """A `SpeechToText` for recordings of the simulated PBX, which carry their words with them.

    Attributes:
        seconds: how long it takes.
    """

    seconds: float = 0.0

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:  # noqa: ARG002  # it needs no hints
        """Return the words a recording carries; "" where it is silent or carries none."""
        await trio.sleep(self.seconds)
        if nothing_said(audio):
            return ""
        said = next((content for name, content in riff_chunks(audio) if name == SAID), b"")
        return said.decode("utf-8", "replace").strip("\0 ")


@frozen
class LoudnessJudge:
    """A `GreetingJudge` to which every loud sound is speech: the simulated PBX records nothing else."""

    def listen(self, rules: GreetingRules) -> AbstractAsyncContextManager[GreetingEar]:
        """An ear that costs next to nothing."""
        return nullcontext(GreetingEar(_loud, GreetingListener(rules)))


def _loud(frame: Frame) -> float:
    return float(frame.loudness >= _LOUD)


@define
class ScriptedSpeechToText:
    """A `SpeechToText` that hears its script; `asked` keeps the recordings and hints it was given."""

    script: Script[str]
    asked: list[tuple[bytes, SpeechHints]] = field(factory=list, init=False)

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        self.asked.append((audio, hints))
        return await self.script.next()


@define
class ScriptedSpeech:
    """A `TextToSpeech` that returns the WAV files of its script; `spoken` keeps the texts and voices."""

    script: Script[bytes]
    spoken: list[tuple[str, Voice]] = field(factory=list, init=False)

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        self.spoken.append((text, voice))
        return await self.script.next()


@define
class ScriptedSpeaker:
    """A `Speaker` whose media the simulated PBX plays; the same text has the same URI. `said` keeps the texts."""

    said: list[str] = field(factory=list, init=False)

    async def media(self, text: str) -> str:
        await trio.lowlevel.checkpoint()
        self.said.append(text)
        return f"sound:spoken/{sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


@define
class ScriptedModel:
    """A `LanguageModel` that answers by its script; `questions` keeps what it was asked."""

    script: Script[str]
    questions: list[Question] = field(factory=list, init=False)

    async def complete(self, question: Question) -> str:
        self.questions.append(question)
        return await self.script.next()


@define
class ScriptedMessenger:
    """A `Messenger` that keeps what it was given to send, as (to, text); `failure` makes it fail instead."""

    failure: ProviderError | None = None
    sent: list[tuple[str, str]] = field(factory=list, init=False)

    async def send(self, to: str, text: str) -> None:
        await trio.lowlevel.checkpoint()
        if self.failure is not None:
            raise self.failure
        self.sent.append((to, text))


@define
class ScriptedWeb:
    """A `WebService` that answers by its script, or by a function of what it is asked; `asked` keeps the requests."""

    script: Script[Json] | Callable[[WebRequest], Json]
    asked: list[WebRequest] = field(factory=list, init=False)

    async def ask(self, request: WebRequest) -> Json:
        self.asked.append(request)
        if isinstance(self.script, Script):
            return await self.script.next()
        await trio.lowlevel.checkpoint()
        return self.script(request)
