"""Aggregates of the book: what waits for the panel, why nobody is called, what operators did, notes."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal, Protocol

from attrs import frozen

from callengine.model.ids import MessageId, OperatorId


@frozen
class Message:
    """Something the panel is to be told.

    Attributes:
        id: also the idempotency key it is sent under, however often.
        subject: what it is about; those about the same are sent in the order in which they were posted.
        path: of the panel's API.
        body: a JSON object.
        tries: so far.
        error: what the last try came to; empty before the first.
        pauses: it tells the panel that we have paused ourselves.
    """

    id: MessageId
    subject: str
    path: str
    body: str
    at: datetime
    tries: int = 0
    error: str = ""
    pauses: bool = False


class Outbox(Protocol):
    """What the panel is to be told, until it has accepted it."""

    def post(self, message: Message) -> None: ...

    def pending(self, now: datetime, limit: int, beside: Collection[str] = ()) -> tuple[Message, ...]:
        """The oldest message of each subject, if it is due; the oldest first.

        Args:
            beside: subjects that are being told already.
        """
        ...

    def next_due(self) -> datetime | None:
        """When the next try is due; None if nothing waits."""
        ...

    def accepted(self, message: MessageId, at: datetime) -> None:
        """The panel has it: its body is forgotten."""
        ...

    def failed(self, message: MessageId, error: str, again_at: datetime) -> None: ...

    def waiting(self) -> int:
        """How many are not accepted yet."""
        ...

    def is_waiting(self, subject: str) -> bool: ...

    def last_error(self) -> str:
        """Of a message that waits; empty if none has failed."""
        ...


PauseKind = Literal["operator", "failures", "balance", "disk"]
"""Who or what paused the dialler: somebody on purpose, too many failures in a row, an empty account, a full disk."""


@frozen
class Pause:
    """An incident: no new calls from here on.

    Attributes:
        told: the panel has accepted the message that tells it; its next word then counts.
    """

    id: str
    kind: PauseKind
    reason: str
    since: datetime
    told: bool = False


class Pauses(Protocol):
    """Why no new calls are placed."""

    def begin(self, pause: Pause) -> bool:
        """Returns whether it is new: while one of its kind is in force, another changes nothing."""
        ...

    def told(self, pause: str) -> None: ...

    def end(self, at: datetime, by: str, *, kinds: Collection[PauseKind] | None = None) -> int:
        """End those of some kinds, or all; returns how many.

        Args:
            by: whose word it is, for people.
        """
        ...

    def in_force(self) -> tuple[Pause, ...]: ...

    def history(self, limit: int = 20) -> tuple[tuple[Pause, datetime | None, str], ...]:
        """The latest pauses, each with when it ended and by whose word."""
        ...


@frozen
class OperatorFigures:
    """What an operator did in some time.

    Attributes:
        calls: that were connected to them.
        talk: seconds in conversation.
        wrap_up: seconds of wrap-up.
        available: seconds they stood in a roster and were not paused.
    """

    operator: OperatorId
    calls: int = 0
    talk: float = 0.0
    wrap_up: float = 0.0
    available: float = 0.0

    @property
    def occupancy(self) -> float:
        """(talk + wrap-up) / available time; 0.0 before there is any."""
        return (self.talk + self.wrap_up) / self.available if self.available else 0.0


class OperatorStatistics(Protocol):
    """What operators did, by day."""

    def count(self, day: str, figures: OperatorFigures) -> None:
        """Add to the figures of a day (`2026-11-25`)."""
        ...

    def figures(self, since: str = "") -> tuple[OperatorFigures, ...]:
        """Summed up from a day on, by operator."""
        ...


class Notebook(Protocol):
    """Single values under a name: what the panel last said of its lines, when the engine last was alive ..."""

    def read(self, name: str) -> str | None: ...

    def write(self, name: str, value: str) -> None: ...


@frozen
class Refused:
    """An answer of the panel that could not be used, kept for inspection.

    Attributes:
        body: its beginning, at most 64 KiB.
    """

    at: datetime
    reason: str
    body: str


class Inspection(Protocol):
    """Answers of the panel that could not be used; the latest hundred are kept."""

    def keep(self, refused: Refused) -> None: ...

    def latest(self, limit: int = 20) -> tuple[Refused, ...]: ...
