"""What simulated web services answer: something that has every part the asking step remembers."""

import re
from collections.abc import Iterable, Mapping

from callengine.fsm import Request, SavedField, Scenario, steps_of
from callengine.fsm.placeholders import fill, names_in
from callengine.providers import Json, WebRequest

SOME_NUMBER, SOME_TEXT = 7, "seven"

_FILLED = "\0"

LONGEST_LIST = 100
"""Places of a list that are made up."""


def request_steps(scenarios: Iterable[Scenario]) -> tuple[Request, ...]:
    """Every step by which these scenarios ask web services."""
    steps = (step for scenario in scenarios for step in steps_of(scenario))
    return tuple(step for step in steps if isinstance(step, Request))


def fitting_answer(steps: Iterable[Request], request: WebRequest) -> Json:
    """An answer for the first of these steps that may have asked; None if none of them has."""
    step = next((step for step in steps if _may_ask(step, request)), None)
    return None if step is None else answer_for(step.save)


def answer_for(save: Mapping[str, SavedField]) -> Json:
    """An answer that has all parts which are to be remembered."""
    answer: Json = None
    for part in save.values():
        answer = with_part(answer, part.path.split("."), SOME_NUMBER if part.type == "number" else SOME_TEXT)
    return answer


def _may_ask(step: Request, request: WebRequest) -> bool:
    parts = fill(step.url, dict.fromkeys(names_in(step.url), _FILLED)).split(_FILLED)
    return step.method == request.method and re.fullmatch(".*".join(map(re.escape, parts)), request.url) is not None


def with_part(answer: Json, path: list[str], value: Json) -> Json:
    """An answer with one more part. Numbers in a path are places in a list, unless names stand beside them."""
    if not path:
        return value if answer is None else answer
    name, below = path[0], path[1:]
    if name.isdecimal() and int(name) < LONGEST_LIST and (answer is None or isinstance(answer, list)):
        items = list(answer or ())
        items += [None] * (int(name) + 1 - len(items))
        items[int(name)] = with_part(items[int(name)], below, value)
        return items
    entries = answer if isinstance(answer, dict) else {}
    return {**entries, name: with_part(entries.get(name), below, value)}
