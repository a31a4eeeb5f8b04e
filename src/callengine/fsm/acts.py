"""What a flow test's script consists of: one line for each thing a caller, an operator or a provider does.

An act is written as its words, with a value after a colon where it takes one: `hangs up`, `hears: hello`. `TAKES` is the one
table of them; the runner has one performer for each.
"""

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from callengine.fsm import codes
from callengine.fsm.findings import quoted
from callengine.fsm.kinds import Bounds
from callengine.fsm.nodes import MappingNode, Node, Position, ScalarNode
from callengine.fsm.spelling import Names
from callengine.fsm.values import Misfit, number_within, word_of, written_of

KEYS = "0123456789*#"
LONGEST_PAUSE = 3600.0
"""Seconds somebody may wait in a script."""


class Takes(Enum):
    """What stands after the colon of an act."""

    NOTHING = "nothing"
    PROMPT = "a prompt of the scenario"
    WORDS = "words"
    KEYS = "keys of the telephone"
    SECONDS = "seconds"
    STEP = "a step of the flow"
    JSON = "JSON"


class Does(Enum):
    """Everything that can happen in a script, in the words of the file."""

    CALLS = "calls"
    ANSWERS = "answers"
    IS_BUSY = "is busy"
    DECLINES = "declines"
    DOES_NOT_ANSWER = "does not answer"
    IS_SWITCHED_OFF = "is switched off"
    CANNOT_BE_REACHED = "cannot be reached"

    HEARS = "hears"
    IS_TOLD = "is told"
    GREETS = "greets"
    SAYS = "says"
    SAYS_NOTHING = "says nothing"
    PRESSES = "presses"
    WAITS = "waits"
    COMES_TO = "comes to"
    IS_CONNECTED = "is connected"
    HANGS_UP = "hangs up"

    OPERATOR_ANSWERS = "operator answers"
    OPERATOR_IS_BUSY = "operator is busy"
    OPERATOR_DECLINES = "operator declines"
    OPERATOR_DOES_NOT_ANSWER = "operator does not answer"
    OPERATOR_HEARS = "operator hears"
    OPERATOR_PRESSES = "operator presses"
    OPERATOR_HANGS_UP = "operator hangs up"
    OPERATORS_ARE_BUSY = "operators are busy"

    STT_FAILS = "stt fails"
    STT_HEARS = "stt hears"
    LLM_FAILS = "llm fails"
    LLM_ANSWERS = "llm answers"
    TTS_FAILS = "tts fails"
    SMS_FAILS = "sms fails"
    BOOK_FAILS = "book fails"
    REQUEST_FAILS = "request fails"
    REQUEST_ANSWERS = "request answers"


TAKES: Mapping[Does, Takes] = {
    **dict.fromkeys(Does, Takes.NOTHING),
    Does.HEARS: Takes.PROMPT,
    Does.IS_TOLD: Takes.WORDS,
    Does.GREETS: Takes.SECONDS,
    Does.SAYS: Takes.WORDS,
    Does.PRESSES: Takes.KEYS,
    Does.WAITS: Takes.SECONDS,
    Does.COMES_TO: Takes.STEP,
    Does.OPERATOR_HEARS: Takes.PROMPT,
    Does.OPERATOR_PRESSES: Takes.KEYS,
    Does.STT_HEARS: Takes.WORDS,
    Does.LLM_ANSWERS: Takes.WORDS,
    Does.REQUEST_ANSWERS: Takes.JSON,
}

BEGINNINGS = (
    Does.CALLS,
    Does.ANSWERS,
    Does.IS_BUSY,
    Does.DECLINES,
    Does.DOES_NOT_ANSWER,
    Does.IS_SWITCHED_OFF,
    Does.CANNOT_BE_REACHED,
)
"""What a script begins with: the caller calls us, or does one of these when we call them."""

TALKS = (Does.CALLS, Does.ANSWERS)
"""Beginnings after which there is a conversation."""


@frozen
class Act:
    """One line of a script.

    Attributes:
        value: what stands after the colon, as it is written.
        position: where the line stands in its file.
    """

    does: Does
    value: str = ""
    position: Position = field(default=Position(), eq=False)

    @property
    def seconds(self) -> float:
        """The value of an act that takes seconds."""
        return float(self.value)

    def __str__(self) -> str:
        takes = TAKES[self.does]
        if takes is Takes.NOTHING:
            return self.does.value
        return f'{self.does.value} "{self.value}"' if takes is Takes.WORDS else f"{self.does.value} {self.value}"


_BY_WORDS = {does.value: does for does in Does}
_NAMES = Names(_BY_WORDS)
_EXAMPLES = {
    Takes.PROMPT: "hello",
    Takes.WORDS: '"yes"',
    Takes.KEYS: "1",
    Takes.SECONDS: "2",
    Takes.STEP: "listen",
    Takes.JSON: """'{"debt": 5}'""",
}


def act_of(node: Node, _: object = None) -> Act:
    """Read one line of a script.

    Raises:
        Misfit: it is none.
    """
    if isinstance(node, ScalarNode):
        does = _does(word_of(node))
        if TAKES[does] is not Takes.NOTHING:
            wanted = f"`{does.value}: {_EXAMPLES[TAKES[does]]}`"
            raise Misfit(codes.MISSING_KEY, f"needs {TAKES[does].value} after `{does.value}`; write {wanted}, say")
        return Act(does, position=node.position)
    if not isinstance(node, MappingNode) or len(node.entries) != 1:
        raise Misfit(
            codes.WRONG_TYPE, "must be one thing that happens; write `- answers` or `- hears: hello`, each on its line"
        )
    [(words, below)] = node.entries.items()
    does = _does(words)
    if TAKES[does] is Takes.NOTHING:
        raise Misfit(codes.VALUE_NOT_ALLOWED, f"has something after `{words}`; write `- {words}` alone", (words,))
    return Act(does, _value(TAKES[does], below, words), node.key_positions[words])


def _does(words: str) -> Does:
    if words not in _BY_WORDS:
        hint = _NAMES.hint(words) or f"; there are {', '.join(_BY_WORDS)}"
        raise Misfit(codes.UNKNOWN_KEY, f"is {quoted(words)}, which nobody can do{hint}")
    return _BY_WORDS[words]


def _value(takes: Takes, node: Node, words: str) -> str:
    try:
        if takes is Takes.SECONDS:
            return f"{number_within(Bounds(0, LONGEST_PAUSE), whole=False)(node, None):g}"
        text = written_of(node) if takes is Takes.KEYS else word_of(node)
        if takes is Takes.KEYS and not (text and set(text) <= set(KEYS)):
            raise Misfit(codes.VALUE_NOT_ALLOWED, f"must be keys of a telephone, not {quoted(text)}; write some of {KEYS}")
    except Misfit as misfit:
        raise Misfit(misfit.code, str(misfit), (words,)) from None
    return text
