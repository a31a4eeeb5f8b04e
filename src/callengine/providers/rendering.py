"""Speech as files that the PBX plays: Asterisk speaks no text, it plays sounds."""

import re
from hashlib import sha256
from typing import Final
from weakref import WeakValueDictionary

import trio
from attrs import define, field

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers.audio import at_rate, lowered, read_wav, write_wav
from callengine.providers.base import TextToSpeech, Voice
from callengine.providers.shelves import CALLENGINE, Shelf

RATE: Final = 8_000
"""Asterisk reads a `.wav` as mono, 16-bit and of this rate, and refuses it at another (its formats/format_wav.c)."""

_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@define(eq=False)
class RenderedSpeech:
    """A `Speaker` that puts what is synthesised on a shelf that the PBX plays from.

    A text that was spoken before in this voice is not synthesised again. Of calls that ask for the same text at once the first
    has it synthesised and the others wait; where it fails or is hung up, the next one tries.

    Attributes:
        synthesiser: it bounds the length of a text, and the time it takes.
        voice: who speaks.
        origin: the service and its model: what another one has spoken is not taken for its speech.
    """

    synthesiser: TextToSpeech
    voice: Voice
    shelf: Shelf
    origin: str = ""
    _turns: "WeakValueDictionary[str, trio.Lock]" = field(factory=WeakValueDictionary, init=False, repr=False)

    async def media(self, text: str) -> str:
        """Return the media URI of the text, spoken; control characters of the text count as spaces.

        Raises:
            ProviderRefused: the text is empty, or the synthesiser will not speak it.
            ProviderUnavailable: the synthesiser failed, or the shelf did.
        """
        words = " ".join(_UNSPEAKABLE.sub(" ", text).split())
        if not words:
            raise ProviderRefused("there is no text to speak")
        file = f"{CALLENGINE}/{_name(self.origin, self.voice, words)}.wav"
        turn = self._turns.setdefault(file, trio.Lock())  # it lasts as long as somebody has it or waits for it
        async with turn:
            if not await self.shelf.take_up(file):
                await self.shelf.put(file, _playable(await self.synthesiser.synthesise(words, self.voice)))
            return self.shelf.media(file)


def _name(origin: str, voice: Voice, words: str) -> str:
    told = "\0".join((origin, voice.language, voice.name, str(voice.words_per_minute), words))
    return sha256(told.encode()).hexdigest()


def _playable(wav: bytes) -> bytes:
    try:
        sound = read_wav(wav)
    except ValueError as error:
        raise ProviderUnavailable(f"the synthesiser gave no usable WAV file: {error}") from None
    if not sound.samples:
        raise ProviderUnavailable("the synthesiser gave a WAV file without a sound")
    return write_wav(lowered(sound, RATE) if sound.rate > RATE else at_rate(sound, RATE))
