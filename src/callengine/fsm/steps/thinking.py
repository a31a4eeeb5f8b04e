"""Steps that decide, count and remember: those that take no time, and the one that asks a language model."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Annotated, ClassVar

from attrs import field, frozen

from callengine.fsm.declarations import INTENT, RESULT, TRANSCRIPT, Airtime, Bound, Type, Variable, counter, flow_variable
from callengine.fsm.kinds import Bounds, CounterName, Identifier, Name, Verbatim
from callengine.fsm.matchers import Test
from callengine.fsm.outcomes import NEXT, ON_FAILURE
from callengine.fsm.placeholders import read_by
from callengine.fsm.step import Step, Variables
from callengine.fsm.steps.limits import LONGEST_PROMPT, LONGEST_THOUGHT, UNKNOWN, UNROUTED
from callengine.model import Intent, Outcome, Result, StepId


@frozen(kw_only=True)
class ClassifyIntent(Step):
    """Finds the intent of what the caller said; `prompt` plays meanwhile.

    Attributes:
        next: the step that follows when the intent is known.
        on_failure: the step that follows when no intent could be found.
        prompt: a key of `prompts`; played meanwhile.
    """

    type: ClassVar[str] = "classify_intent"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT, ON_FAILURE)
    defaults: ClassVar[Mapping[Outcome, Result]] = {ON_FAILURE: Result("failed:classify_intent")}
    reads: ClassVar[Variables] = (TRANSCRIPT,)
    defines: ClassVar[Mapping[Outcome, Variables]] = {NEXT: (INTENT,)}
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

    def key_path(self, outcome: Outcome) -> tuple[str | int, ...]:
        return ("routes", outcome)


@frozen(kw_only=True)
class BranchCase:
    """One way a branch can go.

    Attributes:
        when: all of these must hold.
        next: the step that follows then.
    """

    when: tuple[Test, ...]
    next: StepId

    def __attrs_post_init__(self) -> None:
        if not self.when:
            raise ValueError("needs at least one item in `when`; what holds always is `otherwise`")

    def __str__(self) -> str:
        """Its tests in words."""
        return " and ".join(map(str, self.when))


@frozen(kw_only=True)
class Branch(Step):
    """Goes where the first case leads whose tests all hold: tests of the contact, of what the flow remembers, of the time.

    Attributes:
        cases: in the order in which they are tried.
        otherwise: the step that follows when none fits.
    """

    type: ClassVar[str] = "branch"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("otherwise"),)
    cases: tuple[BranchCase, ...]
    otherwise: StepId

    def __attrs_post_init__(self) -> None:
        if not self.cases:
            raise ValueError("needs at least one item in `cases`; take the step out if there is nothing to decide")

    def named_cases(self) -> Iterator[tuple[Outcome, BranchCase]]:
        """The cases, each with its outcome: `case 1` is the first."""
        return ((Outcome(f"case {place}"), case) for place, case in enumerate(self.cases, 1))

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {**{outcome: case.next for outcome, case in self.named_cases()}, **super().targets()}

    def reading(self) -> Variables:
        read = (test.reading() for case in self.cases for test in case.when)
        return tuple(dict.fromkeys(chain.from_iterable(read)))

    def key_path(self, outcome: Outcome) -> tuple[str | int, ...]:
        if outcome in self.outcomes:
            return (outcome,)
        return ("cases", [each for each, _ in self.named_cases()].index(outcome), "next")


@frozen(kw_only=True)
class CheckRetryLimit(Step):
    """Adds one to a counter; within its limit as long as the count is at most `max_count`.

    Attributes:
        counter: any name that has no meaning already; steps that name the same one count together.
        max_count: how often `within_limit` is taken.
        within_limit: the step that follows until then.
        exceeded: the step that follows from then on.
    """

    type: ClassVar[str] = "check_retry_limit"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("within_limit"), Outcome("exceeded"))
    counter: CounterName
    max_count: Annotated[int, Bounds(0, 1000)]
    within_limit: StepId
    exceeded: StepId

    def defining(self, outcome: Outcome) -> Variables:
        return (counter(self.counter),)

    def bound(self) -> Bound:
        return Bound(counter(self.counter), Outcome("within_limit"), self.max_count)


@frozen(kw_only=True)
class Set(Step):
    """Remembers something for later.

    Attributes:
        values: the text that each name stands for from now on; `{name}` in it stands for what is known under this name.
        add: what is added to each counter; it begins at 0, and other steps may read it.
        next: the step that follows.
    """

    type: ClassVar[str] = "set"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT,)
    next: StepId
    values: Mapping[Identifier, Verbatim] = field(factory=dict)
    add: Mapping[Identifier, Annotated[int, Bounds(-1_000_000, 1_000_000)]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if not self.values and not self.add:
            raise ValueError("needs `values` or `add`; say what is remembered")

    def reading(self) -> Variables:
        """What it remembers first, the texts after that may read."""
        read: dict[Variable, None] = {}
        remembered: set[str] = set()
        for name, text in self.values.items():
            read.update((variable, None) for variable in read_by(text) if variable.name not in remembered)
            remembered.add(name)
        return tuple(read)

    def defining(self, outcome: Outcome) -> Variables:
        return (*(flow_variable(name, Type.TEXT) for name in self.values), *map(counter, self.add))


@frozen(kw_only=True)
class SetResult(Step):
    """Says what became of the call.

    Attributes:
        result: the word that is reported, such as `not_interested`.
        next: the step that follows.
    """

    type: ClassVar[str] = "set_result"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT,)
    defines: ClassVar[Mapping[Outcome, Variables]] = {NEXT: (RESULT,)}
    result: Result
    next: StepId

    def result_set(self) -> Result:
        return self.result
