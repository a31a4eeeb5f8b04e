"""Steps that enter a subflow and come back from it: as a file has them, and as a chart has them.

In a chart the steps of a subflow stand where it is used. `Enter` is what becomes of a `Subflow` and of the subflow's own entry,
`Leave` what becomes of a `Return`.
"""

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

from callengine.fsm.kinds import Name
from callengine.fsm.outcomes import NEXT
from callengine.fsm.step import Step
from callengine.model import Outcome, StepId


@frozen(kw_only=True)
class Subflow(Step):
    """Goes through the steps of a subflow.

    Attributes:
        flow: a key of `subflows`.
        returns: the step that follows, for each outcome of its `return` steps.
    """

    type: ClassVar[str] = "subflow"
    flow: Name
    returns: Mapping[Name, StepId] = field(factory=dict)

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {Outcome(outcome): target for outcome, target in self.returns.items()}

    def key_path(self, outcome: Outcome) -> tuple[str | int, ...]:
        return ("returns", outcome)


@frozen(kw_only=True)
class Return(Step):
    """Leaves a subflow; the call goes on where the step that entered it says.

    Attributes:
        outcome: of the subflow.
    """

    type: ClassVar[str] = "return"
    outcome: Name = "done"


@frozen(kw_only=True)
class Enter(Step):
    """Where a chart enters a subflow.

    Attributes:
        flow: the name of the subflow.
        next: its first step.
    """

    type: ClassVar[str] = Subflow.type
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT,)
    flow: Name
    next: StepId


@frozen(kw_only=True)
class Leave(Step):
    """Where a chart leaves a subflow.

    Attributes:
        outcome: of the subflow, and of this step.
        next: the step that follows.
    """

    type: ClassVar[str] = Return.type
    outcome: Name
    next: StepId

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {Outcome(self.outcome): self.next}
