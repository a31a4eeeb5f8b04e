"""What is wrong with a scenario file, where, and what to do about it."""

from enum import Enum

from attrs import frozen

_LONGEST_QUOTE = 60


class Severity(Enum):
    """How much a finding matters: a file with an error is not run."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@frozen
class Code:
    """A stable code of the linter, such as `F101`.

    Attributes:
        id: never given another meaning.
        title: what is wrong, in a few words.
    """

    id: str
    severity: Severity
    title: str


@frozen
class Finding:
    """One thing a file's author should look at.

    Attributes:
        line: counted from 1.
        column: in characters, counted from 1.
        message: one sentence that names the place and the remedy.
        flow: `flow`, `inbound_flow`, or a subflow such as `subflows.ask`; None where the finding concerns none of them.
        step: the id of the step concerned, if any; F2xx to F4xx name a step of a subflow as the flow does that uses it.
    """

    path: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    flow: str | None = None
    step: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.code} {self.severity.value}: {self.message}"


def quoted(text: str) -> str:
    """An author's word for use in a message: in quotes, on one line, shortened, nothing invisible left in it."""
    short = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return "'" + "".join(_visible(char) for char in short) + "'"


def _visible(char: str) -> str:
    if char.isprintable() or char == "\u200c":  # the zero-width non-joiner is part of Persian spelling
        return char
    return char.encode("unicode_escape").decode("ascii")
