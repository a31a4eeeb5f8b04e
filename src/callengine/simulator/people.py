"""Who answers the phone: what a person does is data, so that a campaign of thousands is written down in a few lines."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Protocol

from attrs import field, frozen


class Instead(Enum):
    """What happens in place of an answer.

    Each value is the Q.850 cause and the SIP code the PBX reports, which follow Asterisk's own mapping.
    """

    BUSY = (17, 486)
    DECLINE = (21, 603)
    NO_ANSWER = (19, 480)
    """Rings until the originator's patience ends, or until the carrier's does."""
    POWER_OFF = (20, 480)
    NO_RESPONSE = (18, 408)
    NO_ROUTE = (3, 404)
    CONGESTION = (34, 503)
    FORWARD = (0, 302)
    """Redirects the call to `Persona.forwards_to`."""
    UNREACHABLE = (0, 0)
    """The PBX cannot even begin: the originate request is refused with `500 Allocation failed`."""

    @property
    def cause(self) -> int:
        return self.value[0]

    @property
    def sip(self) -> int:
        return self.value[1]


class Moment(StrEnum):
    """What a person can take as the sign to leave. Prompts, recordings and bridges count from their beginning."""

    RINGING = "ringing"
    """Their telephone begins to ring; of a person who calls us, ours does."""
    ANSWER = "answer"
    PROMPT = "prompt"
    RECORDING = "recording"
    BRIDGE = "bridge"


@frozen
class HangUp:
    """When a person hangs up by themselves.

    Attributes:
        after: the sign they leave at.
        nth: the how-manieth of its kind, from 1.
        seconds: how long after it.
        cause: the Q.850 cause of the end. A phone that names no reason gives 0, or 16 in a bridge (seen on Asterisk 22.10.1).
            While it rings, one that SIP has no code for means that the call is declined.
    """

    after: Moment
    nth: int = 1
    seconds: float = 0.0
    cause: int = 16


@frozen
class KeyPress:
    """A key of the telephone, pressed so many seconds after the answer."""

    digit: str
    seconds: float


@frozen
class Utterance:
    """Something said without being asked, such as a greeting or a machine's beep; the words do not matter.

    Attributes:
        after: seconds of silence before it, from the answer or from the end of the utterance before.
        seconds: how long it takes.
    """

    after: float
    seconds: float


@frozen
class Persona:
    """How a person behaves on the phone.

    Attributes:
        rings_after: seconds until their phone rings.
        answers_after: seconds of ringing until they pick up, or do what `instead` says.
        instead: what they do in place of answering; None answers.
        forwards_to: the number an `Instead.FORWARD` redirects to.
        says: what they say into each recording in turn; an empty string, or none left, is silence.
        thinks: seconds before they begin to speak.
        greets: what is said after the answer; an answering machine's greeting is long, and ends with a beep.
        presses: keys, by time.
        keys: what they press at each prompt in turn, after having thought; an empty string, or none left, is nothing.
        hangs_up: None stays until the other side hangs up.
    """

    rings_after: float = 0.3
    answers_after: float = 3.0
    instead: Instead | None = None
    forwards_to: str = ""
    says: tuple[str, ...] = ()
    thinks: float = 0.4
    greets: tuple[Utterance, ...] = ()
    presses: tuple[KeyPress, ...] = ()
    keys: tuple[str, ...] = ()
    hangs_up: HangUp | None = None


class Directory(Protocol):
    """Who answers where."""

    def at(self, dialled: str) -> Persona:
        """Who answers at this dial string; asked once for each call placed."""
        ...


@frozen
class People:
    """Everybody who can be reached, by the digits dialled.

    Attributes:
        by_number: personas by telephone number.
        otherwise: who answers at any other number.
    """

    by_number: Mapping[str, Persona] = field(factory=dict)
    otherwise: Persona = field(factory=Persona)

    def at(self, dialled: str) -> Persona:
        """Who answers at this dial string.

        A dial string may carry digits in front of the number (some deployments put the end of the line's own number
        there), so the longest known number of at least seven digits at its end will do.
        """
        for start in range(max(1, len(dialled) - 6)):
            found = self.by_number.get(dialled[start:])
            if found is not None:
                return found
        return self.otherwise
