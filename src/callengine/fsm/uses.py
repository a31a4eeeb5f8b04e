"""Where in a step a name is used."""

from collections.abc import Mapping

from attrs import fields

from callengine.fsm.placeholders import names_in
from callengine.fsm.step import Step
from callengine.fsm.steps import Branch, ScheduleCallback


def place_of(step: Step, name: str) -> tuple[str | int, ...]:
    """The keys of a step that lead to the text or the test in which it reads a name; its id where no key names it."""
    if isinstance(step, Branch):
        tests = ((at, number, test) for at, case in enumerate(step.cases) for number, test in enumerate(case.when))
        return next((("cases", at, "when", number) for at, number, test in tests if test.name == name), ("step",))
    if isinstance(step, ScheduleCallback) and step.in_hours == name:
        return ("in_hours",)
    for attribute in fields(type(step)):
        value = getattr(step, attribute.name)
        if isinstance(value, str) and name in names_in(value):
            return (attribute.name,)
        if isinstance(value, Mapping):
            for key, text in value.items():
                if isinstance(text, str) and name in names_in(text):
                    return (attribute.name, key)
    return ("step",)
