"""The scenario of a person who calls a line, and what became of it.

Every caller is a SIPp of its own that notes the PBX's answers.
"""

from functools import partial
from pathlib import Path

from attrs import frozen

from tests.e2e.ears import Heard
from tests.e2e.people import Person
from tests.e2e.scenarios import LAST_REQUEST, talk
from tests.e2e.sip import CONTACT, LONGEST_CALL, TAG, document, message, milliseconds, request, response, sdp, stream

ANSWER = 200
CANCELLED = 487
REFUSALS = (403, 404, 408, 480, 486, 488, 500, 503, 603)
"""How a PBX turns a caller away; any other refusal ends the telephone with an error."""


@frozen
class Reception:
    """What became of a call to a line.

    Attributes:
        began: when it was dialled, in seconds since the epoch.
        answers: SIP status and time of every response to the INVITE, in their order.
        heard: everything that reached the caller's ear.
    """

    began: float
    answers: tuple[tuple[int, float], ...]
    heard: tuple[Heard, ...]

    @property
    def statuses(self) -> tuple[int, ...]:
        """Those of `answers`, each once."""
        return tuple(dict.fromkeys(status for status, _ in self.answers))

    @property
    def answered_after(self) -> float | None:
        """Seconds from the INVITE to the answer; None if there was none."""
        return next((at - self.began for status, at in self.answers if status == ANSWER), None)

    @property
    def refused(self) -> int | None:
        """The status the caller was turned away with, if that is what happened."""
        return next((status for status in self.statuses if status in REFUSALS), None)

    @property
    def gave_up(self) -> bool:
        """Whether the caller had waited long enough, and the PBX took note of it."""
        return CANCELLED in self.statuses

    @property
    def early(self) -> tuple[Heard, ...]:
        """What was heard before the answer; all of it, if there was none."""
        if self.answered_after is None:
            return self.heard
        return tuple(each for each in self.heard if each.at < self.began + self.answered_after)

    @property
    def late(self) -> tuple[Heard, ...]:
        """What was heard from the answer on."""
        return self.heard[len(self.early) :]


def reception(log: Path, heard: tuple[Heard, ...]) -> Reception:
    """Read from what the telephone noted: a line for every step, a status or 0 first and the time last."""
    rows = [line.split() for line in log.read_text(encoding="utf-8").splitlines() if line]
    noted = tuple((int(row[0]), float(row[-1])) for row in rows)
    return Reception(noted[0][1], noted[1:], heard)


URI = "sip:[service]@[remote_ip]:[remote_port]"

FIRST_VIA = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]"
"""Of the INVITE; its CANCEL and the ACK of a refusal bear the same."""

DIALLED = 0
"""What the telephone notes first, in place of a status."""

CANCEL_SECONDS = 5.0
"""The PBX has to agree to a CANCEL."""


def note(status: int) -> str:
    return f'<log message="{status} [timestamp]"/>'


def noted(status: int, sound: str = "") -> str:
    """What is done at a final response."""
    return f'<action>{note(status)}{sound}<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/></action>'


def caller(person: Person, audio: Path, ear_port: int) -> str:
    """The scenario of a person who calls a line: `person.digits` is their own number."""
    sender = f" <sip:{person.digits}@[local_ip]>;{TAG}"
    common = [f"From:{sender}", "Call-ID: [call_id]", "Max-Forwards: 70", f"Contact: {CONTACT}"]
    media = sdp(str(ear_port))
    invite = message([f"INVITE {URI} SIP/2.0", FIRST_VIA, f"To: <{URI}>", "CSeq: 1 INVITE", *common], media)
    cancel = message([f"CANCEL {URI} SIP/2.0", FIRST_VIA, f"To: <{URI}>", "CSeq: 1 CANCEL", *common])
    refused = message([f"ACK {URI} SIP/2.0", FIRST_VIA, "To:[$to]", "CSeq: 1 ACK", *common])
    within = partial(request, uri=URI, sender=sender, receiver="[$to]")
    return document(
        f"<nop><action>{note(DIALLED)}</action></nop>",
        f'<send retrans="500">{invite}</send>',
        *waiting(person, stream(audio) if person.sends_sound else ""),
        within("ACK", number=1),
        *talk(person, within),
        '<label id="hung_up"/>',
        response("200 OK", to="[last_To:]"),
        '<nop next="end"/>',
        '<label id="hang_up"/>',
        within("BYE", number=LAST_REQUEST),
        '<recv response="200" next="end"/>',
        '<label id="give_up"/>',
        f"<send>{cancel}</send>",
        f'<recv response="{ANSWER}" optional="true"/>',
        f'<recv response="{CANCELLED}" timeout="{milliseconds(CANCEL_SECONDS)}">{noted(CANCELLED)}</recv>',
        '<label id="refused"/>',
        f"<send>{refused}</send>",
        '<label id="end"/>',
    )


def waiting(person: Person, sound: str) -> list[str]:
    """Until the answer, a refusal, or the end of the caller's patience. SIPp takes optional responses in any order."""
    patience = LONGEST_CALL if person.gives_up is None else person.gives_up
    bound = f'timeout="{milliseconds(patience)}" ontimeout="give_up"'
    return [
        *(
            f'<recv response="{status}" optional="true" {bound}><action>{note(status)}</action></recv>'
            for status in (100, 180, 183)
        ),
        *(f'<recv response="{status}" optional="true" {bound} next="refused">{noted(status)}</recv>' for status in REFUSALS),
        f'<recv response="{ANSWER}" {bound}>{noted(ANSWER, sound)}</recv>',
    ]
