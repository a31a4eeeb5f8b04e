"""Structured logs: one line an event, for people on a terminal, as JSON elsewhere.

`configure` is called once at start; rooms log by `structlog.get_logger()`. Lines of other libraries, which use the standard
library's logging, take the same way. On that way values of secrets are masked and control characters escaped, so that no
caller, contact or provider can forge a line.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, TextIO
from urllib.parse import quote

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor, WrappedLogger

from callengine.errors import ConfigError
from callengine.model import AttemptId, CallId, StepId
from callengine.settings import LogLevel, LogSettings

Scalar = str | int | float | None
Cleaned = Scalar | list["Cleaned"] | dict[str, "Cleaned"]

MASK: Final = "*******"

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters, line separators, bidirectional overrides, invisible ones. The joiners U+200C and U+200D stay: Persian
is written with them."""

_SHORTEST_SECRET: Final = 4
"""Masking a shorter one would eat ordinary words; a secret this short protects nothing."""

_FILE_BYTES: Final = 10_000_000
_FILES_KEPT: Final = 5

_TRACEBACKS: Final = ("exception", "stack")
"""Keys under which structlog puts text of several lines."""

_CHATTY: Final = ("httpx", "httpcore", "trio-websocket", "statemachine", "typed_settings")
"""Libraries that log every request; the timeline of a call tells the same in the engine's own words."""


def context(
    *, call_id: CallId | None = None, attempt_id: AttemptId | None = None, step: StepId | None = None
) -> AbstractContextManager[None]:
    """Everything logged inside carries these ids, also by tasks and threads that are started inside."""
    ids = {"call_id": call_id, "attempt_id": attempt_id, "step": step}
    return bound_contextvars(**{name: value for name, value in ids.items() if value is not None})


def configure(
    settings: LogSettings,
    secrets: Iterable[str] = (),
    *,
    stream: TextIO | None = None,
    stream_level: LogLevel = "DEBUG",
) -> None:
    """Send all logs to a stream, and to a rotating `app.log` where the settings name a folder.

    Args:
        secrets: values that must never appear (`callengine.settings.secrets_of`).
        stream: the standard error stream if None.
        stream_level: the least level the stream gets, of those the settings let through.

    Raises:
        ConfigError: the log folder or its file cannot be written.
    """
    stream = sys.stderr if stream is None else stream
    clean = Cleaner(secrets)
    on_terminal = stream.isatty()
    for_people = settings.format == "console" or (settings.format == "auto" and on_terminal)
    handlers: list[logging.Handler] = [logging.StreamHandler(stream)]
    handlers[0].setLevel(stream_level)
    handlers[0].setFormatter(_formatter(clean, _console(colors=on_terminal) if for_people else _json()))
    if settings.dir is not None:
        handlers.append(_file(settings.dir))
        handlers[1].setFormatter(_formatter(clean, _console(colors=False) if settings.format == "console" else _json()))
    logging.basicConfig(level=settings.level, handlers=handlers, force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_shared(), ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _shared() -> list[Processor]:
    """What our lines and those of other libraries have in common."""
    return [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]


def _formatter(clean: "Cleaner", renderer: Processor) -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.StackInfoRenderer(),
            clean,
            renderer,
        ],
    )


def _console(*, colors: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)


def _json() -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _file(folder: Path) -> logging.Handler:
    # Writing blocks the caller for some microseconds. A queue with a thread of its own would outlive the engine's nursery,
    # and would lose the last lines of a crash, which are the ones that matter.
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(folder / "app.log", maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"LOG_DIR: {folder} cannot be written: {error.strerror}") from error


def _forms(secret: str) -> tuple[str, ...]:
    """A secret as plain text, in a URL, in the repr of text and bytes, and in JSON."""
    return secret, quote(secret, safe=""), repr(secret)[1:-1], repr(secret.encode())[2:-1], json.dumps(secret)[1:-1]


class Cleaner:
    """Masks secrets and escapes what could forge a line or steer a terminal, in keys, values and tracebacks."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        forms = {form for secret in known for form in _forms(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, logger: WrappedLogger, method: str, event: MutableMapping[str, object]) -> Mapping[str, Cleaned]:  # noqa: ARG002 - structlog's signature
        return {self.text(key): self._lines(value) if key in _TRACEBACKS else self.value(value) for key, value in event.items()}

    def value(self, value: object) -> Cleaned:
        """The value without secrets; what JSON does not know becomes text."""
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(inner) for inner in value]
        if value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, int):
            return value if self.text(str(value)) == str(value) else MASK
        return self.text(str(value))

    def text(self, text: str) -> str:
        """The text without secrets, on one line."""
        if self._secrets is not None:
            text = self._secrets.sub(MASK, text)
        return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)

    def _lines(self, value: object) -> str:
        """A traceback keeps its lines. They are indented, so that none of them can pass for a line of the log."""
        return "\n    ".join(self.text(line) for line in str(value).split("\n"))
