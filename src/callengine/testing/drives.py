"""How a caller, operators and providers bring each outcome of each step type about: the one table of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

import attrs
from attrs import frozen

from callengine.fsm import (
    UNKNOWN,
    Chart,
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Enter,
    Entry,
    Hangup,
    Leave,
    LlmSettings,
    PlayPrompt,
    Record,
    RouteByIntent,
    SetResult,
    Step,
    TransferToOperator,
    Wait,
)
from callengine.fsm.acts import Act, Does
from callengine.model import Intent, Outcome, StepId
from callengine.providers.intents import by_keywords

S = TypeVar("S", bound=Step)

_MEANINGLESS = ("hm", "zz", "0")
"""Words of which one at least is no fallback token."""

_ANSWERED = Act(Does.WAITS, "1")
"""Time for an operator to hear what the key is for."""


@frozen
class Place:
    """Where a call is, and all that its way from there depends on.

    Attributes:
        counts: of each counter, no further than its limits tell apart.
        said: the last thing that was understood.
        bridged: with the only operator there is. Nobody can be recorded then, and there is no other operator to ring.
    """

    step: StepId
    counts: tuple[tuple[str, int], ...] = ()
    said: str = ""
    intent: Intent | None = None
    bridged: bool = False


@frozen
class Way:
    """One way a step can end.

    Attributes:
        outcome: None where the call ends with the step.
        acts: what brings it about.
        after: the place of the call then; its step is still the one that ends.
    """

    outcome: Outcome | None
    acts: tuple[Act, ...]
    after: Place


Drive = Callable[[S, Place, Chart], Iterator[Way]]


def ways_from(place: Place, chart: Chart) -> Iterator[Way]:
    """Every way the step can end that can be brought about."""
    step = chart.steps[place.step]
    return _drive_of(step)(step, place, chart)


def _goes_on(step: Step, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(Outcome("next"), (), place)


def _leaves(step: Leave, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(Outcome(step.outcome), (), place)


def _ends(step: Step, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(None, (), place)


def _waits(step: Wait, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(None, (Act(Does.COMES_TO, step.id), Act(Does.WAITS, "1"), Act(Does.HANGS_UP)), place)


def _records(step: Record, place: Place, chart: Chart) -> Iterator[Way]:
    if place.bridged:
        yield Way(Outcome("on_failure"), (), place)
        return
    for words in _phrases(chart.scenario.llm):
        yield Way(Outcome("next"), (Act(Does.SAYS, words),), attrs.evolve(place, said=words))
    yield Way(Outcome("on_empty"), (Act(Does.SAYS_NOTHING),), place)
    yield Way(Outcome("on_failure"), (Act(Does.SAYS, "hm"), Act(Does.STT_FAILS)), place)


def _phrases(llm: LlmSettings) -> Iterator[str]:
    """Something that tells no intent, and for each intent that keywords alone must find, one of its own."""
    yield next(words for words in _MEANINGLESS if by_keywords(words, llm).intent == UNKNOWN)
    if llm.prompt_template:
        return
    for intent, tokens in llm.fallback_tokens.items():
        yield from [token for token in tokens if by_keywords(token, llm).intent == intent][:1]


def _classifies(step: ClassifyIntent, place: Place, chart: Chart) -> Iterator[Way]:
    llm = chart.scenario.llm
    by_words = by_keywords(place.said, llm).intent
    if not llm.prompt_template or not place.said:
        yield Way(Outcome("next"), (), attrs.evolve(place, intent=by_words))
        return
    for intent in llm.intents:
        yield Way(Outcome("next"), (Act(Does.LLM_ANSWERS, intent),), attrs.evolve(place, intent=intent))
    if by_words == UNKNOWN:
        yield Way(Outcome("on_failure"), (Act(Does.LLM_FAILS),), place)


def _routes(step: RouteByIntent, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(Outcome(place.intent or UNKNOWN), (), place)


def _counts(step: CheckRetryLimit, place: Place, chart: Chart) -> Iterator[Way]:
    counts = dict(place.counts)
    count = counts.get(step.counter, 0) + 1
    most = max(each.max_count for each in chart.steps.values() if isinstance(each, CheckRetryLimit))
    counts[step.counter] = min(count, most + 1)
    outcome = Outcome("within_limit") if count <= step.max_count else Outcome("exceeded")
    yield Way(outcome, (), attrs.evolve(place, counts=tuple(sorted(counts.items()))))


def _transfers(step: TransferToOperator, place: Place, chart: Chart) -> Iterator[Way]:
    if place.bridged:  # the operator is let go of, and not free again yet
        yield Way(Outcome("on_failure"), (), attrs.evolve(place, bridged=False))
        return
    accepts = () if step.accept_key is None else (_ANSWERED, Act(Does.OPERATOR_PRESSES, step.accept_key))
    bridged = attrs.evolve(place, bridged=True)
    yield Way(Outcome("on_success"), (Act(Does.OPERATOR_ANSWERS), *accepts, Act(Does.IS_CONNECTED)), bridged)
    yield Way(Outcome("on_failure"), (Act(Does.OPERATOR_IS_BUSY),), place)


DRIVES: Mapping[type[Step], object] = {
    Entry: _goes_on,
    Enter: _goes_on,
    Leave: _leaves,
    PlayPrompt: _goes_on,
    SetResult: _goes_on,
    Record: _records,
    ClassifyIntent: _classifies,
    RouteByIntent: _routes,
    CheckRetryLimit: _counts,
    TransferToOperator: _transfers,
    Disconnect: _ends,
    Hangup: _ends,
    Wait: _waits,
}


def _drive_of(step: S) -> Drive[S]:
    return cast("Drive[S]", DRIVES[type(step)])
