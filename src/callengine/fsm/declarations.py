"""What a step type declares besides its keys and outcomes: variables, the use it makes of time, a bound on loops."""

from enum import Enum
from functools import lru_cache

from attrs import frozen

from callengine.model import Outcome


class Type(Enum):
    """What kind of value a variable holds."""

    TEXT = "text"
    INT = "whole number"
    NUMBER = "number"
    INTENT = "intent"
    RESULT = "result"


_MOST_KEPT = 10_000
"""Variables that are made once: lint asks for the same ones again and again."""


@frozen(cache_hash=True)
class Variable:
    """Something a call remembers.

    Attributes:
        given: it has a value before any step sets it: a field of the contact is empty, a counter is 0.
    """

    name: str
    type: Type
    given: bool = False


TRANSCRIPT = Variable("transcript", Type.TEXT)
INTENT = Variable("intent", Type.INTENT)
RESULT = Variable("result", Type.RESULT)
OPERATOR = Variable("operator", Type.TEXT)
"""Who talks to the caller; a step that defines it on an outcome has connected the two."""
OF_EVERY_CALL = (TRANSCRIPT, INTENT, RESULT, OPERATOR)
"""The variables whose names no flow may give."""


@lru_cache(_MOST_KEPT)
def counter(name: str) -> Variable:
    """A counter of the flow; it begins at 0."""
    return Variable(name, Type.INT, given=True)


@lru_cache(_MOST_KEPT)
def flow_variable(name: str, kind: Type) -> Variable:
    """Something that steps of the flow set under a name of their own."""
    return Variable(name, kind)


@lru_cache(_MOST_KEPT)
def contact_field(name: str) -> Variable:
    """What is known of the contact under this name; empty where nothing is."""
    return Variable(name, Type.TEXT, given=True)


@frozen(kw_only=True)
class Airtime:
    """How a step fills the time of a call, in this order; seconds at most.

    Attributes:
        before: silence, until the caller hears something of ours.
        audible: the caller hears something of ours.
        turn: it is the caller's turn to speak or to press a key.
        after: silence, such as while a provider thinks.
    """

    before: float = 0.0
    audible: float = 0.0
    turn: float = 0.0
    after: float = 0.0

    @property
    def seconds(self) -> float:
        """The whole of it."""
        return self.before + self.audible + self.turn + self.after

    @property
    def breaks_silence(self) -> bool:
        """Whether the caller hears or is asked for something meanwhile."""
        return self.audible > 0 or self.turn > 0


@frozen
class Bound:
    """A promise about loops: `outcome` is taken at most `most` times in a call.

    It is kept by counting every visit of the step: several steps that share a counter share their visits, too.
    """

    counter: Variable
    outcome: Outcome
    most: int
