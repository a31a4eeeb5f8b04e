"""Recordings made clearer before they are recognised, and copies of what a recogniser was given."""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import structlog
import trio
from attrs import define, field, frozen
from attrs.validators import ge

from callengine.errors import ProviderError
from callengine.providers.audio import heard_nothing, write_wav
from callengine.providers.base import SpeechHints, SpeechToText
from callengine.providers.ffmpeg import TELEPHONE_CHAIN, Ffmpeg

RATE: Final = 16_000

LOOK_EVERY: Final = 3600.0
"""Seconds between two looks for copies that have been kept long enough."""

KEPT_WITHIN: Final = 2.0
"""Seconds a call waits for its copy to be written; it is not worth more."""

_DAY: Final = 86_400.0
_SAFE: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ENDING: Final = ".stt.wav"
"""Of copies, so that nothing else in their folder is ever taken for one and deleted."""

_OURS: Final = re.compile(r"[0-9A-Za-z_-]{1,64}\.stt\.wav(\.\w+\.part)?")

log = structlog.get_logger()


@frozen
class EnhancedSpeechToText:
    """A recogniser that is given recordings without hum, hiss and noise, at one loudness, mono and of 16 kHz.

    Where ffmpeg fails, or leaves nothing that could be speech, the recording goes as it is.
    """

    inner: SpeechToText
    ffmpeg: Ffmpeg

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        return await self.inner.transcribe(await self._enhanced(audio), hints)

    async def _enhanced(self, audio: bytes) -> bytes:
        try:
            enhanced = write_wav(await self.ffmpeg.convert(audio, RATE, TELEPHONE_CHAIN))
        except ProviderError as error:
            log.warning("A recording is recognised as it is", reason=str(error))
            return audio
        if await heard_nothing(enhanced):
            log.warning("A recording is recognised as it is", reason="ffmpeg left nothing of it that could be speech")
            return audio
        return enhanced


@define(eq=False)
class Copies:
    """Sound that is kept in a folder for people to listen to, for a time and up to a size.

    Attributes:
        days: after which a copy is deleted.
        most_bytes: of all copies together; the oldest go first.
    """

    folder: Path
    days: float = field(default=30.0, validator=ge(0))
    most_bytes: int = 1_000 * 1024 * 1024
    _bytes: int | None = field(default=None, init=False)
    _disk: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False, repr=False)

    async def keep(self, name: str, wav: bytes) -> None:
        """Keep a copy as `<name>.stt.wav`, under a name made from the sound itself where this one cannot be a file's.

        A disk that fails or is slow is logged; nobody's call depends on it.
        """
        if not _SAFE.fullmatch(name):
            name = sha256(wav).hexdigest()[:32]
        await self._work(partial(self._write, name, wav))

    async def clear(self) -> None:
        """Delete what has been kept long enough, and the oldest where there is too much."""
        await self._work(self._clear)

    async def run(self) -> None:
        """Clear from time to time until cancelled."""
        while True:
            await self.clear()
            await trio.sleep(LOOK_EVERY)

    async def _work(self, work: Callable[[], None]) -> None:
        try:
            with trio.move_on_after(KEPT_WITHIN) as patience:
                await trio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._disk)
        except OSError as error:
            log.warning("AUDIO_ENHANCED_DIR cannot be used", folder=str(self.folder), reason=error.strerror or str(error))
            return
        if patience.cancelled_caught:
            log.warning("AUDIO_ENHANCED_DIR is slow", folder=str(self.folder), seconds=KEPT_WITHIN)

    def _write(self, name: str, wav: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(prefix=f"{name}{_ENDING}.", suffix=".part", dir=self.folder, delete=False) as file:
            part = Path(file.name)
            try:
                file.write(wav)
                file.flush()
                part.replace(self.folder / f"{name}{_ENDING}")
            finally:
                part.unlink(missing_ok=True)
        if self._bytes is None or self._bytes + len(wav) > self.most_bytes:
            self._clear(f"{name}{_ENDING}")
        else:
            self._bytes += len(wav)

    def _clear(self, latest: str = "") -> None:
        """Of copies that are equally old as far as the disk knows, the one of this name is the youngest."""
        oldest = time.time() - self.days * _DAY
        youngest_first = sorted(self._copies(), key=lambda each: (each[1].st_mtime, each[0].name == latest), reverse=True)
        sizes = accumulate(found.st_size for _, found in youngest_first)
        kept = 0
        for (path, found), together in zip(youngest_first, sizes, strict=True):
            if found.st_mtime < oldest or together > self.most_bytes:
                path.unlink(missing_ok=True)
            else:
                kept = together
        self._bytes = kept

    def _copies(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        with suppress(FileNotFoundError):  # nothing has been kept yet
            for path in self.folder.iterdir():
                with suppress(FileNotFoundError):
                    if _OURS.fullmatch(path.name):
                        found.append((path, path.stat()))
        return found


@frozen
class CopiedSpeechToText:
    """A recogniser, and a copy of whatever it is given."""

    inner: SpeechToText
    copies: Copies

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        await self.copies.keep(hints.recording, audio)
        return await self.inner.transcribe(audio, hints)
