"""Logs of what customers said and how it was understood: opt-in, by intent, rotated."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from logging import LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import msgspec
import structlog
import trio
from attrs import define, field, frozen

from callengine.calls import Understood
from callengine.logs import Cleaner
from callengine.settings import Settings, secrets_of

POSITIVE, NEGATIVE, UNKNOWN = "positive_stt.log", "negative_stt.log", "unknown_stt.log"
"""The names that deployments look for."""

MOST_WAITING: Final = 1000
"""Lines that wait for the disk. More are dropped: no call waits for it."""

LAST_LINES_WITHIN: Final = 2.0
"""Seconds that writing may take once nobody says anything any more."""

log = structlog.get_logger()


class _Rotating(RotatingFileHandler):
    """The standard library's, but for that errors are raised."""

    def handleError(self, record: LogRecord) -> None:  # noqa: N802, ARG002 - the library's signature
        raise


@frozen
class Sorting:
    """Which file a line belongs to, and how large files get.

    Attributes:
        positive: intents.
        negative: intents; all others, and what was not understood, are unknown.
        most_bytes: of a file; then the next one is begun.
        files: full ones that are kept of each kind.
    """

    positive: frozenset[str]
    negative: frozenset[str]
    most_bytes: int
    files: int

    def file_of(self, intent: str | None) -> str:
        """The name of the file."""
        return POSITIVE if intent in self.positive else NEGATIVE if intent in self.negative else UNKNOWN


@define(eq=False)
class TranscriptLog:
    """Writes a line of JSON for each answer that was understood, or was not.

    Attributes:
        clean: takes secrets out.
    """

    folder: Path
    sorting: Sorting
    clean: Cleaner
    _lines: trio.MemorySendChannel[tuple[str, str]] = field(init=False, repr=False)
    _arriving: trio.MemoryReceiveChannel[tuple[str, str]] = field(init=False, repr=False)
    _disk: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False, repr=False)
    _files: dict[str, _Rotating] = field(factory=dict, init=False, repr=False)
    _failing: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._lines, self._arriving = trio.open_memory_channel(MOST_WAITING)

    def note(self, understood: Understood) -> None:
        """Have a line written soon."""
        line = msgspec.json.encode(self.clean.value(_told(understood, datetime.now(UTC)))).decode()
        try:
            self._lines.send_nowait((self.sorting.file_of(understood.intent), line))
        except (trio.WouldBlock, trio.ClosedResourceError):
            self._complain("the disk does not keep up, or the engine is at its end")

    async def run(self) -> None:
        """Write until cancelled, and then what is left."""
        try:
            async for file, line in self._arriving:
                await self._write(file, line)
        finally:
            with trio.move_on_after(LAST_LINES_WITHIN, shield=True):
                self._lines.close()
                async for file, line in self._arriving:
                    await self._write(file, line)
                for handler in self._files.values():
                    handler.close()

    async def _write(self, file: str, line: str) -> None:
        try:
            await trio.to_thread.run_sync(partial(self._emit, file, line), abandon_on_cancel=True, limiter=self._disk)
        except OSError as error:
            self._complain(error.strerror or str(error))
        else:
            self._failing = False

    def _emit(self, file: str, line: str) -> None:
        handler = self._files.get(file)
        if handler is None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handler = self._files[file] = _Rotating(
                self.folder / file, maxBytes=self.sorting.most_bytes, backupCount=self.sorting.files, encoding="utf-8"
            )
        handler.handle(makeLogRecord({"msg": line}))

    def _complain(self, reason: str) -> None:
        """Once for each time that it begins."""
        if not self._failing:
            log.warning("TRANSCRIPT_LOG_DIR: lines are lost", folder=str(self.folder), reason=reason)
        self._failing = True


def transcript_log(settings: Settings) -> TranscriptLog | None:
    """The logs of these settings; None where nobody asks for any."""
    logs = settings.transcript_logs
    if logs.dir is None:
        return None
    sorting = Sorting(frozenset(logs.positive), frozenset(logs.negative), logs.max_mb * 1024 * 1024, logs.files)
    return TranscriptLog(logs.dir, sorting, Cleaner(secrets_of(settings)))


def _told(understood: Understood, at: datetime) -> Mapping[str, str | None]:
    return {
        "time": at.astimezone().isoformat(timespec="milliseconds"),
        "call": understood.call,
        "scenario": understood.scenario,
        "step": understood.step,
        "transcript": understood.transcript,
        "intent": understood.intent,
        "by": understood.source,
    }
