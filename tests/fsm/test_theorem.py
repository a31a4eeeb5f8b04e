"""What lint finds no error in keeps its promises, and what breaks one is found; by generated flows and brute force."""

from collections import Counter
from math import inf
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.fsm import Finding, Scenario, Severity, check, compile_flow, explain, load
from tests.fsm.correct import correct_scenario
from tests.fsm.interpreter import Verdict, explore, wander
from tests.fsm.mutants import MUTATORS, Mutator, led_astray
from tests.fsm.strategies import scenario_files

CORRECT = 500
MUTANTS = 2_000
PROMISES = {"F202": "endless", "F203": "endless", "F301": "unset", "F302": "no result", "F306": "unheard of"}
"""What each error of F2xx to F4xx says of the calls."""


def errors(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings if finding.severity is Severity.ERROR}


def verdict_on(scenario: Scenario) -> Verdict:
    return explore(compile_flow(scenario, scenario.flow))


def assert_lint_is_right(scenario: Scenario) -> None:
    """Whatever goes wrong on any way, lint tells of; and calls that end do so within the bounds, which are those of a way."""
    verdict = verdict_on(scenario)
    assert verdict.broken <= {PROMISES[code] for code in errors(check(scenario))}
    if "endless" not in verdict.broken:
        (told,) = explain(scenario)
        assert verdict.seconds <= told.seconds
        assert verdict.silence <= told.silence
        assert told.seconds in (inf, sum(stop.seconds * stop.times for stop in told.path))
        assert told.silence in (inf, sum(stop.seconds * stop.times for stop in told.silent_path))


@settings(deadline=None, max_examples=600)
@given(scenario_files())
def test_a_flow_breaks_no_promise_of_which_lint_does_not_tell(content: bytes) -> None:
    scenario = load(content, "x.yaml").scenario
    assert scenario is not None
    assert_lint_is_right(scenario)


@settings(deadline=None, max_examples=200)
@given(st.randoms(use_true_random=False), st.sampled_from(list(MUTATORS)), st.lists(st.integers(0, 1000), max_size=3))
def test_nor_does_one_that_was_changed(rng: Random, mutate: Mutator, swaps: list[int]) -> None:
    scenario = mutate(correct_scenario(rng), rng)
    for place in swaps:
        scenario = led_astray(scenario, place, rng)
    assert_lint_is_right(scenario)


def test_no_correct_flow_has_a_finding_but_that_some_are_long() -> None:
    for seed in range(CORRECT):
        scenario = correct_scenario(Random(seed))
        assert {finding.code for finding in check(scenario)} <= {"F401"}, seed


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
        mutant = mutate(correct_scenario(rng), rng)
        if code not in {finding.code for finding in check(mutant)}:
            missed[mutate.__name__] += 1
    assert missed.total() <= MUTANTS // 100, missed


def test_what_is_reported_as_an_error_does_break_a_promise() -> None:
    for mutate, code in MUTATORS.items():
        for seed in range(5 if code in PROMISES else 0):
            rng = Random(seed)
            mutant = mutate(correct_scenario(rng), rng)
            assert PROMISES[code] in verdict_on(mutant).broken, (mutate, seed)
