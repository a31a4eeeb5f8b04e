"""What goes wrong in a correct flow: each way of breaking one, with the code under which lint must say so."""

from collections.abc import Mapping
from random import Random

from attrs import evolve

from callengine.fsm import (
    CheckRetryLimit,
    ClassifyIntent,
    Entry,
    Hangup,
    PlayPrompt,
    Record,
    RouteByIntent,
    Scenario,
    SetResult,
    Step,
    Wait,
)
from callengine.fsm.steps import ToOperator
from callengine.model import Result, StepId
from tests.fsm.later_mutants import LATER_MUTATORS
from tests.fsm.mending import Mutator, bypassed, leading, named, of, replaced, with_steps


def orphan(scenario: Scenario, rng: Random) -> Scenario:
    step = of(scenario, PlayPrompt, rng)
    return bypassed(scenario, step.id, step.next)


def no_end(scenario: Scenario, rng: Random) -> Scenario:
    steps: list[Step] = []
    for step in scenario.flow.steps:
        endless = isinstance(step, Hangup | Wait)
        steps.append(PlayPrompt(id=step.id, prompt="hello", next=StepId("ask 0")) if endless else step)
    return with_steps(scenario, steps)


def uncounted_way_back(scenario: Scenario, rng: Random) -> Scenario:
    check = of(scenario, CheckRetryLimit, rng)
    return bypassed(scenario, check.id, check.within_limit)


def limit_the_wrong_way_round(scenario: Scenario, rng: Random) -> Scenario:
    check = of(scenario, CheckRetryLimit, rng)
    return replaced(scenario, evolve(check, max_count=0, within_limit=check.exceeded, exceeded=check.within_limit))


def way_back_beside_the_check(scenario: Scenario, rng: Random) -> Scenario:
    record = of(scenario, Record, rng)
    return replaced(scenario, evolve(record, on_failure=record.id))


def repeats_itself(scenario: Scenario, rng: Random) -> Scenario:
    bye = StepId("bye")
    check = CheckRetryLimit(id=StepId("more"), counter="more", max_count=2, within_limit=bye, exceeded=StepId("end"))
    changed = replaced(scenario, PlayPrompt(id=bye, prompt="hello", next=check.id))
    return with_steps(changed, [*changed.flow.steps, check])


def dropped_route(scenario: Scenario, rng: Random) -> Scenario:
    route = of(scenario, RouteByIntent, rng)
    left_out = rng.choice(list(route.routes))
    return replaced(scenario, evolve(route, routes={k: v for k, v in route.routes.items() if k != left_out}))


def dropped_outcome(scenario: Scenario, rng: Random) -> Scenario:
    record = of(scenario, Record, rng)
    classify = of(scenario, ClassifyIntent, rng)
    broken = (evolve(record, on_empty=None), evolve(record, on_failure=None), evolve(classify, on_failure=None))
    return replaced(scenario, rng.choice(broken))


def removed_record(scenario: Scenario, rng: Random) -> Scenario:
    return bypassed(scenario, StepId("hear 0"), StepId("think 0"))


def removed_classify(scenario: Scenario, rng: Random) -> Scenario:
    return bypassed(scenario, StepId("think 0"), StepId("route 0"))


def nothing_said_is_classified(scenario: Scenario, rng: Random) -> Scenario:
    record = named(scenario, "hear 0")
    outcome = rng.choice(("on_empty", "on_failure"))
    return replaced(scenario, evolve(record, **{outcome: StepId("think 0")}))


def removed_result(scenario: Scenario, rng: Random) -> Scenario:
    step = of(scenario, SetResult, rng)
    return bypassed(scenario, step.id, step.next)


def results_one_after_the_other(scenario: Scenario, rng: Random) -> Scenario:
    step = of(scenario, SetResult, rng)
    second = SetResult(id=StepId("second"), result=Result("banned"), next=step.next)
    changed = replaced(scenario, evolve(step, next=second.id))
    return with_steps(changed, [*changed.flow.steps, second])


def misspelt_result(scenario: Scenario, rng: Random) -> Scenario:
    step = of(scenario, SetResult, rng)
    return replaced(scenario, evolve(step, result=Result(step.result.replace("n", "m", 1))))


def high_limit(scenario: Scenario, rng: Random) -> Scenario:
    return replaced(scenario, evolve(of(scenario, CheckRetryLimit, rng), max_count=40))


def silent_thought(scenario: Scenario, rng: Random) -> Scenario:
    return replaced(scenario, evolve(of(scenario, ClassifyIntent, rng), prompt=None))


def wait_for_nobody(scenario: Scenario, rng: Random) -> Scenario:
    return replaced(scenario, Wait(id=of(scenario, Hangup, rng).id))


def no_hold_audio(scenario: Scenario, rng: Random) -> Scenario:
    return evolve(scenario, prompts={key: uri for key, uri in scenario.prompts.items() if key != "onhold"})


def no_farewell(scenario: Scenario, rng: Random) -> Scenario:
    return bypassed(scenario, StepId("bye"), StepId("end"))


def false_success(scenario: Scenario, rng: Random) -> Scenario:
    unsuccessful = [step for step in scenario.flow.steps if isinstance(step, SetResult) and step.id != "connected"]
    return replaced(scenario, evolve(rng.choice(unsuccessful), result=Result("connected_to_operator")))


def failure_taken_for_success(scenario: Scenario, rng: Random) -> Scenario:
    transfer = of(scenario, ToOperator, rng)
    return replaced(scenario, evolve(transfer, on_failure=transfer.on_success))


def skips_everything(scenario: Scenario, rng: Random) -> Scenario:
    return replaced(scenario, evolve(of(scenario, Entry, rng), next=StepId("end")))


def led_astray(scenario: Scenario, place: int, rng: Random) -> Scenario:
    """One outcome of a step leads anywhere; what that breaks, if anything, is not known beforehand."""
    step = scenario.flow.steps[place % len(scenario.flow.steps)]
    targets = [target for target in step.targets().values() if target is not None]
    if not targets:
        return scenario
    anywhere = rng.choice([each.id for each in scenario.flow.steps])
    return replaced(scenario, leading(step, rng.choice(targets), anywhere))


MUTATORS: Mapping[Mutator, str] = {
    **LATER_MUTATORS,
    orphan: "F201",
    no_end: "F202",
    uncounted_way_back: "F203",
    limit_the_wrong_way_round: "F203",
    way_back_beside_the_check: "F203",
    repeats_itself: "F204",
    dropped_route: "F205",
    dropped_outcome: "F206",
    removed_record: "F301",
    removed_classify: "F301",
    nothing_said_is_classified: "F301",
    removed_result: "F302",
    skips_everything: "F302",
    results_one_after_the_other: "F303",
    misspelt_result: "F304",
    high_limit: "F401",
    silent_thought: "F402",
    wait_for_nobody: "F402",
    no_hold_audio: "F403",
    no_farewell: "F404",
    false_success: "F405",
    failure_taken_for_success: "F405",
}
"""Each way of breaking a flow, and the code that it earns."""
