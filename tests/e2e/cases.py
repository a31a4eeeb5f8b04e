"""The calls that are made on a real PBX and on the simulated one: who is called, and what must come of it.

Each stands for one file in the folder `goldens`, which is recorded from the real one.
"""

from pathlib import Path

from attrs import frozen

from callengine.simulator import HangUp, Instead, Moment, Persona
from tests.e2e import people
from tests.e2e.people import NUMBER_QUESTION, Person

GOLDENS = Path(__file__).parent / "goldens"

NO_REASON = 0
"""The Q.850 cause of a person's hangup, whose telephone gives none."""


@frozen
class Case:
    """One call.

    Attributes:
        person: who really speaks.
        persona: the same person on the simulated PBX.
        result: in the panel's words.
        last: the step the call came to; "" if it was never answered.
        operators: who is rung for those who say yes, and the same on the simulated PBX.
    """

    name: str
    person: Person
    persona: Persona
    result: str
    last: str = ""
    operators: tuple[tuple[Person, Persona], ...] = ()

    @property
    def golden(self) -> Path:
        """The file that holds what the real PBX made of it."""
        return GOLDENS / f"{self.name.replace(' ', '-')}.txt"


def answers(*says: str, hangs_up: HangUp | None = None) -> Persona:
    return Persona(answers_after=0.3, says=says, hangs_up=hangs_up)


def leaves(after: Moment, nth: int = 1) -> HangUp:
    return HangUp(after, nth, seconds=0.5, cause=NO_REASON)


def refuses(instead: Instead) -> Persona:
    return Persona(answers_after=0.3, instead=instead)


OPERATORS = (
    (people.BUSY_OPERATOR, refuses(Instead.BUSY)),
    (people.OPERATOR, answers(hangs_up=HangUp(Moment.BRIDGE, seconds=2.0, cause=NO_REASON))),
)

CASES = (
    Case("says yes", people.SAYS_YES, answers("yes"), "disconnected", "end"),
    Case("says no", people.SAYS_NO, answers("no"), "not_interested", "end"),
    Case("says nothing", people.SAYS_NOTHING, answers(), "unknown", "end"),
    Case("asks, then says no", people.ASKS_THEN_NO, answers(NUMBER_QUESTION, "no"), "not_interested", "end"),
    Case("is connected", people.SAYS_YES, answers("yes"), "connected_to_operator", "talk", OPERATORS),
    Case("busy", people.BUSY, refuses(Instead.BUSY), "busy"),
    Case("does not answer", people.NEVER_ANSWERS, refuses(Instead.NO_ANSWER), "missed"),
    Case("declines", people.DECLINES, refuses(Instead.DECLINE), "banned"),
    Case(
        "hangs up while it rings",
        people.STOPS_RINGING,
        Persona(answers_after=3.0, hangs_up=HangUp(Moment.RINGING, seconds=2.0, cause=19)),
        "missed",
    ),
    Case(
        "hangs up during the prompt",
        people.LEAVES_DURING_PROMPT,
        answers(hangs_up=leaves(Moment.PROMPT)),
        "hangup",
        "hello",
    ),
    Case(
        "hangs up during the recording",
        people.LEAVES_DURING_RECORDING,
        answers(hangs_up=leaves(Moment.RECORDING)),
        "hangup",
        "listen",
    ),
    Case(
        "says yes and hangs up at once",
        people.LEAVES_AFTER_YES,
        answers("yes", hangs_up=HangUp(Moment.RECORDING, seconds=1.5, cause=NO_REASON)),
        "hangup",
        "listen",
    ),
    Case(
        "says yes and hangs up during the thanks",
        people.LEAVES_DURING_THANKS,
        answers("yes", hangs_up=leaves(Moment.PROMPT, nth=2)),
        "disconnected",
        "say_yes",
    ),
    Case(
        "hangs up while an operator is rung",
        people.LEAVES_DURING_TRANSFER,
        answers("yes", hangs_up=HangUp(Moment.PROMPT, nth=2, seconds=2.0, cause=NO_REASON)),
        "disconnected",
        "transfer",
        ((people.NEVER_ANSWERS, refuses(Instead.NO_ANSWER)),),
    ),
    Case(
        "is redirected", people.REDIRECTS, Persona(answers_after=0.3, instead=Instead.FORWARD, forwards_to="10099"), "forwarded"
    ),
)
