"""What every step type declares, and what stands for a declaration that it leaves out."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from attrs import frozen

from callengine.fsm.declarations import Airtime, Bound, Variable
from callengine.model import Intent, Outcome, Result, StepId

Variables = tuple[Variable, ...]


@frozen(kw_only=True)
class Step:
    """What all steps have in common.

    A type sets the class attributes; one whose declarations depend on its fields overrides the method of the same purpose.

    Attributes:
        id: unique within its flow.
        type: the word for it in a scenario file.
        outcomes: fields that name the step to go to, one for each way this step can end.
        defaults: the result of a call that ends because an optional outcome was left out.
        reads: variables that must have been set before.
        defines: variables it has set when it ends by an outcome.
        plays: fields that name a prompt of the scenario.
        air: how it fills the time of the call.
        holds: it lasts until somebody hangs up.
        hold_audio: the caller hears the scenario's hold audio meanwhile.
    """

    type: ClassVar[str]
    outcomes: ClassVar[tuple[Outcome, ...]] = ()
    defaults: ClassVar[Mapping[Outcome, Result]] = {}
    reads: ClassVar[Variables] = ()
    defines: ClassVar[Mapping[Outcome, Variables]] = {}
    plays: ClassVar[tuple[str, ...]] = ()
    air: ClassVar[Airtime] = Airtime()
    holds: ClassVar[bool] = False
    hold_audio: ClassVar[bool] = False

    id: StepId

    def targets(self) -> Mapping[Outcome, StepId | None]:
        """Where each outcome leads; None where the author left an optional one out."""
        return {outcome: getattr(self, outcome) for outcome in self.outcomes}

    def ways(self, intents: Iterable[Intent]) -> Mapping[Outcome, StepId | None]:
        """Where each outcome leads in a scenario with these intents, those included that the author did not think of."""
        return self.targets()

    def default_result(self, outcome: Outcome) -> Result:
        """The result of a call that ends because this outcome leads nowhere."""
        return self.defaults[outcome]

    def reading(self) -> Variables:
        """The variables it reads."""
        return self.reads

    def defining(self, outcome: Outcome) -> Variables:
        """The variables it has set when it ends by this outcome."""
        return self.defines.get(outcome, ())

    def forgetting(self, outcome: Outcome) -> Variables:
        """The variables that are no longer set when it ends by this outcome."""
        return ()

    def result_set(self) -> Result | None:
        """The result it sets, if it sets one."""
        return None

    def bound(self) -> Bound | None:
        """What it promises about loops, if anything."""
        return None

    def airtime(self, recording: float) -> Airtime:
        """How it fills the time of the call.

        Args:
            recording: seconds that a recording of the caller lasts at most.
        """
        return self.air

    def prompts(self) -> Mapping[str, str]:
        """The prompts it names, by field."""
        return {name: prompt for name in self.plays if (prompt := getattr(self, name)) is not None}

    def key_path(self, outcome: Outcome) -> tuple[str | int, ...]:
        """Under which keys of the step its file names the target of an outcome."""
        return (outcome,)
