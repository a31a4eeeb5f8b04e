"""What lint finds no error in keeps its promises, and what breaks one is found; by generated flows and brute force."""

from collections import Counter
from math import inf
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx, raises

from callengine.errors import FlowError
from callengine.fsm import STEP_TYPES, Finding, Scenario, Severity, check, compile_flow, explain, lint, load
from callengine.fsm.steps import Return, Subflow
from tests.fsm.correct import correct_scenario
from tests.fsm.interpreter import Verdict, explore, wander
from tests.fsm.later_mutants import NOWHERE
from tests.fsm.mending import Mutator
from tests.fsm.mutants import MUTATORS, led_astray
from tests.fsm.strategies import WRITERS, scenario_files
from tests.fsm.written import written

CORRECT = 500
MUTANTS = 2_000
PROMISES = {"F202": "endless", "F203": "endless", "F301": "unset", "F302": "no result", "F306": "unheard of"}
"""What each error of F2xx to F4xx says of the calls."""


ROUNDING = 1e-6
"""Seconds by which two ways of adding up the same tenths may differ."""


def errors(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings if finding.severity is Severity.ERROR}


def verdict_on(scenario: Scenario) -> Verdict:
    return explore(compile_flow(scenario, scenario.flow))


def assert_lint_is_right(scenario: Scenario) -> None:
    """Whatever goes wrong on any way, lint tells of; and calls that end do so within the bounds, which are those of a way."""
    found = errors(check(scenario))
    if any(code < "F2" for code in found):
        with raises(FlowError):
            compile_flow(scenario, scenario.flow)
        return
    verdict = verdict_on(scenario)
    assert verdict.broken <= {PROMISES[code] for code in found}
    if "endless" not in verdict.broken:
        (told,) = explain(scenario)
        assert verdict.seconds <= told.seconds + ROUNDING
        assert verdict.silence <= told.silence + ROUNDING
        assert told.seconds in (inf, approx(sum(stop.seconds * stop.times for stop in told.path)))
        assert told.silence in (inf, approx(sum(stop.seconds * stop.times for stop in told.silent_path)))


@settings(deadline=None, max_examples=600)
@given(scenario_files())
def test_a_flow_breaks_no_promise_of_which_lint_does_not_tell(content: bytes) -> None:
    scenario = load(content, "x.yaml").scenario
    assert scenario is not None
    assert_lint_is_right(scenario)


@settings(deadline=None, max_examples=200)
@given(st.randoms(use_true_random=False), st.sampled_from(list(MUTATORS)), st.lists(st.integers(0, 1000), max_size=3))
def test_nor_does_one_that_was_changed(rng: Random, mutate: Mutator, swaps: list[int]) -> None:
    scenario = mutate(correct_scenario(rng, whole=True), rng)
    for place in swaps:
        scenario = led_astray(scenario, place, rng)
    assert_lint_is_right(scenario)


def test_flows_of_all_step_types_are_generated() -> None:
    """Subflows are their own tests' matter: what is judged here is what they come to."""
    types = {name for name, step in STEP_TYPES.items() if step not in (Subflow, Return)}
    assert {*WRITERS, "entry"} == types
    kinds = {step.type for seed in range(40) for step in correct_scenario(Random(seed)).flow.steps}
    assert kinds == types - {"disconnect"}, "which is a hangup"


@settings(deadline=None)
@given(scenario_files())
def test_a_generated_flow_is_the_same_when_it_is_written_and_read(content: bytes) -> None:
    scenario = load(content, "x.yaml").scenario
    assert scenario is not None
    assert load(written(scenario), "x.yaml").scenario == scenario


def test_no_correct_flow_has_a_finding_but_that_some_are_long() -> None:
    for seed in range(CORRECT):
        scenario = correct_scenario(Random(seed))
        assert {finding.code for finding in check(scenario)} <= {"F401"}, seed
        assert load(written(scenario), "").scenario == scenario


def test_the_bounds_of_correct_flows_are_kept_and_nearly_reached() -> None:
    ratios = []
    for seed in range(40):
        scenario = correct_scenario(Random(seed))
        assert verdict_on(scenario).broken == frozenset()
        assert_lint_is_right(scenario)
        (told,) = explain(scenario)
        ratios.append(told.seconds / verdict_on(scenario).seconds)
    assert sum(ratios) / len(ratios) < 1.5


def test_long_flows_keep_their_promises_on_random_ways() -> None:
    rng = Random(1)
    for rounds in (10, 40):
        scenario = correct_scenario(rng, rounds)
        chart = compile_flow(scenario, scenario.flow)
        (told,) = explain(scenario)
        for _ in range(300):
            broken, seconds = wander(chart, rng)
            assert not broken
            assert seconds <= told.seconds


def test_what_breaks_a_flow_is_found_under_its_code() -> None:
    missed: Counter[str] = Counter()
    mutators = list(MUTATORS.items())
    for seed in range(MUTANTS):
        mutate, code = mutators[seed % len(mutators)]
        rng = Random(seed)
        mutant = mutate(correct_scenario(rng, whole=True), rng)
        if code not in {finding.code for finding in check(mutant)}:
            missed[mutate.__name__] += 1
    assert missed.total() <= MUTANTS // 100, missed


def test_what_is_reported_as_an_error_does_break_a_promise() -> None:
    for mutate, code in MUTATORS.items():
        for seed in range(5 if code in PROMISES else 0):
            rng = Random(seed)
            mutant = mutate(correct_scenario(rng, whole=True), rng)
            assert PROMISES[code] in verdict_on(mutant).broken, (mutate, seed)


def test_a_target_that_does_not_exist_is_found_where_it_is_written() -> None:
    for mutate in (mutate for mutate, code in MUTATORS.items() if code == "F101"):
        for seed in range(20):
            rng = Random(seed)
            content = written(mutate(correct_scenario(rng, whole=True), rng))
            (finding,) = lint(content, "x.yaml")
            assert finding.code == "F101"
            line = content.decode().splitlines()[finding.line - 1]
            assert line[finding.column - 1 :].startswith(f'"{NOWHERE}"'), (mutate, seed)
            assert line.count(NOWHERE) == 1
