"""Where a step uses names: its texts, and the place of each name in them."""

from collections.abc import Iterator, Mapping
from typing import get_args

from attrs import fields

from callengine.fsm.kinds import Spoken, WebAddress
from callengine.fsm.placeholders import names_in
from callengine.fsm.step import Step
from callengine.fsm.steps import STEP_TYPES, Branch, ScheduleCallback, Set

Keys = tuple[str | int, ...]


def texts_of(step: Step) -> Iterator[tuple[Keys, str]]:
    """The texts of a step that are filled and then spoken or sent, each with the keys that lead to it."""
    for name in _TEXT_FIELDS.get(step.type, ()):
        value: object = getattr(step, name)
        if isinstance(value, str):
            yield (name,), value
        elif isinstance(value, Mapping):
            yield from (((name, key), text) for key, text in value.items())


def place_of(step: Step, name: str) -> Keys:
    """The keys of a step that lead to the text or the test in which it reads a name; its id where no key names it."""
    if isinstance(step, Branch):
        tests = ((at, number, test) for at, case in enumerate(step.cases) for number, test in enumerate(case.when))
        return next((("cases", at, "when", number) for at, number, test in tests if test.name == name), ("step",))
    if isinstance(step, ScheduleCallback) and step.in_hours == name:
        return ("in_hours",)
    texts = [
        *texts_of(step),
        *((("values", key), text) for key, text in (step.values.items() if isinstance(step, Set) else ())),
    ]
    return next((keys for keys, text in texts if name in names_in(text)), ("step",))


def _marks(wanted: object) -> Iterator[object]:
    """What a type is marked with, at any depth."""
    yield from getattr(wanted, "__metadata__", ())
    for part in get_args(wanted):
        yield from _marks(part)


def _marked(step_type: type[Step]) -> tuple[str, ...]:
    marked = ((each.name, _marks(each.type)) for each in fields(step_type))
    return tuple(name for name, marks in marked if any(isinstance(mark, Spoken | WebAddress) for mark in marks))


_TEXT_FIELDS: Mapping[str, tuple[str, ...]] = {step_type.type: _marked(step_type) for step_type in STEP_TYPES.values()}
"""By the word for the step's type."""
