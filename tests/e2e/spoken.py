"""The calls in which people choose by key or word, key in a number, and hear it spoken; as in `cases.py`."""

from callengine.simulator import KeyPress, Moment
from tests.e2e import people
from tests.e2e.cases import Case, answers, leaves
from tests.e2e.connected import STAYS
from tests.e2e.engine import LINES, VOICE
from tests.e2e.people import Person


def case(name: str, person: Person, result: str, *says: str) -> Case:
    """Of somebody who stays to the end, and presses the keys that this person does."""
    presses = tuple(KeyPress(press.key, press.after) for press in person.presses)
    return Case(name, person, answers(*says, presses=presses), result, "end", folder=VOICE)


CHOICES = (
    case("chooses during the prompt and keys in a number", people.KEYS_IN_A_NUMBER, "disconnected"),
    case("chooses by a key while being recorded", people.CHOOSES_WHILE_RECORDED, "not_interested"),
    case("chooses by a word and keys in nothing", people.SAYS_YES, "unknown", "yes"),
    case("chooses after the second prompt", people.CHOOSES_AFTER_THE_SECOND_PROMPT, "not_interested"),
    case("chooses what is no option", people.CHOOSES_NO_OPTION, "unknown"),
    case("keys in too few digits", people.KEYS_IN_TOO_FEW, "missed"),
    case("chooses nothing", people.SAYS_NOTHING, "unknown"),
    Case(
        "hangs up while choosing",
        people.LEAVES_DURING_RECORDING,
        answers(hangs_up=leaves(Moment.RECORDING, seconds=1.0)),
        "hangup",
        "choose",
        folder=VOICE,
    ),
    Case(
        "chooses by a key while connected and cannot be recorded",
        people.CHOOSES_WHILE_CONNECTED,
        answers(hangs_up=leaves(Moment.ANSWER, seconds=9.0), presses=(KeyPress("1", 1.0),)),
        "inbound_call",
        "talk",
        (STAYS,),
        VOICE,
        calls=LINES[0],
    ),
)
