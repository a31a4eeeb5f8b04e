"""Explored flows: every outcome is driven, hangups come at every moment, and what goes wrong is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, Phase, given, settings

from callengine.fsm import Chart, Scenario, compile_flow, load
from callengine.fsm.acts import Act, Does
from callengine.model import Outcome, StepId
from callengine.testing import paths
from callengine.testing.explore import Explorer, Tried
from callengine.testing.paths import Path as CallPath
from callengine.testing.paths import plan_of
from tests.fsm.strategies import scenario_files

ROOT = Path(__file__).parents[2]
RECEPTION = ROOT / "tests" / "e2e" / "attended" / "reception.yaml"


@pytest.fixture(autouse=True)
def _quiet(logs_as_they_were: None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def scenario_of(path: Path) -> Scenario:
    loading = load(path.read_bytes(), str(path))
    assert loading.scenario is not None
    return loading.scenario


def with_steps(*steps: str, llm: str = "{}") -> Scenario:
    lines = [f"    - {{{step}}}" for step in steps]
    text = "\n".join(["scenario:", "  name: demo", '  prompts: {a: "sound:a"}', f"  llm: {llm}", "  flow:", *lines, ""])
    loading = load(text.encode(), "demo.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


def chart_of(scenario: Scenario) -> Chart:
    return compile_flow(scenario, scenario.flow)


def edge(step: str, outcome: str) -> tuple[StepId, Outcome]:
    return StepId(step), Outcome(outcome)


def explored(explorer: Explorer) -> Iterator[Tried]:
    return (tried for path in explorer.plan.paths for tried in explorer.explore(path))


def test_subflows_are_driven_through_every_outcome_of_each_use() -> None:
    text = """
scenario:
  name: demo
  prompts: {a: "sound:a"}
  subflows:
    ask:
      - {step: start, type: entry, next: hear}
      - {step: hear, type: record, next: heard, on_empty: count, on_failure: count}
      - {step: count, type: check_retry_limit, counter: tries, max_count: 1, within_limit: hear, exceeded: gave_up}
      - {step: heard, type: return}
      - {step: gave_up, type: return, outcome: silent}
  flow:
    - {step: start, type: entry, next: one}
    - {step: one, type: subflow, flow: ask, returns: {done: two, silent: missed}}
    - {step: two, type: subflow, flow: ask, returns: {done: missed, silent: missed}}
    - {step: missed, type: set_result, result: unknown, next: end}
    - {step: end, type: hangup}
"""
    scenario = load(text.encode(), "demo.yaml").scenario
    assert scenario is not None
    explorer = Explorer(scenario, "flow")
    assert [tried.story() for tried in explored(explorer) if tried.faults] == []
    assert explorer.coverage.missed_steps == ()
    assert explorer.coverage.missed_outcomes == ()
    assert explorer.coverage.counts[edge("two.gave_up", "silent")] > 0


def test_a_flow_is_driven_through_every_outcome_that_can_be_reached_and_holds() -> None:
    explorer = Explorer(scenario_of(RECEPTION), "flow")
    tries = list(explored(explorer))
    assert [tried.story() for tried in tries if tried.faults] == []
    assert explorer.coverage.missed_steps == ()
    assert explorer.plan.undriven == explorer.coverage.missed_outcomes == (("classify", "on_failure"),)
    assert sum(tried.leaves is not None for tried in tries) > 30


def test_people_who_call_us_and_operators_with_a_key() -> None:
    explorer = Explorer(scenario_of(RECEPTION), "inbound_flow")
    assert not [tried.story() for tried in explored(explorer) if tried.faults]
    assert explorer.coverage.missed_outcomes == ()


def test_hangups_come_at_every_moment_and_from_either_side() -> None:
    explorer = Explorer(scenario_of(ROOT / "flows" / "course_offer.yaml"), "flow")
    [*_, connected] = [path for path in explorer.plan.paths if ("transfer", "on_success") in path.edges]
    tries = [tried for tried in explorer.explore(connected) if tried.leaves is not None]
    assert not [tried.story() for tried in tries if tried.faults]
    left_at = {(tried.leaves.who, tried.played.happenings[-1].step) for tried in tries if tried.leaves is not None}
    assert {("caller", step) for step in ("", "say_hello", "listen", "classify", "say_yes", "transfer", "talk")} <= left_at
    assert ("operator", "transfer") in left_at, "gone again in the moment in which both are connected"
    assert ("operator", "talk") in left_at


SECOND_TRANSFER = (
    "step: start, type: entry, next: connect",
    "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: listen, on_failure: end",
    "step: listen, type: record, next: end, on_empty: end, on_failure: again",
    "step: again, type: transfer_to_operator, agent_type: outbound, on_success: end, on_failure: end",
    "step: end, type: hangup",
)


def test_who_talks_to_an_operator_is_not_recorded_and_may_be_passed_on_to_another() -> None:
    explorer = Explorer(with_steps(*SECOND_TRANSFER), "flow")
    assert not [tried.story() for tried in explored(explorer) if tried.faults]
    assert explorer.plan.undriven == (("listen", "next"), ("listen", "on_empty"))


THREE_TRANSFERS = (
    "step: start, type: entry, next: first",
    "step: first, type: transfer_to_operator, agent_type: outbound, on_success: second, on_failure: second",
    "step: second, type: transfer_to_operator, agent_type: outbound, accept_key: 1, on_success: third, on_failure: third",
    "step: third, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end",
    "step: talk, type: wait",
    "step: end, type: hangup",
)


def test_each_transfer_succeeds_and_fails_whatever_became_of_the_one_before() -> None:
    explorer = Explorer(with_steps(*THREE_TRANSFERS), "flow")
    assert not [tried.story() for tried in explored(explorer) if tried.faults]
    assert explorer.plan.undriven == explorer.coverage.missed_outcomes == ()


BRANCHES = (
    "step: start, type: entry, next: which",
    "step: which, type: branch, otherwise: mark, cases: ["
    "{when: [{name: city, in: [Tehran, Karaj]}, {name: debt, at_least: 100, at_most: 200}], next: end}, "
    "{when: [{name: city, contains: ehr}, {time: {from: '22:00', to: '06:00', days: [friday]}}], next: mark}, "
    "{when: [{name: name, empty: false}], next: mark}]",
    "step: mark, type: set, values: {what: 'for {city}'}, add: {score: 2}, next: again",
    "step: again, type: branch, otherwise: more, cases: ["
    "{when: [{name: what, equals: 'for Tehran'}], next: end}, {when: [{name: score, at_least: 6}], next: late}]",
    "step: more, type: set, add: {score: 1}, next: again",
    "step: late, type: branch, otherwise: end, cases: ["
    "{when: [{time: {from: '06:00', to: '22:00', zone: Asia/Tehran}}], next: end}]",
    "step: end, type: hangup",
)


def test_fields_and_the_time_are_found_that_take_each_way_of_a_branch() -> None:
    explorer = Explorer(with_steps(*BRANCHES), "flow")
    assert explorer.plan.exhausted
    assert explorer.plan.undriven == ()
    assert not [tried.story() for tried in explored(explorer) if tried.faults]
    assert explorer.coverage.missed_outcomes == ()


def test_a_case_that_never_holds_is_not_driven() -> None:
    steps = (
        "step: start, type: entry, next: which",
        "step: which, type: branch, otherwise: end, cases: ["
        "{when: [{name: city, equals: Tehran}], next: end}, {when: [{name: city, equals: Tehran}], next: end}]",
        "step: end, type: hangup",
    )
    assert plan_of(chart_of(with_steps(*steps))).undriven == (("which", "case 2"),)


def test_nothing_is_assumed_of_people_who_call_us() -> None:
    text = """scenario:
  name: demo
  flow: [{step: start, type: entry, next: end}, {step: end, type: hangup}]
  inbound_flow:
    - {step: start, type: entry, next: which}
    - {step: which, type: branch, otherwise: end, cases: [{when: [{name: city, equals: Tehran}], next: end}]}
    - {step: end, type: hangup}
"""
    scenario = load(text.encode(), "demo.yaml").scenario
    assert scenario is not None
    explorer = Explorer(scenario, "inbound_flow")
    assert explorer.plan.undriven == (("which", "case 1"),)
    assert not [tried.story() for tried in explored(explorer) if tried.faults]


def test_a_caller_hangs_up_at_a_wait_and_not_before() -> None:
    steps = (
        "step: start, type: entry, next: say",
        "step: say, type: play_prompt, prompt: a, next: stay",
        "step: stay, type: wait",
    )
    assert not [tried.story() for tried in explored(Explorer(with_steps(*steps), "flow")) if tried.faults]


def test_a_call_that_goes_another_way_than_its_chart_says_is_shown() -> None:
    explorer = Explorer(with_steps(*CLASSIFIES), "flow")
    path = next(path for path in explorer.plan.paths if ("listen", "on_empty") in path.edges)
    strange = CallPath(edges=(edge("start", "next"), edge("listen", "next")), acts=(*path.acts, Act(Does.IS_CONNECTED)))
    story = next(explorer.explore(strange)).story().splitlines()
    assert story[:2] == [
        "`is connected` did not come about",
        "the call went to listen.on_empty, where the chart leads to listen.next",
    ]
    assert story[2] == "on the path start.next listen.next:"


@pytest.mark.parametrize(
    ("keys", "undriven"),
    [
        ('send_sms, text: hello, to: "0912 000 0000"', []),
        ('send_sms, text: hello, to: "+98 (912) ۱۱۱-2233"', []),
        ('send_sms, text: hello, to: "123"', ["next"]),
        ('send_sms, text: hello, to: "{mobile}"', []),
        ('send_sms, text: "{said}"', []),
        ('send_sms, text: "{name}"', []),
        ('send_sms, text: "{nothing}"', ["next"]),
        ('schedule_callback, after: 60, to: "0912 000 0000"', []),
        ('schedule_callback, after: 60, to: "1234"', ["next"]),
        ("schedule_callback, in_hours: said", []),
        ("schedule_callback, in_hours: nothing", ["next"]),
    ],
)
def test_numbers_hours_and_texts_are_judged_as_the_engine_does(keys: str, undriven: list[str]) -> None:
    scenario = with_steps(
        "step: start, type: entry, next: note",
        'step: note, type: set, values: {said: " ۲ ", nothing: " "}, next: do',
        f"step: do, type: {keys}, next: done, on_failure: end",
        "step: done, type: set_result, result: busy, next: end",
        "step: end, type: hangup",
    )
    explorer = Explorer(scenario, "flow")
    assert [tried.story() for tried in explored(explorer) if tried.faults] == []
    assert [str(outcome) for step, outcome in explorer.plan.undriven if step == "do"] == undriven


def test_texts_do_not_grow_without_end_in_explored_flows() -> None:
    names = "abcdefghij"
    sets = (
        f"step: set_{new}, type: set, values: {{{new}: '{f'{{{old}}}' * 100}'}}, next: set_{after}"
        for old, new, after in zip(names, names[1:], (*names[2:], "z"), strict=False)
    )
    tests = ", ".join(f"{{when: [{{name: {name}, empty: true}}], next: end}}" for name in names[1:])
    scenario = with_steps(
        "step: start, type: entry, next: first",
        "step: first, type: set, values: {a: xxx}, next: set_b",
        *sets,
        f"step: set_z, type: branch, cases: [{tests}], otherwise: end",
        "step: end, type: hangup",
    )
    assert plan_of(chart_of(scenario)).exhausted


def test_counters_are_counted_to_their_limit_and_beyond() -> None:
    scenario = with_steps(
        "step: start, type: entry, next: count",
        "step: count, type: check_retry_limit, counter: asked, max_count: 3, within_limit: ask, exceeded: end",
        "step: ask, type: play_prompt, prompt: a, next: count",
        "step: end, type: hangup",
    )
    [path] = plan_of(chart_of(scenario)).paths
    assert [outcome for step, outcome in path.edges if step == "count"] == [*["within_limit"] * 3, "exceeded"]


def test_counters_that_multiply_are_followed_no_further_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = with_steps(
        "step: start, type: entry, next: count",
        "step: count, type: check_retry_limit, counter: asked, max_count: 900, within_limit: count, exceeded: end",
        "step: end, type: hangup",
    )
    assert plan_of(chart_of(scenario)).exhausted
    monkeypatch.setattr(paths, "MOST_PLACES", 100)
    plan = plan_of(chart_of(scenario))
    assert not plan.exhausted
    assert plan.paths == ()


def test_a_flow_without_an_end_has_no_paths() -> None:
    scenario = with_steps("step: start, type: entry, next: ask", "step: ask, type: play_prompt, prompt: a, next: ask")
    plan = plan_of(chart_of(scenario))
    assert plan.paths == ()
    assert plan.undriven == (("start", "next"), ("ask", "next"))


def test_a_flow_that_ends_with_its_entry_is_played_all_the_same() -> None:
    scenario = with_steps("step: start, type: entry, next: end", "step: end, type: hangup")
    assert [path.edges for path in plan_of(chart_of(scenario)).paths] == [(("start", "next"),)]


CLASSIFIES = (
    "step: start, type: entry, next: listen",
    "step: listen, type: record, next: classify, on_empty: end, on_failure: end",
    "step: classify, type: classify_intent, next: route, on_failure: end",
    "step: route, type: route_by_intent, routes: {yes: end, no: end, unknown: end}",
    "step: end, type: hangup",
)


@pytest.mark.parametrize(
    ("llm", "undriven"),
    [
        ("{intent_categories: [yes, no], fallback_tokens: {yes: [sure]}}", [("classify", "on_failure"), ("route", "no")]),
        ("{intent_categories: [yes, no], prompt_template: 'Yes or no? {transcript}'}", []),
    ],
    ids=["keywords alone", "a language model"],
)
def test_intents_are_told_by_keywords_or_by_the_model(llm: str, undriven: list[tuple[str, str]]) -> None:
    explorer = Explorer(with_steps(*CLASSIFIES, llm=llm), "flow")
    assert [tried.story() for tried in explored(explorer) if tried.faults] == []
    assert list(explorer.plan.undriven) == list(explorer.coverage.missed_outcomes) == undriven


@given(scenario_files())
def test_every_path_walks_the_chart_from_its_entry_to_an_end(content: bytes) -> None:
    loading = load(content, "demo.yaml")
    assert loading.scenario is not None
    chart = chart_of(loading.scenario)
    plan = plan_of(chart)
    for path in plan.paths:
        here: StepId | None = chart.entry
        for step, outcome in path.edges:
            assert step == here
            here = chart.after(step, outcome)
        assert here is None or not chart.outcomes[here]
    taken = {edge for path in plan.paths for edge in path.edges}
    assert taken.isdisjoint(plan.undriven)
    assert taken | set(plan.undriven) == {(step, way) for step, ways in chart.outcomes.items() for way in ways}


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scenario_files())
def test_no_flow_however_odd_breaks_an_invariant(content: bytes) -> None:
    loading = load(content, "demo.yaml")
    assert loading.scenario is not None
    for tried in explored(Explorer(loading.scenario, "flow")):
        loops = any(fault.startswith("nobody ended the call") for fault in tried.faults)
        assert loops or not tried.faults, tried.story()


def test_after_a_queue_in_vain_somebody_else_takes_the_call() -> None:
    """Whoever was rung for the queue rests; a transfer that follows finds others."""
    explorer = Explorer(
        with_steps(
            "step: start, type: entry, next: line",
            "step: line, type: queue, agent_type: outbound, timeout: 60, on_success: talk, on_failure: call, on_timeout: call",
            "step: call, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end",
            "step: talk, type: wait",
            "step: end, type: hangup",
        ),
        "flow",
    )
    tried = [each for path in explorer.plan.paths for each in explorer.explore(path)]
    assert not [each.story() for each in tried if each.faults]
    assert explorer.coverage.missed_outcomes == (("line", "on_failure"),), "for which there must be no operator at all"
