"""Providers and the book of one call in a flow test: they work, and answer or fail as the script tells them to."""

import json
from collections.abc import Callable
from typing import TypeVar

import trio
from attrs import define, field, frozen

from callengine.errors import CallEngineError, ProviderUnavailable, StoreError
from callengine.model import Book, Callback, Digits
from callengine.providers import Json, Question, SpeechHints, WebRequest
from callengine.providers.scripted import HeardInRecording
from callengine.store import MemoryWriter, SqlBook
from callengine.testing.tape import Tape, What

T = TypeVar("T")

PROVIDER_TAKES = 0.5
"""Seconds a provider takes, so that a script can say in time that it fails."""

SPEAKS = 2.0
"""Seconds that a spoken text plays, whatever it says."""

_WHY = "the script has it fail"


@define(eq=False)
class Prompter:
    """Tells a provider what to do at its next turn, and the tape what it did.

    Attributes:
        fails: what the tape calls a failure.
        answers: what it calls an answer.
        error: that the provider fails with.
    """

    tape: Tape
    fails: What
    answers: What | None = None
    error: CallEngineError = field(factory=lambda: ProviderUnavailable(_WHY))
    _turn: str | None = field(default=None, init=False)
    _failing: bool = field(default=False, init=False)

    def tell(self, words: str) -> None:
        """Answer so at the next turn."""
        self._turn, self._failing = words, False

    def fail(self) -> None:
        """Fail at the next turn."""
        self._failing = True

    def check(self) -> None:
        """Take a turn that has no answer of its own.

        Raises:
            CallEngineError: it was told to fail.
        """
        if self._failing:
            self._failing = False
            self.tape.add("", self.fails)
            raise self.error

    def take(self, otherwise: str) -> str:
        """The turn that was told, else another one.

        Raises:
            CallEngineError: it was told to fail.
        """
        self.check()
        words, self._turn = otherwise if self._turn is None else self._turn, None
        if self.answers is not None:
            self.tape.add("", self.answers, words)
        return words


@frozen
class Prompters:
    """One for each provider, and one for the book."""

    stt: Prompter
    llm: Prompter
    tts: Prompter
    sms: Prompter
    book: Prompter
    web: Prompter


def prompters_of(tape: Tape) -> Prompters:
    """Nobody has told them anything yet."""
    return Prompters(
        stt=Prompter(tape, What.STT_FAILS, What.STT_HEARS),
        llm=Prompter(tape, What.LLM_FAILS, What.LLM_ANSWERS),
        tts=Prompter(tape, What.TTS_FAILS),
        sms=Prompter(tape, What.SMS_FAILS),
        book=Prompter(tape, What.BOOK_FAILS, error=StoreError(_WHY)),
        web=Prompter(tape, What.REQUEST_FAILS, What.REQUEST_ANSWERS),
    )


@define(eq=False)
class Ears:
    """Hears what people say, unless told otherwise; a `SpeechToText`."""

    prompter: Prompter
    _heard: HeardInRecording = field(factory=HeardInRecording, init=False)

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """The words of a recording."""
        await trio.sleep(PROVIDER_TAKES)
        return self.prompter.take(await self._heard.transcribe(audio, hints))


@define(eq=False)
class Mind:
    """Answers nothing, so that keywords tell the intent, unless told otherwise; a `LanguageModel`."""

    prompter: Prompter

    async def complete(self, question: Question) -> str:  # noqa: ARG002  # it does as it is told
        """The answer of its prompter."""
        await trio.sleep(PROVIDER_TAKES)
        return self.prompter.take("")


@define(eq=False)
class Mouth:
    """Speaks texts, and has the tape know them by their media; a `Speaker`.

    Attributes:
        seconds: how long each media URI plays.
    """

    prompter: Prompter
    seconds: dict[str, float]

    async def media(self, text: str) -> str:
        """A media URI of its own for each text."""
        await trio.sleep(PROVIDER_TAKES)
        self.prompter.check()
        spoken = self.prompter.tape.spoken
        known = next((uri for uri, words in spoken.items() if words == text), None)
        uri = known or f"sound:spoken/{len(spoken) + 1}"
        spoken[uri], self.seconds[uri] = text, SPEAKS
        return uri


@define(eq=False)
class Post:
    """Sends short messages to nobody but the tape; a `Messenger`."""

    prompter: Prompter

    async def send(self, to: str, text: str) -> None:  # noqa: ARG002  # cases tell the text
        """Keep a message."""
        await trio.sleep(PROVIDER_TAKES)
        self.prompter.check()
        self.prompter.tape.add("", What.IS_SENT, text)


@define(eq=False)
class Web:
    """Answers with nothing, unless told otherwise; a `WebService`."""

    prompter: Prompter

    async def ask(self, request: WebRequest) -> Json:  # noqa: ARG002  # it does as it is told
        """The JSON of its prompter."""
        await trio.sleep(PROVIDER_TAKES)
        text = self.prompter.take("")
        answer: Json = json.loads(text) if text else None
        return answer


class _AskedFor(Exception):  # it is no error
    """A unit of work is one that a flow asked for."""


class _Look(SqlBook):
    """A book that finds out what a unit of work is about: one that a flow asked for goes no further."""

    def opt_out(self, number: Digits) -> None:  # noqa: ARG002
        raise _AskedFor

    def call_back(self, callback: Callback) -> None:  # noqa: ARG002
        raise _AskedFor


class _Told(SqlBook):
    """A book that tells the tape what a flow has written in it."""

    tape: Tape

    def opt_out(self, number: Digits) -> None:
        super().opt_out(number)
        self.tape.add("", What.OPTED_OUT)

    def call_back(self, callback: Callback) -> None:
        super().call_back(callback)
        self.tape.add("", What.CALLED_BACK, f"{callback.not_before:%Y-%m-%d %H:%M}")


@define(eq=False)
class Clerk:
    """Carries units of work to the book, and those that a flow asked for in its own time; a `Store`."""

    prompter: Prompter
    store: MemoryWriter

    async def write(self, unit: Callable[[Book], T]) -> T:
        """Apply a unit.

        Raises:
            StoreError: it was not written.
        """
        try:
            return await self.store.write(lambda book: unit(_look_at(book)))
        except _AskedFor:
            await trio.sleep(PROVIDER_TAKES)
            self.prompter.check()
            return await self.store.write(lambda book: unit(_told_by(book, self.prompter.tape)))

    @property
    def shared(self) -> bool:
        return self.store.shared

    async def read(self, unit: Callable[[Book], T]) -> T:
        """Run a unit that writes nothing."""
        return await self.store.read(unit)


def _look_at(book: Book) -> Book:
    assert isinstance(book, SqlBook), "the stores that ship hold one"
    return _Look(book.connection, book.ambient)


def _told_by(book: Book, tape: Tape) -> Book:
    assert isinstance(book, SqlBook), "the stores that ship hold one"
    told = _Told(book.connection, book.ambient)
    told.tape = tape
    return told
