"""Speech as files that the PBX plays: Asterisk speaks no text, it plays what is in its folders of sounds."""

import os
import re
import time
from collections import deque
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from weakref import WeakValueDictionary

import trio
from attrs import define, field

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers.audio import at_rate, lowered, read_wav, write_wav
from callengine.providers.base import TextToSpeech, Voice

SHELF = "callengine"
"""The folder of ours within the PBX's folder of sounds."""

RATE = 8_000
"""Asterisk reads a `.wav` as mono, 16-bit and of this rate, and refuses it at another (its formats/format_wav.c)."""

KEPT_SECONDS = 24 * 3600.0
MOST_LOOKED_AT = 64
"""Files, each time one is written."""

_OURS = re.compile(r"[0-9a-f]{64}\.(wav|\w+\.part)")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@define(eq=False)
class RenderedSpeech:
    """A `Speaker` that writes what is synthesised to where the PBX finds it.

    A text that was spoken before in this voice is not synthesised again. Of calls that ask for the same text at once the first
    has it synthesised and the others wait; where it fails or is hung up, the next one tries.

    The files hold what was said to or of a contact, so none stays for ever: each time one is written, up to `MOST_LOOKED_AT`
    others are looked at in turn, and those that nobody asked for within `KEPT_SECONDS` are deleted. While nothing new is
    spoken, nothing is deleted.

    Attributes:
        synthesiser: it bounds the length of a text, and the time it takes.
        voice: who speaks.
        folder: the PBX's folder of custom sounds (AST_SOUND_DIR). It lies directly in a folder where the PBX looks for
            sounds: /var/lib/asterisk/sounds, or that of a language in it.
        origin: the service and its model: what another one has spoken is not taken for its speech.
    """

    synthesiser: TextToSpeech
    voice: Voice
    folder: Path
    origin: str = ""
    _turns: "WeakValueDictionary[str, trio.Lock]" = field(factory=WeakValueDictionary, init=False, repr=False)
    _disk: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False, repr=False)
    _to_look_at: deque[Path] = field(factory=deque, init=False, repr=False)

    async def media(self, text: str) -> str:
        """Return `sound:<folder>/callengine/<hash>`; control characters of the text count as spaces.

        Raises:
            ProviderRefused: the text is empty, or the synthesiser will not speak it.
            ProviderUnavailable: the synthesiser failed, or the file cannot be written.
        """
        words = " ".join(_UNSPEAKABLE.sub(" ", text).split())
        if not words:
            raise ProviderRefused("there is no text to speak")
        name = _name(self.origin, self.voice, words)
        turn = self._turns.setdefault(name, trio.Lock())  # it lasts as long as somebody has it or waits for it
        async with turn:
            if not await self._on_disk(partial(self._taken_up, name)):
                wav = await self.synthesiser.synthesise(words, self.voice)
                await self._on_disk(partial(self._write, name, wav))
        return f"sound:{self.folder.name}/{SHELF}/{name}"

    async def _on_disk(self, work: "partial[bool]") -> bool:
        """Work in a thread, one at a time, so that no file is deleted while it is taken up again.

        A caller who hangs up does not wait for the thread: files appear whole or not at all.
        """
        try:
            return await trio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._disk)
        except OSError as error:
            raise ProviderUnavailable(
                f"AST_SOUND_DIR: speech cannot be kept in {self.folder / SHELF} ({error.strerror}): "
                f"{self.folder} must exist, and the engine's user must be allowed to write there"
            ) from None

    def _taken_up(self, name: str) -> bool:
        """Whether the text is there; if so, its day begins anew."""
        try:
            os.utime(self._path(name))
        except FileNotFoundError:
            return False
        return True

    def _write(self, name: str, wav: bytes) -> bool:
        playable = _playable(wav)
        shelf = self.folder / SHELF
        with suppress(FileExistsError):
            shelf.mkdir()
            shelf.chmod(0o755)
        self._clear(shelf)
        with NamedTemporaryFile(prefix=f"{name}.", suffix=".part", dir=shelf, delete=False) as file:
            part = Path(file.name)
            try:
                file.write(playable)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
                part.replace(self._path(name))
            finally:
                part.unlink(missing_ok=True)
        return True

    def _path(self, name: str) -> Path:
        return self.folder / SHELF / f"{name}.wav"

    def _clear(self, shelf: Path) -> None:
        """Delete what is too old of the next few files; where all have been looked at, begin again."""
        if not self._to_look_at:
            self._to_look_at.extend(path for path in shelf.iterdir() if _OURS.fullmatch(path.name))
        oldest = time.time() - KEPT_SECONDS
        for _ in range(min(MOST_LOOKED_AT, len(self._to_look_at))):
            path = self._to_look_at.popleft()
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


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
