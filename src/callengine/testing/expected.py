"""What scenarios expect of people: their words and keys, and what is known of contacts. Random people are made of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

from callengine.fsm import Scenario, Step, steps_of
from callengine.fsm.steps import CollectDigits, Menu, Queue

_WORDS = ("Sara", "Ali", "x")
_MOST = 50_000
"""The largest number a made-up field holds."""


def phrases_of(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """What people may say to these scenarios: their own phrases, and some that fit none."""
    scenarios = tuple(scenarios)
    tokens = (phrase for each in scenarios for phrases in each.llm.fallback_tokens.values() for phrase in phrases)
    menus = (word for step in _steps(scenarios) if isinstance(step, Menu) for option in step.options for word in option.words)
    return (*tokens, *dict.fromkeys(menus), "hm", "call me tomorrow")


def keys_of(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """What people may press: the keys of menus and queues, numbers that are to be keyed in, and a key that fits nothing."""
    keys = tuple(dict.fromkeys(key for step in _steps(scenarios) for key in _keys(step)))
    return (*keys, "8") if keys else ()


def _keys(step: Step) -> Iterator[str]:
    if isinstance(step, Menu):
        yield from (option.key for option in step.options if option.key is not None)
    elif isinstance(step, CollectDigits):
        yield from ("5" * step.min_digits + step.end_key, "12" + step.end_key)
    elif isinstance(step, Queue) and step.leave_key is not None:
        yield step.leave_key


def random_fields(rng: Random, numbers: Iterable[str], scenarios: Sequence[Scenario]) -> Mapping[str, Mapping[str, str]]:
    """What is known of each number: enough for the conditions of one of the scenarios, where any of them has conditions."""
    if not any(each.conditions or each.contact_fields for each in scenarios):
        return {}
    return {number: dict(_fields(rng, rng.choice(scenarios))) for number in numbers}


def _fields(rng: Random, scenario: Scenario) -> Iterator[tuple[str, str]]:
    for name, kind in scenario.contact_fields.items():
        yield name, str(rng.randrange(_MOST)) if kind == "number" else rng.choice(_WORDS)
    for condition in scenario.conditions:
        if condition.one_of is not None:
            yield condition.field, rng.choice(condition.one_of or ("",))
        elif condition.contains is None or condition.field not in scenario.contact_fields:
            yield condition.field, condition.equals or condition.contains or ""


def _steps(scenarios: Iterable[Scenario]) -> Iterator[Step]:
    return (step for scenario in scenarios for step in steps_of(scenario))
