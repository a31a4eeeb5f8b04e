"""What goes wrong in flows that remember, choose, ask services and queue; these need a correct flow with every stage."""

from collections.abc import Mapping
from random import Random

from attrs import evolve

from callengine.fsm import CheckRetryLimit, Scenario, Step, TransferToOperator
from callengine.fsm.matchers import Test
from callengine.fsm.steps import (
    Branch,
    BranchCase,
    CollectDigits,
    LeaveMessage,
    Menu,
    OptOut,
    Queue,
    Request,
    Say,
    ScheduleCallback,
    SendSms,
    Set,
)
from callengine.model import StepId
from tests.fsm.mending import Mutator, bypassed, led, of, replaced, with_steps

NOWHERE = StepId("nowhere at all")


def answer_taken_for_granted(scenario: Scenario, rng: Random) -> Scenario:
    request = of(scenario, Request, rng)
    return replaced(scenario, evolve(request, on_failure=request.next))


def digits_taken_for_granted(scenario: Scenario, rng: Random) -> Scenario:
    digits = of(scenario, CollectDigits, rng)
    outcome = rng.choice(("on_no_input", "on_invalid"))
    return replaced(scenario, led(digits, outcome, digits.next))


def answer_not_saved(scenario: Scenario, rng: Random) -> Scenario:
    request = of(scenario, Request, rng)
    other = evolve(request, id=StepId("second"), save={"other": request.save["balance"]})
    changed = replaced(scenario, evolve(request, on_failure=other.id))
    return with_steps(changed, [*changed.flow.steps, other])


def removed_set(scenario: Scenario, rng: Random) -> Scenario:
    step = of(scenario, Set, rng)
    return bypassed(scenario, step.id, step.next)


def said_before_it_is_known(scenario: Scenario, rng: Random) -> Scenario:
    names = ("choice", "order", "balance", "note", "transcript", "intent")
    return replaced(scenario, evolve(of(scenario, LeaveMessage, rng), prompt=None, text=f"{{{rng.choice(names)}}}"))


def misspelt_field(scenario: Scenario, rng: Random) -> Scenario:
    texts = [evolve(step, text="Hello {nmae}") for step in scenario.flow.steps if isinstance(step, Say | SendSms)]
    whispers = [evolve(step, whisper_text="{cty}") for step in scenario.flow.steps if isinstance(step, Queue)]
    return replaced(scenario, rng.choice([*texts, *whispers]))


def misspelt_name_in_a_test(scenario: Scenario, rng: Random) -> Scenario:
    return _with_test(scenario, Test(name="ctiy", equals="Yazd"), rng)


def idle_test(scenario: Scenario, rng: Random) -> Scenario:
    idle = (
        Test(name="debt", equals="much"),
        Test(name="visits", one_of=("once", "twice")),
        Test(name="visits", at_least=3, at_most=2),
        Test(name="city", at_least=3),
        Test(name="city", one_of=()),
    )
    return _with_test(scenario, rng.choice(idle), rng)


def _with_test(scenario: Scenario, test: Test, rng: Random) -> Scenario:
    branch = of(scenario, Branch, rng)
    case = BranchCase(when=(test,), next=branch.otherwise)
    return replaced(scenario, evolve(branch, cases=(*branch.cases, case)))


def counter_and_variable(scenario: Scenario, rng: Random) -> Scenario:
    name = rng.choice(("note", "remark", "choice", "order", "balance"))
    check = of(scenario, CheckRetryLimit, rng)
    return replaced(scenario, evolve(check, counter=name))


def field_that_the_flow_sets(scenario: Scenario, rng: Random) -> Scenario:
    step = of(scenario, Set, rng)
    return replaced(scenario, evolve(step, values={**step.values, rng.choice(("name", "city", "debt")): "x"}))


def option_to_nowhere(scenario: Scenario, rng: Random) -> Scenario:
    menu = of(scenario, Menu, rng)
    lost = rng.randrange(len(menu.options))
    options = [evolve(option, next=NOWHERE) if place == lost else option for place, option in enumerate(menu.options)]
    return replaced(scenario, evolve(menu, options=tuple(options)))


def case_to_nowhere(scenario: Scenario, rng: Random) -> Scenario:
    branch = of(scenario, Branch, rng)
    lost = rng.randrange(len(branch.cases))
    cases = [evolve(case, next=NOWHERE) if place == lost else case for place, case in enumerate(branch.cases)]
    return replaced(scenario, evolve(branch, cases=tuple(cases)))


def outcome_to_nowhere(scenario: Scenario, rng: Random) -> Scenario:
    steps: tuple[Step, ...] = (
        evolve(of(scenario, Queue, rng), on_leave=NOWHERE),
        evolve(of(scenario, CollectDigits, rng), on_invalid=NOWHERE),
        evolve(of(scenario, Menu, rng), on_failure=NOWHERE),
        evolve(of(scenario, Branch, rng), otherwise=NOWHERE),
    )
    return replaced(scenario, rng.choice(steps))


def menu_without_limit(scenario: Scenario, rng: Random) -> Scenario:
    menu = of(scenario, Menu, rng)
    return replaced(scenario, led(menu, rng.choice(("on_no_match", "on_no_input")), StepId("choose")))


def case_that_goes_round(scenario: Scenario, rng: Random) -> Scenario:
    branch = of(scenario, Branch, rng)
    return replaced(scenario, evolve(branch, otherwise=branch.id))


def counter_that_is_set_back(scenario: Scenario, rng: Random) -> Scenario:
    check = of(scenario, CheckRetryLimit, rng)
    back = Set(id=StepId("set back"), add={check.counter: -1}, next=check.within_limit)
    changed = replaced(scenario, evolve(check, within_limit=back.id))
    return with_steps(changed, [*changed.flow.steps, back])


def failure_left_out(scenario: Scenario, rng: Random) -> Scenario:
    steps: tuple[Step, ...] = (
        evolve(of(scenario, Menu, rng), on_failure=None),
        evolve(of(scenario, Request, rng), on_failure=None),
        evolve(of(scenario, Say, rng), on_failure=None),
        evolve(of(scenario, SendSms, rng), on_failure=None),
        evolve(of(scenario, OptOut, rng), on_failure=None),
        evolve(of(scenario, ScheduleCallback, rng), on_failure=None),
    )
    return replaced(scenario, rng.choice(steps))


def queue_that_says_connected(scenario: Scenario, rng: Random) -> Scenario:
    queue = of(scenario, Queue, rng)
    return replaced(scenario, led(queue, rng.choice(("on_failure", "on_timeout", "on_leave")), queue.on_success))


def second_transfer_that_fails(scenario: Scenario, rng: Random) -> Scenario:
    """The operator of the first is let go of before the second is rung."""
    queue = of(scenario, Queue, rng)
    said = queue.on_success
    second = TransferToOperator(id=StepId("second"), agent_type="inbound", on_success=said, on_failure=said)
    changed = replaced(scenario, evolve(queue, on_success=second.id))
    return with_steps(changed, [*changed.flow.steps, second])


LATER_MUTATORS: Mapping[Mutator, str] = {
    option_to_nowhere: "F101",
    case_to_nowhere: "F101",
    outcome_to_nowhere: "F101",
    menu_without_limit: "F203",
    case_that_goes_round: "F203",
    counter_that_is_set_back: "F203",
    failure_left_out: "F206",
    answer_taken_for_granted: "F301",
    digits_taken_for_granted: "F301",
    answer_not_saved: "F301",
    said_before_it_is_known: "F301",
    removed_set: "F301",
    counter_and_variable: "F305",
    field_that_the_flow_sets: "F305",
    misspelt_field: "F306",
    misspelt_name_in_a_test: "F306",
    idle_test: "F307",
    queue_that_says_connected: "F405",
    second_transfer_that_fails: "F405",
}
