"""Who is called: each number belongs to a person who always behaves the same way.

The pauses suit a flow that plays a prompt of a second, records until two seconds of silence, and then does the same again.
A recording begins 1.0 s after the answer, or 3.0 s after what was said last; people speak 1.3 s into it, so it may begin up to
1.3 s late and still hold every word, and if it begins at once the silence in front is too short to end it.
"""

from enum import Enum

from attrs import field, frozen
from attrs.validators import matches_re

from tests.e2e.speech import Utterance

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
class Person:
    """One phone number and what happens when it is called.

    Attributes:
        digits: the number.
        reply: how the call ends or begins.
        rings: seconds from the first ring to the reply.
        says: what is said, then silence; all of it is sent as audio.
        hangs_up: seconds after the answer at which the person hangs up, or None: stays until hung up on.
        sends_sound: False for a telephone that sends no audio at all, not even silence.
    """

    digits: str = field(validator=matches_re(r"\d{5,15}"))
    reply: Reply = Reply.ANSWER
    rings: float = 0.3
    says: tuple[Utterance, ...] = ()
    hangs_up: float | None = None
    sends_sound: bool = True


SAYS_YES = Person("10001", says=(Utterance("yes", FIRST),))
SAYS_NO = Person("10002", says=(Utterance("no", FIRST),))
SAYS_NOTHING = Person("10003")
ASKS_THEN_NO = Person("10004", says=(Utterance(NUMBER_QUESTION, FIRST), Utterance("no", NEXT)))
NO_THEN_YES = Person("10005", says=(Utterance("no", FIRST), Utterance("yes", NEXT)))
SPEAKS_AT_ONCE = Person("10006", says=(Utterance("yes", 0.1), Utterance("yes", FIRST - 0.6)))
"""Talks over the prompt, then again when asked."""
MUTE = Person("10007", sends_sound=False)

BUSY = Person("10011", Reply.BUSY)
DECLINES = Person("10012", Reply.DECLINE)
NEVER_ANSWERS = Person("10013", Reply.NEVER)
STOPS_RINGING = Person("10014", Reply.UNAVAILABLE, rings=2.0)
"""The called side gives up while it rings: what a phone whose owner hangs up looks like from here."""
REDIRECTS = Person("10015", Reply.REDIRECT)

LEAVES_DURING_PROMPT = Person("10021", hangs_up=0.5)
LEAVES_DURING_RECORDING = Person("10022", hangs_up=2.0)
LEAVES_AFTER_YES = Person("10023", says=(Utterance("yes", FIRST),), hangs_up=3.5)
"""Says yes and hangs up while still being recorded."""

LEAVES_DURING_THANKS = Person("10024", says=(Utterance("yes", FIRST),), hangs_up=5.4)
"""Says yes, which ends the recording 4.8 s after the answer, and hangs up during the prompt that follows."""
LEAVES_DURING_TRANSFER = Person("10026", says=(Utterance("yes", FIRST),), hangs_up=7.0)
"""The same, but hangs up when that prompt is over."""

OPERATOR = Person("10031", hangs_up=3.0)
BUSY_OPERATOR = Person("10032", Reply.BUSY)

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
    *(BUSY, DECLINES, NEVER_ANSWERS, STOPS_RINGING, REDIRECTS),
    *(LEAVES_DURING_PROMPT, LEAVES_DURING_RECORDING, LEAVES_AFTER_YES, LEAVES_DURING_THANKS, LEAVES_DURING_TRANSFER),
    *(OPERATOR, BUSY_OPERATOR, *CROWD),
)
