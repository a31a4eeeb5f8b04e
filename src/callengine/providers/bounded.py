"""The ports once more, each held to bounds."""

from attrs import frozen

from callengine.providers.base import LanguageModel, Messenger, SpeechHints, SpeechToText, TextToSpeech, Voice
from callengine.providers.bounds import Bounds
from callengine.providers.question import Question


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

    async def complete(self, question: Question) -> str:
        return await self.bounds.run(self.inner.complete, question)


@frozen
class BoundedMessenger:
    """A messenger within bounds."""

    inner: Messenger
    bounds: Bounds

    async def send(self, to: str, text: str) -> None:
        await self.bounds.run(self.inner.send, to, text)
