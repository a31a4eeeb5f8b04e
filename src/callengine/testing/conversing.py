"""How a caller and operators bring steps of a conversation to each outcome."""

from collections.abc import Iterator

import attrs

from callengine.fsm import UNKNOWN, Chart, Leave, Record, Step, TransferToOperator, Wait
from callengine.fsm.acts import KEYS, Act, Does
from callengine.fsm.outcomes import (
    NEXT,
    ON_EMPTY,
    ON_FAILURE,
    ON_INVALID,
    ON_LEAVE,
    ON_NO_INPUT,
    ON_NO_MATCH,
    ON_SUCCESS,
    ON_TIMEOUT,
)
from callengine.fsm.steps import CollectDigits, DetectMachine, LeaveMessage, Menu, Queue, Say, ToOperator, Uttering
from callengine.model import Outcome
from callengine.providers.intents import by_keywords
from callengine.simulator import PbxConfig
from callengine.testing.candidates import names_that_matter, values_for
from callengine.testing.place import Place, Way, here
from callengine.testing.providers import PROVIDER_TAKES, SPEAKS

_MEANINGLESS = ("hm", "zz", "0")
"""Words of which one at least is no fallback token."""

TOO_LONG = 0.1
"""Seconds by which a greeting is longer than a person's. No greeting is told to be over within less silence than twice that."""

HEARD_LATE = 0.3
"""The same where it is heard in pieces, and told a moment later."""

_SOON = 0.3
"""Seconds after which a step is under way."""

_ANSWERED = Act(Does.WAITS, "1")
"""Time for an operator to hear what the key is for."""


def goes_on(step: Step, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(NEXT, (), place)


def leaves(step: Leave, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(Outcome(step.outcome), (), place)


def ends(step: Step, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(None, (), place)


def waits(step: Wait, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(None, here(step, Act(Does.WAITS, "1"), Act(Does.HANGS_UP)), place)


def records(step: Record, place: Place, chart: Chart) -> Iterator[Way]:
    if place.bridged:
        yield Way(ON_FAILURE, (), place)
        return
    for words in _phrases(chart):
        yield Way(NEXT, (Act(Does.SAYS, words),), attrs.evolve(place, said=words))
    yield Way(ON_EMPTY, (Act(Does.SAYS_NOTHING),), place)
    yield Way(ON_FAILURE, (Act(Does.SAYS, "hm"), Act(Does.STT_FAILS)), place)


def _phrases(chart: Chart) -> Iterator[str]:
    """Something that tells no intent, for each intent that keywords alone must find one of its own, and what is tested for."""
    llm = chart.scenario.llm
    yield next(words for words in _MEANINGLESS if by_keywords(words, llm).intent == UNKNOWN)
    if not llm.prompt_template:
        for intent, tokens in llm.fallback_tokens.items():
            yield from [token for token in tokens if by_keywords(token, llm).intent == intent][:1]
    if "transcript" in names_that_matter(chart):
        yield from (words for words in values_for(chart, "transcript") if words.strip() and words == words.strip())


def says(step: Say | LeaveMessage, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(NEXT, here(step), place)
    if step.text is not None:
        yield Way(ON_FAILURE, here(step, Act(Does.TTS_FAILS)), place)


def chooses(step: Menu, place: Place, chart: Chart) -> Iterator[Way]:
    """By key where there is one. Nobody is recorded in a bridge."""
    listens = step.listens and not place.bridged
    for option in step.options:
        after = _remembering(place, step.variable, option.name, chart)
        if option.key is not None and not (step.listens and not step.barge_in):
            yield Way(option.name, here(step, *_pressing(step, option.key, chart)), after)
        elif listens and option.words:
            yield Way(option.name, here(step, Act(Does.SAYS, option.words[0])), after)
    if step.listens and place.bridged:
        yield Way(ON_FAILURE, here(step), place)
        return
    yield Way(ON_NO_INPUT, here(step, *([Act(Does.SAYS_NOTHING)] if listens else [])), place)
    yield from _no_match(step, place, chart)
    if listens:
        yield Way(ON_FAILURE, here(step, Act(Does.SAYS, "hm"), Act(Does.STT_FAILS)), place)
    if step.text is not None:
        yield Way(ON_FAILURE, here(step, Act(Does.TTS_FAILS)), place)


def _remembering(place: Place, variable: str | None, value: str, chart: Chart) -> Place:
    """With a variable set, if anything depends on it."""
    return place.remembering({variable: value}) if variable is not None and variable in names_that_matter(chart) else place


def _no_match(step: Menu, place: Place, chart: Chart) -> Iterator[Way]:
    if step.listens:
        chosen = [word.casefold() for option in step.options for word in option.words]
        words = [words for words in _MEANINGLESS if not any(word in words for word in chosen)]
        for each in words[:1]:
            yield Way(ON_NO_MATCH, here(step, Act(Does.SAYS, each)), place)
    else:
        taken = {option.key for option in step.options}
        for key in [key for key in KEYS if key not in taken][:1]:
            yield Way(ON_NO_MATCH, here(step, *_pressing(step, key, chart)), place)


def _pressing(step: Menu | CollectDigits, keys: str, chart: Chart) -> tuple[Act, ...]:
    """While the prompt plays, or once it is over where keys do not count before."""
    after = _SOON if step.barge_in else _uttering(step, chart) + _SOON
    return (Act(Does.WAITS, f"{after:g}"), Act(Does.PRESSES, keys))


def _uttering(step: Uttering, chart: Chart) -> float:
    """Seconds until what it says has been said."""
    if step.prompt is None:
        return PROVIDER_TAKES + SPEAKS
    return PbxConfig().seconds_of(chart.scenario.prompts[step.prompt])


def collects(step: CollectDigits, place: Place, chart: Chart) -> Iterator[Way]:
    for digits in _numbers(step, chart):
        ended = digits if len(digits) == step.max_digits else digits + step.end_key
        yield Way(NEXT, here(step, *_pressing(step, ended, chart)), _remembering(place, step.variable, digits, chart))
    yield Way(ON_NO_INPUT, here(step), place)
    if step.min_digits > 1:
        few = _digit(step) + step.end_key
        yield Way(ON_INVALID, here(step, *_pressing(step, few, chart)), place)
    if step.text is not None:
        yield Way(ON_FAILURE, here(step, Act(Does.TTS_FAILS)), place)


def _numbers(step: CollectDigits, chart: Chart) -> Iterator[str]:
    """As few digits as will do, and those that tests ask for."""
    some = (_digit(step) * step.min_digits, "0" * step.min_digits)
    asked = values_for(chart, step.variable) if step.variable in names_that_matter(chart) else ()
    for digits in dict.fromkeys((*some, *asked)):
        fits = step.min_digits <= len(digits) <= step.max_digits
        if fits and digits.isascii() and digits.isdecimal() and step.end_key not in digits:
            yield digits


def _digit(step: CollectDigits) -> str:
    return "2" if step.end_key == "1" else "1"


def detects(step: DetectMachine, place: Place, chart: Chart) -> Iterator[Way]:
    """A long greeting is over before the step is: another one that follows begins in silence.

    What the dialplan's AMD has found is nothing that a caller brings about.
    """
    if step.by == "amd":
        yield Way(Outcome("not_sure"), here(step), place)
        return
    brief, long = step.longest / 2, step.longest + (TOO_LONG if step.by == "talk" else HEARD_LATE)
    yield Way(Outcome("human"), here(step, Act(Does.GREETS, f"{brief:g}")), place)
    yield Way(Outcome("machine"), here(step, Act(Does.GREETS, f"{long:g}")), place)
    yield Way(Outcome("not_sure"), here(step), place)


def transfers(step: TransferToOperator, place: Place, chart: Chart) -> Iterator[Way]:
    """There are as many operators as the path has transfers, so that one is free though others still wrap up."""
    yield _connected(step, place)
    yield Way(ON_FAILURE, here(step, Act(Does.OPERATORS_ARE_BUSY)), attrs.evolve(place, bridged=False))


def queues(step: Queue, place: Place, chart: Chart) -> Iterator[Way]:
    yield _connected(step, place)
    alone = attrs.evolve(place, bridged=False)
    yield Way(ON_TIMEOUT, here(step, Act(Does.OPERATORS_ARE_BUSY)), alone)
    if step.leave_key is not None:
        pressing = (Act(Does.OPERATORS_ARE_BUSY), Act(Does.WAITS, "2"), Act(Does.PRESSES, step.leave_key))
        yield Way(ON_LEAVE, here(step, *pressing), alone)


def _connected(step: ToOperator, place: Place) -> Way:
    accepts = () if step.accept_key is None else (_ANSWERED, Act(Does.OPERATOR_PRESSES, step.accept_key))
    acts = here(step, Act(Does.OPERATOR_ANSWERS), *accepts, Act(Does.IS_CONNECTED))
    return Way(ON_SUCCESS, acts, attrs.evolve(place, bridged=True))
