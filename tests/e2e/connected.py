"""The calls with an operator at the other end, of people who are called and of people who call; as in `cases.py`."""

from callengine.simulator import HangUp, Instead, KeyPress, Moment
from tests.e2e import people
from tests.e2e.cases import Case, answers, leaves, refuses
from tests.e2e.engine import ATTENDED, IN_LINE, LINES, OFFICE, STRAIGHT

NO_SOUND = 44
"""The Q.850 cause of a leg which Asterisk ends because no sound has come for too long (seen on 22.10.1)."""

BUSY_OPERATOR = (people.BUSY_OPERATOR, refuses(Instead.BUSY))
OPERATOR = (people.OPERATOR, answers(hangs_up=leaves(Moment.ANSWER, seconds=3.0)))
STAYS = (people.PRESSES_NOTHING, answers())
RINGS = (people.NEVER_ANSWERS, refuses(Instead.NO_ANSWER))
ACCEPTS = (people.ACCEPTS, answers(hangs_up=leaves(Moment.ANSWER, seconds=6.0), presses=(KeyPress("1", 2.0),)))
REJECTS = (people.REJECTS, answers(presses=(KeyPress("2", 3.0),)))

TRANSFERS = (
    Case("is connected", people.SAYS_YES, answers("yes"), "connected_to_operator", "talk", (BUSY_OPERATOR, OPERATOR)),
    Case(
        "hangs up while an operator is rung",
        people.LEAVES_DURING_TRANSFER,
        answers("yes", hangs_up=leaves(Moment.PROMPT, nth=2, seconds=2.0)),
        "disconnected",
        "transfer",
        (RINGS,),
    ),
    Case(
        "is connected and hangs up",
        people.LEAVES_WHILE_TALKING,
        answers("yes", hangs_up=leaves(Moment.BRIDGE, seconds=2.0)),
        "connected_to_operator",
        "talk",
        (STAYS,),
        OFFICE,
    ),
    Case(
        "is connected to the third operator",
        people.SAYS_YES,
        answers("yes"),
        "connected_to_operator",
        "talk",
        (BUSY_OPERATOR, (people.DECLINES, refuses(Instead.DECLINE)), OPERATOR),
        OFFICE,
    ),
    Case(
        "finds no operator",
        people.SAYS_YES,
        answers("yes"),
        "disconnected",
        "end",
        (RINGS, BUSY_OPERATOR),
        OFFICE,
    ),
    Case(
        "hangs up during the hold audio",
        people.LEAVES_DURING_TRANSFER,
        answers("yes", hangs_up=leaves(Moment.PROMPT, nth=2, seconds=2.2)),
        "disconnected",
        "transfer",
        (RINGS,),
        OFFICE,
    ),
    Case(
        "is connected to an operator who accepts",
        people.SAYS_YES,
        answers("yes"),
        "connected_to_operator",
        "talk",
        (ACCEPTS,),
        ATTENDED,
    ),
    Case(
        "is connected to an operator who accepts when two did not",
        people.SAYS_YES,
        answers("yes"),
        "connected_to_operator",
        "talk",
        (REJECTS, STAYS, ACCEPTS),
        ATTENDED,
    ),
)
"""People who are called, and want to be connected."""

QUEUES = (
    Case("queues and is connected", people.SAYS_NOTHING, answers(), "connected_to_operator", "talk", (OPERATOR,), IN_LINE),
    Case("queues until the time is over", people.SAYS_NOTHING, answers(), "disconnected", "end", (RINGS,), IN_LINE),
    Case(
        "queues and leaves with a key",
        people.LEAVES_BY_KEY,
        answers(presses=(KeyPress("9", 7.0),)),
        "not_interested",
        "end",
        (BUSY_OPERATOR,),
        IN_LINE,
    ),
    Case(
        "queues and hangs up",
        people.LEAVES_THE_LINE,
        answers(hangs_up=leaves(Moment.ANSWER, seconds=7.0)),
        "disconnected",
        "line",
        (BUSY_OPERATOR,),
        IN_LINE,
    ),
)
"""People who are called, and stand in line for an operator."""

DEAD_TELEPHONE = Case(
    "is connected until the telephone at the desk dies",
    people.SAYS_NOTHING,
    answers(),
    "connected_to_operator",
    "talk",
    ((people.AT_THE_DESK, answers(hangs_up=HangUp(Moment.BRIDGE, seconds=3.0, cause=NO_SOUND))),),
    STRAIGHT,
    at_desk=True,
)
"""Somebody has to end the telephone's process: a test of its own does."""

INBOUND = (
    Case(
        "calls and is connected",
        people.CALLER,
        answers(),
        "inbound_call",
        "talk",
        (OPERATOR,),
        OFFICE,
        calls=LINES[0],
    ),
    Case(
        "calls and goes straight to an operator", people.CALLER, answers(), "inbound_call", "talk", (OPERATOR,), calls=LINES[0]
    ),
    Case("calls no line of ours", people.CALLER, answers(), "inbound_call", "talk", (OPERATOR,), OFFICE, calls="5559999"),
    Case(
        "calls and finds no operator", people.CALLER, answers(), "inbound_call", "end", (BUSY_OPERATOR,), OFFICE, calls=LINES[0]
    ),
    Case(
        "calls and hangs up during the welcome",
        people.LEAVES_THE_WELCOME,
        answers(hangs_up=leaves(Moment.PROMPT)),
        "inbound_call",
        "welcome",
        (OPERATOR,),
        OFFICE,
        calls=LINES[0],
    ),
    Case(
        "calls and hangs up during the hold audio",
        people.LEAVES_THE_QUEUE,
        answers(hangs_up=leaves(Moment.PROMPT, nth=2, seconds=2.0)),
        "disconnected",
        "transfer",
        (RINGS,),
        OFFICE,
        calls=LINES[0],
    ),
    Case(
        "calls and gives up",
        people.CALLS_WITHOUT_PATIENCE,
        answers(hangs_up=leaves(Moment.RINGING, seconds=3.0)),
        "missed",
        folder=OFFICE,
        calls=LINES[0],
        slots=0,
    ),
    Case("calls and is turned away", people.CALLER, answers(), "missed", folder=OFFICE, calls=LINES[0], slots=0, patience=2.0),
)
"""People who call us. On a line without slots they wait in vain."""
