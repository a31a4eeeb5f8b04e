"""What a check finds."""

from collections.abc import Callable
from enum import Enum

from attrs import define, field, frozen


class State(Enum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@frozen
class Finding:
    """One thing that was looked at.

    Attributes:
        what: in a word or three.
        sentence: what was found, and how far that was proven.
        remedy: how to mend it; empty where there is nothing to mend.
    """

    what: str
    state: State
    sentence: str
    remedy: str = ""


@define
class Sheet:
    """What one check writes down.

    Attributes:
        clean: takes secrets out of a text, and what could steer a terminal.
    """

    clean: Callable[[str], str] = str
    findings: list[Finding] = field(factory=list)

    def ok(self, what: str, sentence: str) -> None:
        """It works."""
        self._note(what, State.OK, sentence, "")

    def warn(self, what: str, sentence: str, remedy: str) -> None:
        """It works, but somebody should look at it."""
        self._note(what, State.WARNING, sentence, remedy)

    def fail(self, what: str, sentence: str, remedy: str) -> None:
        """It does not work."""
        self._note(what, State.FAILED, sentence, remedy)

    def skip(self, what: str, sentence: str) -> None:
        """It was not looked at, and why."""
        self._note(what, State.SKIPPED, sentence, "")

    def _note(self, what: str, state: State, sentence: str, remedy: str) -> None:
        self.findings.append(Finding(what, state, self.clean(sentence), self.clean(remedy)))
