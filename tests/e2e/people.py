"""Who is called: each number belongs to a person who always behaves the same way.

The pauses suit a flow that plays a prompt of a second, records until two seconds of silence, and then does the same again.
A recording begins 1.0 s after the answer, or 3.0 s after what was said last; people speak 1.3 s into it, so it may begin up to
1.3 s late and still hold every word, and if it begins at once the silence in front is too short to end it.
"""

from enum import Enum

from attrs import field, frozen
from attrs.validators import matches_re

from tests.e2e.speech import Beep, Utterance

PROMPT_SECONDS = 1.0
SILENCE_SECONDS = 2.0
"""What the pauses assume of a flow's prompts and of the silence that ends its recordings."""

MARGIN = 1.3
FIRST = PROMPT_SECONDS + MARGIN
NEXT = SILENCE_SECONDS + PROMPT_SECONDS + MARGIN

NUMBER_QUESTION = "where did you get my number"


class Reply(Enum):
    """The final answer to a call; its value is the SIP response."""

    ANSWER = "200 OK"
    REDIRECT = "302 Moved Temporarily"
    UNAVAILABLE = "480 Temporarily Unavailable"
    BUSY = "486 Busy Here"
    DECLINE = "603 Decline"
    NEVER = "487 Request Terminated"
    """Rings until the caller gives up; the value is what SIP demands then."""


@frozen
class Press:
    """A key of the telephone, pressed so many seconds after the answer."""

    key: str = field(validator=matches_re(r"[0-9*#]"))
    after: float


@frozen
class Person:
    """One phone number and what happens when it is called, or calls a line.

    Attributes:
        digits: the number.
        reply: how the call ends or begins.
        rings: seconds from the first ring to the reply, or to the early sound.
        early: seconds of sound before the reply; 0 for a telephone that only rings. What is `says` begins with it.
        says: what is said, then silence; all of it is sent as audio.
        presses: in the order of their moments.
        hangs_up: seconds after the answer at which the person hangs up, or None: stays until hung up on.
        gives_up: of a person who calls, the seconds after the last sign of life, such as ringing, after which nobody need
            answer any more; None: waits.
        sends_sound: False for a telephone that sends no audio at all, not even silence.
    """

    digits: str = field(validator=matches_re(r"\d{5,15}"))
    reply: Reply = Reply.ANSWER
    rings: float = 0.3
    says: tuple[Utterance | Beep, ...] = ()
    hangs_up: float | None = None
    early: float = 0.0
    presses: tuple[Press, ...] = ()
    gives_up: float | None = None
    sends_sound: bool = True


SAYS_YES = Person("10001", says=(Utterance("yes", FIRST),))
SAYS_NO = Person("10002", says=(Utterance("no", FIRST),))
SAYS_NOTHING = Person("10003")
ASKS_THEN_NO = Person("10004", says=(Utterance(NUMBER_QUESTION, FIRST), Utterance("no", NEXT)))
NO_THEN_YES = Person("10005", says=(Utterance("no", FIRST), Utterance("yes", NEXT)))
SPEAKS_AT_ONCE = Person("10006", says=(Utterance("yes", 0.1), Utterance("yes", FIRST - 0.6)))
"""Talks over the prompt, then again when asked."""
MUTE = Person("10007", sends_sound=False)

ANNOUNCEMENT = "you have reached the answering machine of the Millers, please leave a message after the tone"
ANSWERING_MACHINE = Person("10008", says=(Utterance(ANNOUNCEMENT, 0.5), Beep(0.6, 0.4)))
SAYS_HELLO = Person("10009", says=(Utterance("hello", 0.5),))
LEAVES_WHILE_GREETING = Person("10028", says=ANSWERING_MACHINE.says, hangs_up=1.5)
LEAVES_BEFORE_THE_BEEP = Person("10029", says=ANSWERING_MACHINE.says, hangs_up=4.5)

BUSY = Person("10011", Reply.BUSY)
DECLINES = Person("10012", Reply.DECLINE)
NEVER_ANSWERS = Person("10013", Reply.NEVER)
STOPS_RINGING = Person("10014", Reply.UNAVAILABLE, rings=2.0)
"""The called side gives up while it rings: what a phone whose owner hangs up looks like from here."""
REDIRECTS = Person("10015", Reply.REDIRECT)

SOUNDS_EARLY = Person("10016", early=1.5, says=(Utterance("yes", 1.5 + FIRST),))
"""An announcement of the network plays before the answer, as from many mobile phones; then as one who says yes."""
BUSY_AFTER_SOUND = Person("10017", Reply.BUSY, early=1.5, says=(Utterance("no", 0.1),))
MISSED_AFTER_SOUND = Person("10018", Reply.UNAVAILABLE, early=1.5, says=(Utterance("no", 0.1),))

LEAVES_DURING_PROMPT = Person("10021", hangs_up=0.5)
LEAVES_DURING_RECORDING = Person("10022", hangs_up=2.0)
LEAVES_AFTER_YES = Person("10023", says=(Utterance("yes", FIRST),), hangs_up=3.5)
"""Says yes and hangs up while still being recorded."""

LEAVES_DURING_THANKS = Person("10024", says=(Utterance("yes", FIRST),), hangs_up=5.4)
"""Says yes, which ends the recording 4.8 s after the answer, and hangs up during the prompt that follows."""
LEAVES_DURING_TRANSFER = Person("10026", says=(Utterance("yes", FIRST),), hangs_up=7.0)
"""The same, but hangs up when that prompt is over."""
LEAVES_WHILE_TALKING = Person("10027", says=(Utterance("yes", FIRST),), hangs_up=8.0)
"""The same, but stays until long after an operator has answered."""

LEAVES_BY_KEY = Person("10036", presses=(Press("9", 7.0),))
LEAVES_THE_LINE = Person("10037", hangs_up=7.0)
"""Hears the first announcement of a queue, a second long, five seconds after the answer, and hangs up during the music."""

OPERATOR = Person("10031", hangs_up=3.0)
BUSY_OPERATOR = Person("10032", Reply.BUSY)
ACCEPTS = Person("10033", presses=(Press("1", 2.0),), hangs_up=6.0)
"""An operator who listens to the whisper, takes the call with a key, and leaves four seconds later."""
REJECTS = Person("10034", presses=(Press("2", 3.0),))
PRESSES_NOTHING = Person("10035")

KEYS_IN_A_NUMBER = Person(
    "10051", presses=(Press("1", 0.5), Press("4", 1.0), Press("*", 1.6), Press("7", 2.2), Press("0", 2.8), Press("#", 3.4))
)
"""Presses keys while a prompt still plays, 1 s from the answer and 1 s from the first key."""
KEYS_IN_TOO_FEW = Person("10052", presses=(Press("1", 0.5), Press("4", 2.0)))
CHOOSES_WHILE_RECORDED = Person("10053", presses=(Press("2", 2.0),))
CHOOSES_AFTER_THE_SECOND_PROMPT = Person("10054", presses=(Press("1", 3.5), Press("2", 5.0)))
"""Presses a key in the middle of that prompt too, which begins 3 s after the answer."""
CHOOSES_NO_OPTION = Person("10055", presses=(Press("9", 0.5),))

AT_THE_DESK = Person("10041", presses=(Press("1", 2.0),))
"""An operator whose telephone a test starts, and ends when it likes; stays in every call, and takes it with the key 1."""

CUSTOMERS = tuple(Person(f"40{place:03}") for place in range(10))
"""Ten who say nothing, and stay until they are hung up on."""
COLLEAGUES = tuple(Person(f"41{place:03}", hangs_up=3.0) for place in range(10))
"""As many operators."""

AROUND_THE_ANSWER = (0.29, 0.31, 0.33, 0.35, 0.37, 0.39, 0.45, 0.55, 0.7, 1.0)
"""Seconds to the moment at which an operator answers who is rung at once: 0.3 s, and what the PBX and the engine take."""

LEAVING = tuple(Person(f"42{place:03}", hangs_up=after) for place, after in enumerate(AROUND_THE_ANSWER))
"""Customers who hang up then."""

CALLER = Person("20001", hangs_up=7.0)
"""Calls us, and stays longer than `OPERATOR` does."""
CALLS_WITHOUT_PATIENCE = Person("20002", gives_up=2.0)
"""Gives up two seconds after the hold audio has begun."""
LEAVES_THE_WELCOME = Person("20003", hangs_up=0.5)
STAYS_IN_LINE = Person("20006", hangs_up=12.0)
"""Calls us, and stays until long after the operator has talked with another caller."""
LEAVES_THE_QUEUE = Person("20004", hangs_up=3.0)
"""Calls us, and hangs up two seconds after the welcome."""
CALLS_AND_SAYS_HELLO = Person("20007", says=SAYS_HELLO.says, hangs_up=12.0)
MACHINE_THAT_CALLS = Person("20008", says=ANSWERING_MACHINE.says, hangs_up=12.0)
"""They speak as soon as the PBX answers."""
CHOOSES_WHILE_CONNECTED = Person("20005", presses=(Press("1", 1.0),), hangs_up=9.0)
"""Calls us, and presses a key when talking with an operator."""

CROWD = tuple(
    Person(f"3{place:04}", person.reply, person.rings, person.says, person.hangs_up)
    for place, person in enumerate(
        (
            SAYS_YES,
            SAYS_NO,
            SAYS_NOTHING,
            LEAVES_DURING_PROMPT,
            BUSY,
            SAYS_NO,
            LEAVES_DURING_RECORDING,
            STOPS_RINGING,
            SAYS_YES,
            DECLINES,
        )
        * 2
    )
)
"""Twenty people, each with a number of their own."""

EVERYBODY = (
    *(SAYS_YES, SAYS_NO, SAYS_NOTHING, ASKS_THEN_NO, NO_THEN_YES, SPEAKS_AT_ONCE, MUTE),
    *(ANSWERING_MACHINE, SAYS_HELLO, LEAVES_WHILE_GREETING, LEAVES_BEFORE_THE_BEEP),
    *(BUSY, DECLINES, NEVER_ANSWERS, STOPS_RINGING, REDIRECTS, SOUNDS_EARLY),
    *(BUSY_AFTER_SOUND, MISSED_AFTER_SOUND),
    *(LEAVES_DURING_PROMPT, LEAVES_DURING_RECORDING, LEAVES_AFTER_YES, LEAVES_DURING_THANKS, LEAVES_DURING_TRANSFER),
    *(KEYS_IN_A_NUMBER, KEYS_IN_TOO_FEW, CHOOSES_WHILE_RECORDED, CHOOSES_AFTER_THE_SECOND_PROMPT, CHOOSES_NO_OPTION),
    *(LEAVES_WHILE_TALKING, LEAVES_BY_KEY, LEAVES_THE_LINE, OPERATOR, BUSY_OPERATOR, ACCEPTS, REJECTS, PRESSES_NOTHING),
    *(*CUSTOMERS, *COLLEAGUES, *LEAVING, *CROWD),
)
