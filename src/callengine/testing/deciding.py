"""How steps that decide, remember and ask providers are brought to each outcome."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice, product

import attrs

from callengine.calls import LONGEST_REMEMBERED, hours_of
from callengine.fsm import UNKNOWN, Chart, CheckRetryLimit, ClassifyIntent, RouteByIntent
from callengine.fsm.acts import Act, Does
from callengine.fsm.matchers import is_number
from callengine.fsm.outcomes import NEXT, ON_FAILURE, OTHERWISE
from callengine.fsm.placeholders import names_in
from callengine.fsm.steps import Branch, Doing, Request, ScheduleCallback, SendSms, Set
from callengine.model import Outcome, digits_of
from callengine.providers import Json
from callengine.providers.intents import by_keywords
from callengine.testing.answers import with_part
from callengine.testing.candidates import (
    FITS_NONE,
    combined,
    moments_of,
    names_read_besides,
    names_that_matter,
    tests_of,
    values_for,
)
from callengine.testing.place import CONTACT, Pairs, Place, Way, here, joined

MOST_ANSWERS = 50
"""Answers of a web service that are tried at one step."""

MOST_KINDS = 8
"""Ways to one outcome of a branch that are told apart."""

MARGIN = timedelta(minutes=5)
"""For so long after its beginning a call must find the time of day the same: nobody knows when it comes to a test of it."""


def classifies(step: ClassifyIntent, place: Place, chart: Chart) -> Iterator[Way]:
    llm = chart.scenario.llm
    by_words = by_keywords(place.said, llm).intent
    if not llm.prompt_template or not place.said:
        yield Way(NEXT, (), attrs.evolve(place, intent=by_words))
        return
    for intent in llm.intents:
        yield Way(NEXT, (Act(Does.LLM_ANSWERS, intent),), attrs.evolve(place, intent=intent))
    if by_words == UNKNOWN:
        yield Way(ON_FAILURE, (Act(Does.LLM_FAILS),), place)


def routes(step: RouteByIntent, place: Place, chart: Chart) -> Iterator[Way]:
    yield Way(Outcome(place.intent or UNKNOWN), (), place)


def counts(step: CheckRetryLimit, place: Place, chart: Chart) -> Iterator[Way]:
    count = dict(place.counts).get(step.counter, 0) + 1
    outcome = Outcome("within_limit") if count <= step.max_count else Outcome("exceeded")
    yield Way(outcome, (), _counted(place, {step.counter: count}, chart))


def _counted(place: Place, new: Mapping[str, int], chart: Chart) -> Place:
    """With counters that have changed; beyond every limit and every bound one count is like another, if none goes back."""
    limits = [step.max_count for step in chart.steps.values() if isinstance(step, CheckRetryLimit)]
    bounds = [value for name in new for value in values_for(chart, name) if is_number(value)]
    most = max((*limits, *(abs(round(float(bound))) + 1 for bound in bounds)), default=0) + 1
    back = {name for step in chart.steps.values() if isinstance(step, Set) for name, more in step.add.items() if more < 0}
    tested = {test.name for test in tests_of(chart)}
    limited = {step.counter for step in chart.steps.values() if isinstance(step, CheckRetryLimit)}
    kept = {name: count if name in back else min(count, most) for name, count in new.items() if name in tested | limited}
    return attrs.evolve(place, counts=tuple(sorted({**dict(place.counts), **kept}.items())))


def sets(step: Set, place: Place, chart: Chart) -> Iterator[Way]:
    matters = names_that_matter(chart)
    after = place
    for name, template in step.values.items():
        if name in matters:
            after = after.remembering({name: after.text(template, chart)[:LONGEST_REMEMBERED]})
    new = {name: dict(place.counts).get(name, 0) + more for name, more in step.add.items()}
    yield Way(NEXT, (), _counted(after, new, chart))


def branches(step: Branch, place: Place, chart: Chart) -> Iterator[Way]:
    """One way to each outcome, by fields of the contact and a beginning of the call that no earlier step depends on."""
    known = place.known(chart)
    asked = dict.fromkeys(test.name for case in step.cases for test in case.when if test.name is not None)
    settled = tuple((name, known[name]) for name in asked if name in known)
    for outcome, fields, at in _assignments(chart, step, settled, place.at):
        yield Way(outcome, (), attrs.evolve(place.assuming(dict(fields)), at=at))


@lru_cache(maxsize=4096)
def _assignments(
    chart: Chart, step: Branch, settled: Pairs, at: datetime | None
) -> tuple[tuple[Outcome, Pairs, datetime | None], ...]:
    """Fields and beginnings for each outcome of a branch: several where other steps can tell them apart.

    Args:
        settled: what names stand for already.
        at: when the call began, if that is settled.
    """
    tests = [test for case in step.cases for test in case.when]
    names = dict.fromkeys(test.name for test in tests if test.name is not None)
    later = names_read_besides(chart, step)
    free = {
        name: values_for(chart, name) if chart.flow_name == "flow" else ("",) for name in names if name not in dict(settled)
    }
    moments = moments_of(chart) if at is None and any(test.time is not None for test in tests) else (at,)
    found: dict[Outcome, dict[object, tuple[Outcome, Pairs, datetime | None]]] = {}
    for moment, fields in product(moments, _combinations(step, free)):
        outcome = _decided(step, {**fields, **dict(settled)}, moment)
        if outcome is not None:
            kind = tuple(value for name, value in fields.items() if name in later), _times(chart, moment)
            kinds = found.setdefault(outcome, {})
            if len(kinds) < MOST_KINDS:
                kinds.setdefault(kind, (outcome, joined((), fields), moment))
    return tuple(each for kinds in found.values() for each in kinds.values())


def _combinations(step: Branch, free: Mapping[str, tuple[str, ...]]) -> Iterator[Mapping[str, str]]:
    """Those in which only what one case asks for varies come first: there may be too many to try them all."""
    for case in step.cases:
        names = {test.name for test in case.when}
        yield from combined({name: values if name in names else values[-1:] for name, values in free.items()})
    yield from combined(free)


def _times(chart: Chart, moment: datetime | None) -> tuple[bool, ...]:
    """What the tests of the time in a chart say of a moment."""
    if moment is None:
        return ()
    return tuple(test.time.hold(moment) for test in tests_of(chart) if test.time is not None)


def _decided(step: Branch, known: Mapping[str, str], at: datetime | None) -> Outcome | None:
    """Where a branch goes; None where that depends on how long the call has lasted."""
    nows = [datetime.min] if at is None else [at, at + MARGIN]
    found = {_first(step, known, now) for now in nows}
    return found.pop() if len(found) == 1 else None


def _first(step: Branch, known: Mapping[str, str], now: datetime) -> Outcome:
    fitting = (outcome for outcome, case in step.named_cases() if all(test.holds(known, now) for test in case.when))
    return next(fitting, OTHERWISE)


def requests(step: Request, place: Place, chart: Chart) -> Iterator[Way]:
    """Answers in which each variable that is tested has the values that its tests tell apart."""
    values = {name: _answers(chart, name, saved.type == "number") for name, saved in step.save.items()}
    for chosen in islice(product(*values.values()), MOST_ANSWERS):
        answer: Json = None
        for (_, saved), value in zip(step.save.items(), chosen, strict=True):
            number = saved.type == "number"
            answer = with_part(answer, saved.path.split("."), json.loads(value) if number else value)
        saved_texts = {name: value for name, value in zip(step.save, chosen, strict=True) if name in names_that_matter(chart)}
        acts = here(step, Act(Does.REQUEST_ANSWERS, json.dumps(answer or {}, ensure_ascii=False)))
        yield Way(NEXT, acts, place.remembering(saved_texts))
    yield Way(ON_FAILURE, here(step, Act(Does.REQUEST_FAILS)), place)


def _answers(chart: Chart, name: str, number: bool) -> tuple[str, ...]:
    if name not in names_that_matter(chart):
        return ("0",)
    values = values_for(chart, name)
    return (*(value for value in values if is_number(value)), "0") if number else tuple(filter(None, values))


def does(step: Doing, place: Place, chart: Chart) -> Iterator[Way]:
    """What is written in the book."""
    yield Way(NEXT, here(step), place)
    yield Way(ON_FAILURE, here(step, Act(Does.BOOK_FAILS)), place)


def sends(step: SendSms, place: Place, chart: Chart) -> Iterator[Way]:
    reachable, place = _reached(step.to, place, chart)
    told, place = _told(step.text, place, chart)
    if reachable and told:
        yield Way(NEXT, here(step), place)
        yield Way(ON_FAILURE, here(step, Act(Does.SMS_FAILS)), place)
    else:
        yield Way(ON_FAILURE, here(step), place)


def _told(text: str, place: Place, chart: Chart) -> tuple[bool, Place]:
    """Whether anything is left of a text once it is filled in; fields of the contact are assumed if it needs them."""
    free = [name for name in names_in(text) if name not in place.known(chart)]
    if not place.text(text, chart).strip() and chart.flow_name == "flow":
        place = place.assuming(dict.fromkeys(free, FITS_NONE))
    return bool(place.text(text, chart).strip()), place


def schedules(step: ScheduleCallback, place: Place, chart: Chart) -> Iterator[Way]:
    reachable, after = _reached(step.to, place, chart)
    if step.in_hours is not None:
        if step.in_hours not in after.known(chart) and chart.flow_name == "flow":
            after = after.assuming({step.in_hours: "2"})
        reachable = reachable and hours_of(after.known(chart).get(step.in_hours, "")) is not None
    if reachable:
        yield from does(step, after, chart)
    else:
        yield Way(ON_FAILURE, here(step), after)


def _reached(to: str, place: Place, chart: Chart) -> tuple[bool, Place]:
    """Whether a text is a number that can be reached; a field of the contact that it consists of is assumed to be one."""
    name = to.removeprefix("{").removesuffix("}")
    if to == f"{{{name}}}" and name not in place.known(chart) and chart.flow_name == "flow":
        place = place.assuming({name: CONTACT})
    try:
        return bool(digits_of(place.text(to, chart))), place
    except ValueError:
        return False, place
