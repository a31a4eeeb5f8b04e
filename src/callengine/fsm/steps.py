"""The step types: one class each, and the one table of them.

A class declares its fields, its outcomes, what it reads and defines, how it fills the time of a call, and what it promises
about loops; `step` says how. Loader, linter, chart, drawing and documentation read that; to add a step type, add a class
here, a performer in `calls`, and an example in docs/flow-language.md.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from attrs import frozen

from callengine.fsm.declarations import (
    INTENT,
    OPERATOR,
    RESULT,
    TRANSCRIPT,
    Airtime,
    Bound,
    contact_field,
    counter,
)
from callengine.fsm.kinds import Bounds, Key, Name, Seconds, Sentence
from callengine.fsm.placeholders import names_in
from callengine.fsm.step import Step, Variables
from callengine.model import Intent, Outcome, Result, StepId

UNKNOWN = Intent("unknown")
"""The intent of what was not understood; its route serves every intent that has none."""

LONGEST_PROMPT = 120.0
"""Seconds after which a prompt that never reports its end is given up."""
LONGEST_THOUGHT = 30.0
"""Seconds a speech or language provider is waited for."""
LONGEST_TRANSFER = 300.0
"""Seconds after which no further operator is tried."""
LAST_OPERATOR = 300.0
"""Seconds the operator tried last may take beyond that: a slot, ringing, what they hear first, their key, the bridge."""
RECORDING_MARGIN = 5.0
"""Seconds beyond its longest duration after which a recording is given up."""

HOLD_PROMPT = "onhold"
"""The prompt of a scenario that is its hold audio."""
UNROUTED = Result("unknown")
"""The result of a call whose intent has no route, in a step that has none for `unknown` either."""


@frozen(kw_only=True)
class Entry(Step):
    """Where the flow begins.

    Attributes:
        next: the first step.
    """

    type: ClassVar[str] = "entry"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"),)
    next: StepId


@frozen(kw_only=True)
class PlayPrompt(Step):
    """Plays one of the scenario's prompts to its end.

    Attributes:
        prompt: a key of `prompts`.
        next: the step that follows.
    """

    type: ClassVar[str] = "play_prompt"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"),)
    air: ClassVar[Airtime] = Airtime(audible=LONGEST_PROMPT)
    plays: ClassVar[tuple[str, ...]] = ("prompt",)
    prompt: Name
    next: StepId


@frozen(kw_only=True)
class Record(Step):
    """Records what the caller says and turns it into text.

    Attributes:
        next: the step that follows when something was said.
        on_empty: the step that follows when nothing was said.
        on_failure: the step that follows when it could not be recorded or turned into text.
    """

    type: ClassVar[str] = "record"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"), Outcome("on_empty"), Outcome("on_failure"))
    defaults: ClassVar[Mapping[Outcome, Result]] = {
        Outcome("on_empty"): Result("hangup"),
        Outcome("on_failure"): Result("failed:record"),
    }
    defines: ClassVar[Mapping[Outcome, Variables]] = {Outcome("next"): (TRANSCRIPT,)}
    next: StepId
    on_empty: StepId | None = None
    on_failure: StepId | None = None

    def airtime(self, recording: float) -> Airtime:
        return Airtime(turn=recording, after=LONGEST_THOUGHT)


@frozen(kw_only=True)
class ClassifyIntent(Step):
    """Finds the intent of what the caller said; `prompt` plays meanwhile.

    Attributes:
        next: the step that follows when the intent is known.
        on_failure: the step that follows when no intent could be found.
        prompt: a key of `prompts`; played meanwhile.
    """

    type: ClassVar[str] = "classify_intent"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"), Outcome("on_failure"))
    defaults: ClassVar[Mapping[Outcome, Result]] = {Outcome("on_failure"): Result("failed:classify_intent")}
    reads: ClassVar[Variables] = (TRANSCRIPT,)
    defines: ClassVar[Mapping[Outcome, Variables]] = {Outcome("next"): (INTENT,)}
    plays: ClassVar[tuple[str, ...]] = ("prompt",)
    next: StepId
    on_failure: StepId | None = None
    prompt: Name | None = None

    def airtime(self, recording: float) -> Airtime:
        return Airtime(audible=0.0 if self.prompt is None else LONGEST_PROMPT, after=LONGEST_THOUGHT)


@frozen(kw_only=True)
class RouteByIntent(Step):
    """Goes where the intent leads; an intent without a route takes the route of `unknown`.

    Attributes:
        routes: the step that follows, for each intent.
    """

    type: ClassVar[str] = "route_by_intent"
    reads: ClassVar[Variables] = (INTENT,)
    routes: Mapping[Intent, StepId]

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {Outcome(intent): target for intent, target in self.routes.items()}

    def ways(self, intents: Iterable[Intent]) -> Mapping[Outcome, StepId | None]:
        other = self.routes.get(UNKNOWN)
        return {**{Outcome(intent): other for intent in intents}, **self.targets()}

    def default_result(self, outcome: Outcome) -> Result:
        return UNROUTED

    def key_path(self, outcome: Outcome) -> tuple[str, ...]:
        return ("routes", outcome)


@frozen(kw_only=True)
class CheckRetryLimit(Step):
    """Adds one to a counter; within its limit as long as the count is at most `max_count`.

    Attributes:
        counter: any name; steps that name the same one count together.
        max_count: how often `within_limit` is taken.
        within_limit: the step that follows until then.
        exceeded: the step that follows from then on.
    """

    type: ClassVar[str] = "check_retry_limit"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("within_limit"), Outcome("exceeded"))
    counter: Name
    max_count: Annotated[int, Bounds(0, 1000)]
    within_limit: StepId
    exceeded: StepId

    def defining(self, outcome: Outcome) -> Variables:
        return (counter(self.counter),)

    def bound(self) -> Bound:
        return Bound(counter(self.counter), Outcome("within_limit"), self.max_count)


@frozen(kw_only=True)
class SetResult(Step):
    """Says what became of the call.

    Attributes:
        result: the word that is reported, such as `not_interested`.
        next: the step that follows.
    """

    type: ClassVar[str] = "set_result"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("next"),)
    defines: ClassVar[Mapping[Outcome, Variables]] = {Outcome("next"): (RESULT,)}
    result: Result
    next: StepId

    def result_set(self) -> Result:
        return self.result


@frozen(kw_only=True)
class TransferToOperator(Step):
    """Rings operators one after the other and bridges the customer to the first who takes the call.

    Attributes:
        agent_type: which roster of operators.
        on_success: the step that follows when both are bridged.
        on_failure: the step that follows when no operator took the call.
        whisper: a prompt that the operator hears before both are bridged, while the customer stays on hold.
        whisper_text: the same as a sentence that is spoken; `{number}` and `{field}` stand for what is known of the customer.
        accept_key: the key with which the operator takes the call; any other declines it, and the next one is tried.
        wait: seconds to wait for an operator while all are busy; the engine's settings say how long if it is left out.
    """

    type: ClassVar[str] = "transfer_to_operator"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("on_success"), Outcome("on_failure"))
    defines: ClassVar[Mapping[Outcome, Variables]] = {Outcome("on_success"): (OPERATOR,)}
    plays: ClassVar[tuple[str, ...]] = ("whisper",)
    air: ClassVar[Airtime] = Airtime(audible=LONGEST_TRANSFER + LAST_OPERATOR)
    hold_audio: ClassVar[bool] = True
    agent_type: Literal["inbound", "outbound"]
    on_success: StepId
    on_failure: StepId
    whisper: Name | None = None
    whisper_text: Sentence | None = None
    accept_key: Key | None = None
    wait: Seconds | None = None

    def __attrs_post_init__(self) -> None:
        if self.whisper is not None and self.whisper_text is not None:
            raise ValueError("has both `whisper` and `whisper_text`; keep the one that the operator is to hear")

    def reading(self) -> Variables:
        return tuple(map(contact_field, names_in(self.whisper_text or "")))


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
