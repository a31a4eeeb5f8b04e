"""What is known of a call besides the machine that runs it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Protocol

from attrs import field, frozen

from callengine.model.contact import Contact, Source
from callengine.model.ids import AttemptId, CallId, ChannelId, ChartId, Digits, LineId, RecordingName, Result
from callengine.model.operator import Operator


class Cause(Enum):
    """Why a call ended. The first cause wins."""

    CUSTOMER_GONE = "customer_gone"
    """The customer's channel is gone: hung up, busy, no answer."""
    FLOW_ENDED = "flow_ended"
    """The flow came to its end."""
    PARTNER_GONE = "partner_gone"
    """The operator left a bridged call."""
    REFUSED = "refused"
    """The PBX would not place the call."""
    UNCONFIRMED = "unconfirmed"
    """The PBX did not answer the originate request, and shows no such channel."""
    FORWARDED = "forwarded"
    """The called party forwarded the call elsewhere, which would bypass the do-not-dial list."""
    DO_NOT_DIAL = "do_not_dial"
    """The number was put on the do-not-dial list after the intent was written, and was not dialled."""
    NO_SLOT = "no_slot"
    """Somebody called us and was turned away: no slot of the line in time, too many who wait, or the engine stops."""
    BUDGET = "budget"
    """The call used up its time or its steps."""
    OVERFLOW = "overflow"
    """More events than the call's bounded queue holds."""
    PBX_LOST = "pbx_lost"
    """The PBX restarted or was lost for too long."""
    SHUTDOWN = "shutdown"
    """The engine stops and the drain deadline has passed."""
    BUG = "bug"
    """A fault of our own; the call alone pays for it."""


class AttemptState(Enum):
    """The life of one originate, as the book records it."""

    INTENDED = "intended"
    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    SETTLED = "settled"
    UNKNOWN = "unknown"
    """The request's fate is not known: reported as unconfirmed, never redialled by itself."""
    NEVER_PLACED = "never_placed"
    """Cancelled between the intent and the request: the contact may be dialled again."""


class TransferOutcome(Enum):
    """What came of the attempt to connect a customer to an operator. Where several were tried, what came of the last."""

    COMPLETED = "completed"
    """Both were bridged."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """Nobody picked up, or nobody pressed the key that accepts the call."""
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    """The PBX could not ring the telephone, it forwards calls, or it was gone before both were bridged."""
    NO_OPERATOR = "no_operator"
    """There was nobody to ring: none in the roster, or all of them busy or paused."""
    NO_SLOT = "no_slot"
    """No slot of a line became free in time for a leg over the trunk."""
    CUSTOMER_LEFT = "customer_left"


@frozen
class CallResult:
    """What became of a call.

    Attributes:
        result: in the panel's words.
        cause: what ended it.
        answered: whether the customer picked up.
        detail: a sentence for people: the PBX's or an error's words.
        transcript: the last thing the customer said, if anything was understood.
        seconds: from answer to end; 0.0 if never answered.
        transfer: what came of the last transfer; None if there was none.
        operator: who talked to the customer, or was rung last.
        waited: seconds the customer waited for an operator, from the first step that rings one until both were bridged or the
            wait was over; None if no step rang one.
        talked: seconds that customer and operator were bridged.
        recordings: that stay on the PBX because the settings ask for it.
    """

    result: Result
    cause: Cause
    answered: bool
    detail: str = ""
    transcript: str = ""
    seconds: float = 0.0
    transfer: TransferOutcome | None = None
    operator: Operator | None = None
    waited: float | None = None
    talked: float = 0.0
    recordings: tuple[RecordingName, ...] = ()


@frozen
class Attempt:
    """One originate for one contact, written down before the phone rings.

    Attributes:
        line, scenario, chart: empty where the contact was declined before they were chosen.
        channel: the id that the customer's channel will have at the PBX; None where there will be none.
        placed_at: when the PBX had answered the originate request; None before that, and where it was never sent.
        rehearsal: placed in test mode: another telephone was dialled than the contact's.
    """

    id: AttemptId
    contact: Contact
    call: CallId
    line: LineId
    scenario: str
    chart: ChartId
    intended_at: datetime
    state: AttemptState = AttemptState.INTENDED
    outcome: CallResult | None = None
    channel: ChannelId | None = None
    placed_at: datetime | None = None
    rehearsal: bool = False

    @property
    def uses_up_contact(self) -> bool:
        """Whether its contact counts as called: not in test mode, but for those of whom the panel is told a result."""
        return not self.rehearsal or self.contact.source is Source.PANEL


@frozen
class Received:
    """One call that came in.

    Attributes:
        caller: their number as the PBX gave it; empty where it is withheld.
        dialled: the number they called; empty where it is none that a dialplan would have.
        line: the line that is, or None where the number is no line of ours.
        scenario: that serves them; empty where they go straight to an operator.
        outcome: None until the call is over.
        channel: the PBX's id of the caller's channel; None where it was not written down.
    """

    call: CallId
    caller: str
    dialled: str
    line: LineId | None
    scenario: str
    chart: ChartId
    arrived_at: datetime
    outcome: CallResult | None = None
    channel: ChannelId | None = None


@frozen
class Callback:
    """Somebody who asked to be called back.

    Attributes:
        call: in which they asked.
        number: to call.
        not_before: with its zone.
        scenario: whose flow asked.
        fields: what is known of them besides the number.
    """

    call: CallId
    number: Digits
    not_before: datetime
    scenario: str
    fields: Mapping[str, str] = field(factory=dict)


class MomentKind(Enum):
    """What a call's timeline tells."""

    STATE = "state"
    """Of the customer's leg: dialling, ringing, up, down."""
    OPERATOR = "operator"
    """Of an operator's leg (the detail): the same."""
    STEP = "step"
    """A step begins."""
    OUTCOME = "outcome"
    """A step is over, with this outcome."""
    PROVIDER = "provider"
    TRANSFER = "transfer"
    """What came of ringing an operator (the detail), in the words of `TransferOutcome`."""
    REQUEST = "request"
    """To the PBX: the name is method and path, the detail its status."""
    EVENT = "event"
    """Of the PBX: the name is its type, the detail what it is about."""
    RESULT = "result"


@frozen
class Moment:
    """One entry of a call's timeline.

    Attributes:
        at: seconds on the engine's monotonic clock.
        name: of the step, outcome, state, provider or result.
        detail: more of it, for people.
    """

    call: CallId
    at: float
    kind: MomentKind
    name: str
    detail: str = ""


class Timeline(Protocol):
    """Who is told what happens in calls: logs, the live view, a test."""

    def begin(self, attempt: Attempt) -> None:
        """A call is about to be placed; what is noted of it later bears its call id."""
        ...

    def receive(self, received: Received) -> None:
        """Somebody has called us; what is noted of it later bears its call id."""
        ...

    def note(self, moment: Moment) -> None: ...
