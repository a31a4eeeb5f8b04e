"""The book: everything the store keeps, by aggregate, as a unit of work sees it inside its transaction.

A unit is a plain function of a `Book`: what it wrote is kept when it returns, none of it when it raises.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from attrs import frozen

from callengine.model.call import Attempt, AttemptState, Callback, Moment, Received
from callengine.model.contact import Contact, ContactState, Listed
from callengine.model.ids import AttemptId, CallId, ChartId, ContactId, Digits, LineId, MessageId, OperatorId


@frozen
class Added:
    """What came of adding contacts.

    Attributes:
        added: how many are new.
        repeated: those whose intent was known already, and who gave nothing new.
    """

    added: int
    repeated: tuple[Contact, ...] = ()


class Contacts(Protocol):
    """Whom to call, and where they are on the way to it."""

    def add(self, contacts: Iterable[Contact]) -> Added:
        """Put contacts on the list, pending; one whose campaign and intent are there already changes nothing."""
        ...

    def due(self, campaign: str, now: datetime, limit: int, beside: Collection[ContactId] = ()) -> tuple[Contact, ...]:
        """Pending contacts who may be called now: by priority, then the one due longest, then in the order they were added.

        Callbacks of every campaign are due in each.

        Args:
            beside: contacts that are known to be due and not asked for again.
        """
        ...

    def next_due(self, campaign: str, now: datetime, *, callbacks: bool = True) -> datetime | None:
        """When the next pending contact who is not due now will be; None if there is none.

        Args:
            callbacks: whether those who asked to be called back count.
        """
        ...

    def postpone(self, contact: ContactId, until: datetime) -> None:
        """Have a pending contact wait; any other stays as it is."""
        ...

    def recycle(self, contact: ContactId, due_at: datetime) -> None:
        """Make a contact pending again whose attempt is over."""
        ...

    def find(self, number: Digits, *, open_only: bool = False) -> tuple[Listed, ...]:
        """Contacts with this number, in the order they were added.

        Args:
            open_only: only those who are pending or being dialled.
        """
        ...

    def open_references(self, references: Collection[str]) -> Mapping[str, Digits]:
        """Which of these ids of the panel belong to somebody who is pending or being dialled, and to which number."""
        ...

    def page(
        self, *, campaign: str | None = None, state: ContactState | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[Listed, ...]:
        """Contacts in the order they were added, those after a serial."""
        ...

    def counts(self, campaign: str | None = None) -> Mapping[ContactState, int]:
        """How many are in each state; states without any are left out."""
        ...

    def campaigns(self) -> tuple[str, ...]:
        """All that have contacts, by name."""
        ...


@frozen
class Blocked:
    """An entry of the do-not-dial list.

    Attributes:
        serial: in the order in which entries were made; for whoever follows the list.
        reason: for people; `opted out` where the person asked for it in a call.
    """

    number: Digits
    serial: int
    at: datetime
    reason: str = ""


class DoNotDialList(Protocol):
    """Numbers that must not be dialled."""

    def add(self, numbers: Iterable[Digits], at: datetime, reason: str = "") -> int:
        """Returns how many were not on the list yet."""
        ...

    def remove(self, numbers: Iterable[Digits]) -> int:
        """Returns how many were on the list."""
        ...

    def holds(self, number: Digits) -> bool: ...

    def since(self, serial: int, limit: int = 1000) -> tuple[Blocked, ...]:
        """Entries made after a serial, the first made first."""
        ...

    def last_serial(self) -> int:
        """Of the entry made last; 0 before there is any."""
        ...

    def count(self) -> int: ...


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


class Book(Protocol):
    """What a unit of work may do.

    The verbs of calls stand here; everything else stands with its aggregate.
    """

    @property
    def contacts(self) -> Contacts: ...
    @property
    def do_not_dial(self) -> DoNotDialList: ...
    @property
    def placements(self) -> Placements: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def timelines(self) -> Timelines: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def pauses(self) -> Pauses: ...
    @property
    def operators(self) -> OperatorStatistics: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def keeping(self) -> Keeping: ...
    @property
    def notebook(self) -> Notebook: ...
    @property
    def inspection(self) -> Inspection: ...

    def intend(self, attempt: Attempt) -> None:
        """Write down an attempt that will be made, its contact as being dialled, and its placement on the line.

        A contact that is not in the store yet is added.

        Raises:
            DoNotDial: the number is on the do-not-dial list.
            ContactTaken: the contact is not pending any more.
            NumberBusy: the number is being dialled for another contact.
            In each case nothing is written.
        """
        ...

    def decline(self, attempt: Attempt) -> None:
        """Write down an attempt that will not be made, with its reason: it and its contact are over before they began."""
        ...

    def update(self, attempt: Attempt) -> None:
        """Replace the record of an attempt by its newer state; one in a final state stays as it is.

        In a final state its contact is done, with the result; one that was never placed is pending again instead, unless it
        was declined, and so is one whom the attempt does not use up. Its placement is dated by `placed_at`, or dropped if it
        was never placed.
        """
        ...

    def receive(self, received: Received) -> None:
        """Write down a call that came in, or replace its record; one that has its outcome stays as it is."""
        ...

    def permit(self, number: Digits) -> None:
        """Look once more whether a number may be dialled: long after its intent was written somebody may have opted out.

        Raises:
            DoNotDial: the number is on the do-not-dial list.
        """
        ...

    def opt_out(self, number: Digits) -> None:
        """Put a number on the do-not-dial list: no intent for it is written from now on."""
        ...

    def call_back(self, callback: Callback) -> None:
        """Write down that somebody is to be called back: a contact of the highest priority, due at that time."""
        ...

    def callbacks(self) -> Sequence[Callback]:
        """Who asked to be called back, in the order in which they did."""
        ...
