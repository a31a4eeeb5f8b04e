"""The step types: one class each, and the one table of them.

A class declares its fields, its outcomes, what it reads and defines, how long it can last, and whether the caller hears
something or is heard meanwhile. Loader, linter, chart, drawing and documentation read that; to add a step type, add a
class here, a performer in `calls`, and an example in docs/flow-language.md.
"""

from collections.abc import Mapping
from math import inf
from typing import Annotated, ClassVar, Literal

from attrs import frozen

from callengine.fsm.kinds import Bounds, Name
from callengine.model import Intent, Outcome, Result, StepId

UNKNOWN = Intent("unknown")
"""The intent of what was not understood; its route serves every intent that has none."""

LONGEST_PROMPT = 120.0
"""Seconds after which a prompt that never reports its end is given up."""
LONGEST_THOUGHT = 30.0
"""Seconds a speech or language provider is waited for."""
LONGEST_TRANSFER = 300.0
"""Seconds after which no further operator is tried."""


@frozen(kw_only=True)
class Step:
    """What all steps have in common.

    Attributes:
        id: unique within its flow.
        type: the word for it in a scenario file.
        outcomes: fields that name the step to go to, one for each way this step can end.
        defaults: the result of a call that ends because an optional outcome was left out.
        reads: variables that must have been set before.
        defines: variables it sets.
        audible: whether the caller hears something of ours meanwhile.
        heard: whether the caller is listened to meanwhile.
        longest: seconds it lasts at most, a recording's own length not counted.
    """

    type: ClassVar[str]
    outcomes: ClassVar[tuple[Outcome, ...]] = ()
    defaults: ClassVar[Mapping[Outcome, Result]] = {}
    reads: ClassVar[tuple[str, ...]] = ()
    defines: ClassVar[tuple[str, ...]] = ()
    audible: ClassVar[bool] = False
    heard: ClassVar[bool] = False
    longest: ClassVar[float] = 0.0

    id: StepId

    def targets(self) -> Mapping[Outcome, StepId | None]:
        """Where each outcome leads; None where the author left an optional one out."""
        return {outcome: getattr(self, outcome) for outcome in self.outcomes}

    def key_path(self, outcome: Outcome) -> tuple[str, ...]:
        """Under which keys of the step its file names the target of an outcome."""
        return (outcome,)


@frozen(kw_only=True)
class Entry(Step):
    """Where the flow begins."""

    type: ClassVar[str] = "entry"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"),)
    next: StepId


@frozen(kw_only=True)
class PlayPrompt(Step):
    """Plays one of the scenario's prompts to its end."""

    type: ClassVar[str] = "play_prompt"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"),)
    audible: ClassVar[bool] = True
    longest: ClassVar[float] = LONGEST_PROMPT
    prompt: Name
    next: StepId


@frozen(kw_only=True)
class Record(Step):
    """Records what the caller says and turns it into text."""

    type: ClassVar[str] = "record"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"), Outcome("on_empty"), Outcome("on_failure"))
    defaults: ClassVar[Mapping[Outcome, Result]] = {
        Outcome("on_empty"): Result("hangup"),
        Outcome("on_failure"): Result("failed:record"),
    }
    defines: ClassVar[tuple[str, ...]] = ("transcript",)
    heard: ClassVar[bool] = True
    longest: ClassVar[float] = LONGEST_THOUGHT
    next: StepId
    on_empty: StepId | None = None
    on_failure: StepId | None = None


@frozen(kw_only=True)
class ClassifyIntent(Step):
    """Finds the intent of what the caller said; `prompt` plays meanwhile."""

    type: ClassVar[str] = "classify_intent"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"), Outcome("on_failure"))
    defaults: ClassVar[Mapping[Outcome, Result]] = {Outcome("on_failure"): Result("failed:classify_intent")}
    reads: ClassVar[tuple[str, ...]] = ("transcript",)
    defines: ClassVar[tuple[str, ...]] = ("intent",)
    longest: ClassVar[float] = LONGEST_THOUGHT
    next: StepId
    on_failure: StepId | None = None
    prompt: Name | None = None


@frozen(kw_only=True)
class RouteByIntent(Step):
    """Goes where the intent leads; an intent without a route takes the route of `unknown`."""

    type: ClassVar[str] = "route_by_intent"
    reads: ClassVar[tuple[str, ...]] = ("intent",)
    routes: Mapping[Intent, StepId]

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {Outcome(intent): target for intent, target in self.routes.items()}

    def key_path(self, outcome: Outcome) -> tuple[str, ...]:
        return ("routes", outcome)


@frozen(kw_only=True)
class CheckRetryLimit(Step):
    """Adds one to a counter; within its limit as long as the count is at most `max_count`."""

    type: ClassVar[str] = "check_retry_limit"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("within_limit"), Outcome("exceeded"))
    counter: Name
    max_count: Annotated[int, Bounds(0, 1000)]
    within_limit: StepId
    exceeded: StepId


@frozen(kw_only=True)
class SetResult(Step):
    """Says what became of the call."""

    type: ClassVar[str] = "set_result"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"),)
    defines: ClassVar[tuple[str, ...]] = ("result",)
    result: Result
    next: StepId


@frozen(kw_only=True)
class TransferToOperator(Step):
    """Rings operators one after the other and bridges the caller to the first who answers."""

    type: ClassVar[str] = "transfer_to_operator"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("on_success"), Outcome("on_failure"))
    audible: ClassVar[bool] = True
    longest: ClassVar[float] = LONGEST_TRANSFER
    agent_type: Literal["inbound", "outbound"]
    on_success: StepId
    on_failure: StepId


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
    longest: ClassVar[float] = inf


STEP_TYPES: Mapping[str, type[Step]] = {
    step_type.type: step_type
    for step_type in (
        Entry,
        PlayPrompt,
        Record,
        ClassifyIntent,
        RouteByIntent,
        CheckRetryLimit,
        SetResult,
        TransferToOperator,
        Disconnect,
        Hangup,
        Wait,
    )
}
