"""Aggregates of the book: what was placed, what came of it, and what is kept of it."""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from callengine.model.call import Attempt, AttemptState, Moment, Received
from callengine.model.ids import AttemptId, CallId, ChartId, Digits, LineId


@frozen
class Placement:
    """One call that counts against a line's limits: a customer's, or a leg to an operator over the trunk.

    Attributes:
        id: of the attempt, or of the operator's channel.
        at: when the PBX had answered the request; None while that is not known: it counts as of now.
    """

    id: str
    line: LineId
    at: datetime | None


class Placements(Protocol):
    """What has been placed on the lines: the day's counts and the minute's windows, made again after a restart.

    An attempt's own placement is written by `Book.intend`, dated or dropped by `Book.update`.
    """

    def place(self, placement: Placement) -> None:
        """Write one down, before its request is sent."""
        ...

    def date(self, placement: str, at: datetime) -> None:
        """The PBX has answered its request."""
        ...

    def drop(self, placement: str) -> None:
        """Its request was never sent."""
        ...

    def since(self, moment: datetime) -> tuple[Placement, ...]:
        """Those dated at or after a moment, the oldest first, and after them all without a date."""
        ...


@frozen
class ScenarioUse:
    """A call that counts in its scenario's rate limits.

    Attributes:
        at: when it was placed or came in; None while that is not known.
    """

    scenario: str
    at: datetime | None


class Attempts(Protocol):
    """What was tried."""

    def find(self, attempt: AttemptId) -> Attempt | None: ...

    def unfinished(self) -> tuple[Attempt, ...]:
        """Those whose outcome is not written, the first intended first: after a restart, what became of them is not known."""
        ...

    def page(
        self, *, state: AttemptState | None = None, number: Digits | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Attempt], ...]:
        """Attempts with their serials, the newest first."""
        ...

    def of_call(self, call: CallId) -> Attempt | None: ...

    def placed_since(self, moment: datetime, campaign: str) -> int:
        """How many calls to contacts of a campaign were placed since a moment; those that are being placed count, too."""
        ...

    def uses_since(self, moment: datetime) -> tuple[ScenarioUse, ...]:
        """Calls of scenarios, outbound and inbound, since a moment, the oldest first; then those without a time."""
        ...


class Calls(Protocol):
    """Calls that came in."""

    def find(self, call: CallId) -> Received | None: ...

    def unfinished(self) -> tuple[Received, ...]:
        """Those whose outcome is not written."""
        ...

    def page(self, *, before: int | None = None, limit: int = 100) -> tuple[tuple[int, Received], ...]:
        """Calls with their serials, the newest first."""
        ...


@frozen
class StoredTimeline:
    """The moments of one call, as they were kept.

    Attributes:
        began_at: the time of day at which the first of them was; the others follow by their distance from it.
        cut: how many moments were left out because there were too many.
    """

    call: CallId
    began_at: datetime
    moments: tuple[Moment, ...]
    cut: int = 0


class Timelines(Protocol):
    """What happened in calls, and the flows they went through."""

    def keep(self, timeline: StoredTimeline) -> None: ...

    def find(self, call: CallId) -> StoredTimeline | None: ...

    def keep_chart(self, chart: ChartId, source: bytes, path: str, flow: str) -> None:
        """Keep the scenario file that a chart was compiled from; one that is kept already stays.

        Args:
            flow: which of its flows: `flow` or `inbound_flow`.
        """
        ...

    def chart(self, chart: ChartId) -> tuple[bytes, str, str] | None:
        """The source, path and flow that `keep_chart` was given."""
        ...


@frozen
class AbandonRate:
    """Live answers and those abandoned: who was to talk with an operator and had none in time."""

    answers: int
    abandoned: int

    @property
    def ratio(self) -> float:
        """Abandoned / answers; 0.0 before there is any answer."""
        return self.abandoned / self.answers if self.answers else 0.0


class Ledger(Protocol):
    """The ledger of abandoned calls. Calls enter it when they are over."""

    def enter(self, call: CallId, campaign: str, answered_at: datetime, *, abandoned: bool) -> None: ...

    def rate(self, campaign: str, since: datetime) -> AbandonRate: ...


@frozen
class KeptRecording:
    """A recording that stays on the PBX for a time."""

    name: str
    call: CallId
    at: datetime


class Keeping(Protocol):
    """What is kept of calls because the settings ask for it, and how long."""

    def keep_recording(self, recording: KeptRecording) -> None: ...

    def recordings_before(self, moment: datetime, limit: int = 100) -> tuple[KeptRecording, ...]: ...

    def forget_recording(self, name: str) -> None: ...

    def forget_transcripts(self, before: datetime) -> int:
        """Erase what people said in calls that ended before a moment; returns of how many."""
        ...
