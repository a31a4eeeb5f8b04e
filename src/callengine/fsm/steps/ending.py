"""Where a flow begins, and where it ends or rests."""

from typing import ClassVar

from attrs import frozen

from callengine.fsm.outcomes import NEXT
from callengine.fsm.step import Step
from callengine.model import Outcome, StepId


@frozen(kw_only=True)
class Entry(Step):
    """Where the flow begins.

    Attributes:
        next: the first step.
    """

    type: ClassVar[str] = "entry"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT,)
    next: StepId


@frozen(kw_only=True)
class Disconnect(Step):
    """Hangs up."""

    type: ClassVar[str] = "disconnect"


@frozen(kw_only=True)
class Hangup(Step):
    """Hangs up."""

    type: ClassVar[str] = "hangup"


@frozen(kw_only=True)
class Wait(Step):
    """Leaves the call up until someone hangs up."""

    type: ClassVar[str] = "wait"
    holds: ClassVar[bool] = True
