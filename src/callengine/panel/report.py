"""What the panel is told of calls: results in its words, and rows of a batch that cannot be called."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from uuid import NAMESPACE_OID, uuid5

import attrs
from attrs import field, frozen

from callengine.model import (
    FAILED,
    Ambient,
    Attempt,
    AttemptState,
    Book,
    CallResult,
    LineId,
    Message,
    MessageId,
    PauseKind,
    Received,
    Result,
    digits_of,
)
from callengine.panel.client import REPORT_RESULT
from callengine.panel.shapes import Json, Metadata, PanelNumber

INVALID_NUMBER = "invalid_number"
DUPLICATE_NUMBER = "duplicate_number"
ID_REUSED = "id_reused"
UNCONFIRMED = "unconfirmed"

OUR_OWN: frozenset[PauseKind] = frozenset({"failures", "balance", "disk"})
"""Pauses nobody asked for: the panel is told of them."""

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "connected_to_operator": ("CONNECTED", "said yes and talked to an operator"),
        "not_interested": ("NOT_INTERESTED", "said no"),
        "disconnected": ("DISCONNECTED", "said yes and left before an operator answered"),
        "hangup": ("HANGUP", "left before a usable reply"),
        "missed": ("MISSED", "no answer"),
        "busy": ("BUSY", "busy"),
        "power_off": ("POWER_OFF", "the telephone is off or out of reach"),
        "banned": ("BANNED", "the network refuses the call"),
        "unknown": ("UNKNOWN", "the reply was unclear"),
        "inbound_call": ("INBOUND_CALL", "called us"),
    }
)

Unit = Callable[[Book], None]


def status_of(result: Result) -> tuple[str, str]:
    """The panel's status of a result, and the reason that goes with it. What has no status of its own is FAILED."""
    return _WORDS.get(result) or ("FAILED", result.removeprefix(FAILED))


def subject_of(reference: str, number: str) -> str:
    """What messages about a contact are filed under: the panel's id of them or, without one, the number."""
    return reference or number


@frozen
class Known:
    """What the panel calls things by, as JSON text.

    Attributes:
        scenarios: by name.
        lines: by number.
        zone: of its clock; None for ours.
    """

    scenarios: Mapping[str, str] = field(factory=dict)
    lines: Mapping[LineId, str] = field(factory=dict)
    zone: tzinfo | None = None

    def after(self, metadata: Metadata) -> "Known":
        """What is known once the panel has said this, too."""
        scenarios = {scenario.name: scenario.reference for scenario in metadata.active_scenarios or () if scenario.reference}
        lines = {_bare(line.phone_number): line.reference for line in metadata.outbound_lines or () if line.reference}
        zone = metadata.zone or self.zone
        return Known({**self.scenarios, **scenarios}, {**self.lines, **lines}, zone)

    def line(self, line: LineId) -> str:
        """The panel's id of a line; empty where it gave none."""
        return self.lines.get(_bare(line), "")


def _bare(number: str) -> LineId:
    try:
        return LineId(digits_of(number))
    except ValueError:
        return LineId(number)


@frozen
class Reporter:
    """Makes the messages that tell the panel what became of whom.

    Args:
        known: asked anew for each message.
        user_message: whether what the customer said last is told.
        old_fields: whether scenario, line and batch are told besides by the names older panels know.
    """

    company: str
    ambient: Ambient
    known: Callable[[], Known] = Known
    user_message: bool = True
    old_fields: bool = False

    def unit(self, over: Attempt | Received) -> Unit:
        """What posts the report of a call that has its outcome, in the transaction that writes it.

        A message has the id of its attempt or call, so that no call is reported twice.
        """
        message = self.attempt(over) if isinstance(over, Attempt) else self.received(over)

        def post(book: Book) -> None:
            untold = any(pause.kind in OUR_OWN and not pause.told for pause in book.pauses.in_force())
            book.outbox.post(pausing(message) if untold else message)

        return post

    def attempt(self, attempt: Attempt) -> Message:
        """The report of an attempt.

        Raises:
            ValueError: it has no outcome yet.
        """
        contact = attempt.contact
        told: dict[str, Json] = {}
        if contact.reference:
            told["number_id"] = json.loads(contact.reference)
        told["phone_number"] = contact.phone_number
        told |= self._outcome(attempt.outcome, unconfirmed=attempt.state is AttemptState.UNKNOWN, rehearsal=attempt.rehearsal)
        told["attempted_at"] = self._moment(attempt.placed_at or attempt.intended_at)
        told |= self._origin(attempt.scenario, attempt.line)
        if self.old_fields and contact.batch:
            told["batch_id"] = json.loads(contact.batch)
        return self._message(attempt.id, subject_of(contact.reference, contact.number), told)

    def received(self, received: Received) -> Message:
        """The report of a call that came in, by the caller's number.

        Raises:
            ValueError: it has no outcome yet.
        """
        told: dict[str, Json] = {"phone_number": received.caller}
        told |= self._outcome(received.outcome)
        told["attempted_at"] = self._moment(received.arrived_at)
        told |= self._origin(received.scenario, received.line)
        return self._message(received.call, subject_of("", received.caller or received.call), told)

    def rejected(self, number: PanelNumber, reason: str, batch: str = "") -> Message:
        """The report of somebody who cannot be called.

        Args:
            batch: the id, as JSON text.
        """
        told: dict[str, Json] = {
            "number_id": json.loads(number.reference),
            "phone_number": number.phone_number,
            "status": "FAILED",
            "reason": reason,
            "attempted_at": self._moment(self.ambient.wall()),
        }
        if self.old_fields and batch:
            told["batch_id"] = json.loads(batch)
        again = uuid5(NAMESPACE_OID, f"{batch}/{number.reference}/{reason}")  # a batch that is given again is not refused again
        return self._message(str(again), number.reference, told)

    def _outcome(self, outcome: CallResult | None, *, unconfirmed: bool = False, rehearsal: bool = False) -> dict[str, Json]:
        if outcome is None and not unconfirmed:
            raise ValueError("a call without an outcome cannot be reported")
        status, reason = ("FAILED", UNCONFIRMED) if outcome is None or unconfirmed else status_of(outcome.result)
        told: dict[str, Json] = {"status": status, "reason": f"test mode: {reason}" if rehearsal else reason}
        if outcome is not None and outcome.operator is not None:
            if outcome.operator.reference:
                told["agent_id"] = json.loads(outcome.operator.reference)
            if outcome.operator.phone_number:
                told["agent_phone"] = outcome.operator.phone_number
        if outcome is not None and self.user_message and outcome.transcript:
            told["user_message"] = outcome.transcript
        return told

    def _origin(self, scenario: str, line: LineId | None) -> dict[str, Json]:
        known = self.known()
        told: dict[str, Json] = {}
        if scenario in known.scenarios:
            told["scenario_id"] = json.loads(known.scenarios[scenario])
        if line and known.line(line):
            told["outbound_line_id"] = json.loads(known.line(line))
        if self.old_fields and scenario:
            told["scenario"] = scenario
        if self.old_fields and line:
            told["outbound_line"] = line
        return told

    def _moment(self, at: datetime) -> str:
        zone = self.known().zone
        return (at if zone is None else at.astimezone(zone)).isoformat(timespec="seconds")

    def _message(self, name: str, subject: str, told: Mapping[str, Json]) -> Message:
        body = json.dumps({"company": self.company, **told})
        return Message(MessageId(name), subject, REPORT_RESULT, body, self.ambient.wall())


def pausing(message: Message) -> Message:
    """The same message, which tells the panel besides that we have paused ourselves."""
    body = json.dumps({**json.loads(message.body), "call_allowed": False})
    return attrs.evolve(message, body=body, pauses=True)
