"""The calls that are made on a real PBX and on the simulated one: who is called, and what must come of it.

Each stands for one file in the folder `goldens`, which is recorded from the real one.
"""

from pathlib import Path

from attrs import frozen

from callengine.settings import AriSettings, InboundSettings, Settings
from callengine.simulator import HangUp, Instead, KeyPress, Moment, Persona
from tests.e2e import people
from tests.e2e.engine import FLOWS, settings_for
from tests.e2e.people import NUMBER_QUESTION, Person

GOLDENS = Path(__file__).parent / "goldens"

AT_ONCE = 0.02
"""Seconds until a telephone on loopback rings."""

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
        operators: who is rung, in this order, and the same on the simulated PBX.
        folder: of the scenario.
        calls: the number that this person calls; "" for one whom we call.
        slots: of the line.
        patience: seconds a caller waits for a slot.
        at_desk: the operator is the one at the desk.
    """

    name: str
    person: Person
    persona: Persona
    result: str
    last: str = ""
    operators: tuple[tuple[Person, Persona], ...] = ()
    folder: Path = FLOWS
    calls: str = ""
    slots: int = 2
    patience: float = 60.0
    at_desk: bool = False

    @property
    def golden(self) -> Path:
        """The file that holds what the real PBX made of it."""
        return GOLDENS / f"{self.name.replace(' ', '-')}.txt"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Whom the engine is to call."""
        return () if self.calls else (self.person.digits,)

    def settings(self, ari: AriSettings) -> Settings:
        """Of the engine."""
        over_trunk = () if self.at_desk else [operator.digits for operator, _ in self.operators]
        inbound = InboundSettings(wait=self.patience)
        return settings_for(ari, operators=over_trunk, desk=self.at_desk, slots=self.slots, inbound=inbound)


def answers(*says: str, hangs_up: HangUp | None = None, presses: tuple[KeyPress, ...] = ()) -> Persona:
    return Persona(rings_after=AT_ONCE, answers_after=0.3, says=says, hangs_up=hangs_up, presses=presses)


def leaves(after: Moment, nth: int = 1, seconds: float = 0.5) -> HangUp:
    return HangUp(after, nth, seconds, cause=NO_REASON)


def refuses(instead: Instead) -> Persona:
    return Persona(rings_after=AT_ONCE, answers_after=0.3, instead=instead)


CASES = (
    Case("says yes", people.SAYS_YES, answers("yes"), "disconnected", "end"),
    Case("says no", people.SAYS_NO, answers("no"), "not_interested", "end"),
    Case("says nothing", people.SAYS_NOTHING, answers(), "unknown", "end"),
    Case("asks, then says no", people.ASKS_THEN_NO, answers(NUMBER_QUESTION, "no"), "not_interested", "end"),
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
        answers("yes", hangs_up=leaves(Moment.RECORDING, seconds=1.5)),
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
        "is redirected", people.REDIRECTS, Persona(answers_after=0.3, instead=Instead.FORWARD, forwards_to="10099"), "forwarded"
    ),
)
"""People who are called, and connected to nobody."""
