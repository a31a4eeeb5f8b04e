"""What runs is the library's strict machine, walked by its table."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import mark, raises
from statemachine import StateChart
from statemachine.exceptions import TransitionNotAllowed

from callengine.errors import FlowError
from callengine.fsm import Chart, Scenario, compile_flow, load
from callengine.model import Outcome, StepId
from tests.fsm.files import data, loaded, with_flow
from tests.fsm.strategies import INTENTS, scenario_files

START = "step: start, type: entry, next: route"
END = "step: end, type: hangup"
SCENARIO = loaded(data("new_scenario.yaml"))


def chart_of(content: bytes) -> Chart:
    scenario = loaded(content)
    return compile_flow(scenario, scenario.flow)


def standing(machine: StateChart[object]) -> str | None:
    """The step the library's machine is at; its states bear the steps' ids as their names."""
    names = {state.name for state in machine.configuration} - {"Live"}
    return None if names == {"Ended"} else next(iter(names))


def test_a_call_walks_from_step_to_step_until_nothing_follows() -> None:
    chart = compile_flow(SCENARIO, SCENARIO.flow)
    walk, step = [], chart.entry
    for outcome in ("next", "next", "next", "next", "no", "next"):
        walk.append(step)
        following = chart.after(step, Outcome(outcome))
        assert following is not None
        step = following
    assert [*walk, step] == ["start", "play_hello", "record_response", "classify", "route", "handle_no", "do_hangup"]
    assert chart.outcomes[step] == ()


def test_an_outcome_left_out_ends_the_call_with_a_result_of_its_own() -> None:
    chart = compile_flow(SCENARIO, SCENARIO.flow)
    record, classify = StepId("record_response"), StepId("classify")
    assert chart.after(record, Outcome("on_empty")) is None
    assert chart.result_at_end(record, Outcome("on_empty")) == "hangup"
    assert chart.result_at_end(record, Outcome("on_failure")) == "failed:record"
    assert chart.result_at_end(classify, Outcome("on_failure")) == "failed:classify_intent"
    assert chart.result_at_end(record, Outcome("next")) is None


def test_an_intent_without_a_route_goes_where_unknown_goes() -> None:
    steps = (START, "step: route, type: route_by_intent, routes: {yes: end, unknown: talk}", "step: talk, type: wait", END)
    chart = chart_of(with_flow(*steps, llm="{intent_categories: [yes, no]}"))
    assert chart.after(StepId("route"), Outcome("no")) == "talk"


def test_an_intent_without_any_route_ends_the_call_as_unknown() -> None:
    steps = (START, "step: route, type: route_by_intent, routes: {yes: end}", END)
    chart = chart_of(with_flow(*steps, llm="{intent_categories: [yes, no]}"))
    for intent in ("no", "unknown"):
        assert chart.after(StepId("route"), Outcome(intent)) is None
        assert chart.result_at_end(StepId("route"), Outcome(intent)) == "unknown"


def test_a_step_has_no_other_outcomes_than_its_own() -> None:
    chart = compile_flow(SCENARIO, SCENARIO.flow)
    for step, outcome in (("start", "yes"), ("do_hangup", "next"), ("nobody", "next"), ("start", "hung_up")):
        with raises(FlowError):
            chart.after(StepId(step), Outcome(outcome))


@mark.parametrize(
    "steps",
    [
        (END,),
        (START, END),
        ("step: a, type: entry, next: b", "step: b, type: entry, next: a"),
        ("step: a, type: entry, next: b", "step: b, type: wait", "step: b, type: wait"),
    ],
)
def test_a_flow_with_broken_references_does_not_compile(steps: tuple[str, ...]) -> None:
    scenario = load(with_flow(*steps), "x.yaml").scenario
    assert scenario is not None
    with raises(FlowError, match="callengine lint"):
        compile_flow(scenario, scenario.flow)


def test_the_id_changes_with_behaviour_and_with_nothing_else() -> None:
    def chart_id(scenario: Scenario) -> str:
        return compile_flow(scenario, scenario.flow).id

    original = chart_id(SCENARIO)
    assert chart_id(loaded(b"# a remark\n" + data("new_scenario.yaml"))) == original
    assert chart_id(evolve(SCENARIO, weight=3.0, display_name="x", path="elsewhere.yaml")) == original
    assert chart_id(evolve(SCENARIO, prompts={**SCENARIO.prompts, "yes": "sound:other"})) != original
    assert chart_id(evolve(SCENARIO, stt=evolve(SCENARIO.stt, max_silence=3.0))) != original
    assert chart_id(evolve(SCENARIO, llm=evolve(SCENARIO.llm, prompt_template="{transcript}"))) != original
    assert chart_id(evolve(SCENARIO, flow=evolve(SCENARIO.flow, steps=SCENARIO.flow.steps[::-1]))) != original


def test_a_chart_says_what_it_is() -> None:
    chart = compile_flow(SCENARIO, SCENARIO.flow)
    assert repr(chart) == f"<Chart my_scenario.flow 10 steps {chart.id[:8]}>"


@settings(deadline=None)
@given(scenario_files(), st.data())
def test_the_walk_and_the_library_s_machine_never_disagree(content: bytes, data: st.DataObject) -> None:
    chart = chart_of(content)
    machine = chart.machine()
    step: StepId | None = chart.entry
    words = [*dict.fromkeys((*chart.event_names, *map(Outcome, INTENTS)))]
    for outcome in data.draw(st.lists(st.sampled_from(words), max_size=12)):
        assert standing(machine) == step
        if step is None:
            break
        if outcome not in chart.outcomes[step]:
            with raises(FlowError):
                chart.after(step, outcome)
            if outcome in chart.event_names:
                with raises(TransitionNotAllowed):
                    machine.send(chart.event_names[outcome])
            continue
        machine.send(chart.event_names[outcome])
        step = chart.after(step, outcome)
    if step is not None and data.draw(st.booleans()):
        machine.send("hung_up")
        step = chart.after_hangup(step)
        assert step is None
    assert standing(machine) == step


def test_a_thousand_steps_compile() -> None:
    steps = [f"step: s{number}, type: play_prompt, prompt: p, next: s{number + 1}" for number in range(1000)]
    content = with_flow("step: start, type: entry, next: s0", *steps, "step: s1000, type: hangup", prompts="{p: 'sound:p'}")
    assert len(chart_of(content).steps) == 1002
