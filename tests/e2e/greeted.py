"""The calls in which it matters who answered, a person or a machine; as in `cases.py`."""

from callengine.simulator import Moment, Persona, Utterance
from tests.e2e import people
from tests.e2e.cases import AT_ONCE, Case, answers, leaves
from tests.e2e.engine import MACHINES
from tests.e2e.people import Person

HELLO = (Utterance(0.5, 0.6),)
ANNOUNCEMENT = (Utterance(0.5, 6.0), Utterance(0.6, 0.4))
"""With a beep. How long it is exactly does not show in a trace."""


def greets(*greeting: Utterance, leaves_after: float | None = None) -> Persona:
    """Somebody who speaks first, and hangs up so many seconds after the answer."""
    hangs_up = None if leaves_after is None else leaves(Moment.ANSWER, seconds=leaves_after)
    return Persona(rings_after=AT_ONCE, answers_after=0.3, greets=greeting, hangs_up=hangs_up)


def case(name: str, person: Person, persona: Persona, result: str, last: str) -> Case:
    return Case(name, person, persona, result, last, folder=MACHINES)


GREETED = (
    case("says hello to a machine detector", people.SAYS_HELLO, greets(*HELLO), "disconnected", "end"),
    case("is an answering machine", people.ANSWERING_MACHINE, greets(*ANNOUNCEMENT), "missed", "end"),
    case("says nothing to a machine detector", people.SAYS_NOTHING, answers(), "unknown", "end"),
    case("sends no sound to a machine detector", people.MUTE, answers(), "unknown", "end"),
    case(
        "hangs up while they greet",
        people.LEAVES_WHILE_GREETING,
        greets(*ANNOUNCEMENT, leaves_after=1.5),
        "hangup",
        "who",
    ),
    case(
        "hangs up before the beep",
        people.LEAVES_BEFORE_THE_BEEP,
        greets(*ANNOUNCEMENT, leaves_after=4.5),
        "hangup",
        "message",
    ),
)
"""People who are called, and answering machines."""
