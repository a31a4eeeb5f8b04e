"""Who answers the phone: what a person does is data, so that a campaign of thousands is written down in a few lines."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, StrEnum
from random import Random

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
class Persona:
    """How a person behaves on the phone.

    Attributes:
        rings_after: seconds until their phone rings.
        answers_after: seconds of ringing until they pick up, or do what `instead` says.
        instead: what they do in place of answering; None answers.
        forwards_to: the number an `Instead.FORWARD` redirects to.
        says: what they say into each recording in turn; an empty string, or none left, is silence.
        thinks: seconds before they begin to speak.
        presses: keys, by time.
        hangs_up: None stays until the other side hangs up.
    """

    rings_after: float = 0.3
    answers_after: float = 3.0
    instead: Instead | None = None
    forwards_to: str = ""
    says: tuple[str, ...] = ()
    thinks: float = 0.4
    presses: tuple[KeyPress, ...] = ()
    hangs_up: HangUp | None = None


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


_FATES: Mapping[Instead | None, int] = {
    None: 60,
    Instead.NO_ANSWER: 14,
    Instead.BUSY: 10,
    Instead.DECLINE: 5,
    Instead.POWER_OFF: 5,
    Instead.NO_ROUTE: 2,
    Instead.CONGESTION: 2,
    Instead.UNREACHABLE: 1,
    Instead.FORWARD: 1,
}
"""Of a hundred numbers dialled, how many meet this fate: made up, but with every fate in it."""


def random_people(rng: Random, numbers: Iterable[str], phrases: Sequence[str]) -> People:
    """A person for each number, who says some of the phrases; the same people for the same generator state.

    About six in ten answer; of those, four in ten hang up early, at any moment of the call.
    """
    return People({number: _random_persona(rng, phrases) for number in numbers})


def _random_persona(rng: Random, phrases: Sequence[str]) -> Persona:
    [instead] = rng.choices(list(_FATES), list(_FATES.values()))
    said = tuple(rng.choice(phrases) if phrases and rng.random() < 0.85 else "" for _ in range(rng.randint(1, 4)))
    return Persona(
        rings_after=round(rng.uniform(0.1, 2.0), 3),
        answers_after=round(rng.uniform(1.0, 25.0), 3),
        instead=instead,
        forwards_to="".join(rng.choices("123456789", k=9)) if instead is Instead.FORWARD else "",
        says=said,
        thinks=round(rng.uniform(0.1, 1.2), 3),
        hangs_up=_random_hang_up(rng) if rng.random() < 0.4 else None,
    )


def _random_hang_up(rng: Random) -> HangUp:
    return HangUp(
        after=rng.choice(list(Moment)),
        nth=rng.randint(1, 2),
        seconds=round(rng.expovariate(1 / 2.0), 3),
        cause=rng.choice((16, 16, 16, 0)),
    )
