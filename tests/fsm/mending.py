"""Changes of a scenario from which ways of breaking it are made."""

from collections.abc import Callable
from random import Random
from typing import TypeVar

from attrs import evolve, fields_dict

from callengine.fsm import RouteByIntent, Scenario, Step
from callengine.fsm.steps import Branch, Menu
from callengine.model import StepId

S = TypeVar("S", bound=Step)

Mutator = Callable[[Scenario, Random], Scenario]


def with_steps(scenario: Scenario, steps: list[Step]) -> Scenario:
    return evolve(scenario, flow=evolve(scenario.flow, steps=tuple(steps)))


def of(scenario: Scenario, wanted: type[S], rng: Random) -> S:
    return rng.choice([step for step in scenario.flow.steps if isinstance(step, wanted)])


def named(scenario: Scenario, name: str) -> Step:
    return next(step for step in scenario.flow.steps if step.id == name)


def replaced(scenario: Scenario, *new: Step) -> Scenario:
    by_id = {step.id: step for step in new}
    return with_steps(scenario, [by_id.get(step.id, step) for step in scenario.flow.steps])


def led(step: Step, outcome: str, target: StepId) -> Step:
    """The step, with one of its outcomes leading elsewhere."""
    return evolve(step, **{outcome: target})


def leading(step: Step, old: StepId, new: StepId) -> Step:
    """The step, with each outcome that led to the one leading to the other."""
    if isinstance(step, RouteByIntent):
        return evolve(step, routes={intent: new if to == old else to for intent, to in step.routes.items()})
    own = fields_dict(type(step))
    led = evolve(step, **{outcome: new for outcome, to in step.targets().items() if to == old and outcome in own})
    if isinstance(led, Menu):
        return evolve(led, options=tuple(evolve(each, next=new) if each.next == old else each for each in led.options))
    if isinstance(led, Branch):
        return evolve(led, cases=tuple(evolve(each, next=new) if each.next == old else each for each in led.cases))
    return led


def bypassed(scenario: Scenario, step: StepId, to: StepId) -> Scenario:
    """Whatever led to a step leads past it; nothing leads to it any longer."""
    return with_steps(scenario, [leading(each, step, to) for each in scenario.flow.steps])
