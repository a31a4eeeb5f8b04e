"""Subflows: a flow with them is the flow that one would write by hand, and what is wrong with them is told where it stands."""

import pytest
from hypothesis import given, settings

from callengine.errors import FlowError
from callengine.fsm import Chart, Enter, Leave, compile_flow, explain, load
from callengine.fsm.case_rules import check_cases
from callengine.fsm.cases import CaseFile, load_cases
from callengine.fsm.matchers import Test
from callengine.fsm.renaming import renamed
from callengine.fsm.step import Step
from callengine.fsm.steps import Branch, BranchCase, Menu, Option, Queue, RouteByIntent
from callengine.fsm.subflows import steps_of
from callengine.model import Intent, Outcome, StepId
from tests.fsm.files import findings, loaded, only
from tests.fsm.interpreter import explore
from tests.fsm.sections import Sections, sections

ASK = """
    ask:
      - {step: start, type: entry, next: hear}
      - {step: hear, type: record, next: heard, on_empty: count, on_failure: count}
      - {step: count, type: check_retry_limit, counter: tries, max_count: 1, within_limit: start, exceeded: gave_up}
      - {step: heard, type: return}
      - {step: gave_up, type: return, outcome: silent}
"""
USED_TWICE = """
    - {step: start, type: entry, next: one}
    - {step: one, type: subflow, flow: ask, returns: {done: two, silent: missed}}
    - {step: two, type: subflow, flow: ask, returns: {done: missed, silent: missed}}
    - {step: missed, type: set_result, result: unknown, next: bye}
    - {step: bye, type: play_prompt, prompt: bye, next: end}
    - {step: end, type: hangup}
"""


def content(subflows: str = ASK, flow: str = USED_TWICE) -> bytes:
    head = "scenario:\n  name: demo\n  prompts: {bye: 'sound:bye'}\n"
    return f"{head}  subflows: {subflows}\n  flow: {flow}\n".encode()


def chart_of(file: bytes) -> Chart:
    scenario = loaded(file)
    return compile_flow(scenario, scenario.flow)


def skipping(chart: Chart, step: StepId | None) -> StepId | None:
    """The next step that stands in the hand-written flow too."""
    while step is not None and isinstance(chart.steps[step], Enter | Leave):
        (outcome,) = chart.outcomes[step]
        step = chart.after(step, outcome)
    return step


class TestWrittenOut:
    @settings(deadline=None, max_examples=150)
    @given(sections())
    def test_it_behaves_as_the_same_steps_written_out_by_hand(self, made: Sections) -> None:
        chart, by_hand = chart_of(made.file()), chart_of(made.file_by_hand())
        own = {step for step, each in chart.steps.items() if not isinstance(each, Enter | Leave)}
        assert own == set(by_hand.steps)
        assert chart.counters == by_hand.counters
        for step in own:
            assert type(chart.steps[step]) is type(by_hand.steps[step])
            assert chart.steps[step].bound() == by_hand.steps[step].bound()
            assert chart.outcomes[step] == by_hand.outcomes[step]
            for outcome in chart.outcomes[step]:
                assert skipping(chart, chart.after(step, outcome)) == by_hand.after(step, outcome)
                assert chart.result_at_end(step, outcome) == by_hand.result_at_end(step, outcome)

    @settings(deadline=None, max_examples=60)
    @given(sections())
    def test_lint_says_the_same_of_both(self, made: Sections) -> None:
        here, there = loaded(made.file()), loaded(made.file_by_hand())
        assert [(each.seconds, each.silence) for each in explain(here)] == [
            (each.seconds, each.silence) for each in explain(there)
        ]
        codes, by_hand = ({each.code for each in findings(file, "234")} for file in (made.file(), made.file_by_hand()))
        assert codes - {"F201"} == by_hand - {"F201"}  # a `return` that nothing leads to does not stand there

    def test_steps_and_counters_bear_the_name_of_the_step_that_uses_them(self) -> None:
        chart = chart_of(content())
        inner = ["hear", "count", "heard", "gave_up"]
        uses = [["one", *(f"one.{each}" for each in inner)], ["two", *(f"two.{each}" for each in inner)]]
        assert list(chart.steps) == ["start", *uses[0], *uses[1], "missed", "bye", "end"]
        assert chart.counters == {"one.tries", "two.tries"}
        assert chart.after(StepId("one.count"), Outcome("within_limit")) == "one"
        assert chart.after(StepId("two.gave_up"), Outcome("silent")) == "missed"
        assert chart.users[StepId("one.hear")] == "one"
        assert explore(chart).broken == frozenset()

    def test_the_id_depends_on_what_the_subflow_does(self) -> None:
        again = ASK.replace("max_count: 1", "max_count: 2")
        assert chart_of(content()).id == chart_of(b"# a remark\n" + content()).id
        assert chart_of(content()).id != chart_of(content(again)).id

    def test_every_step_that_a_call_can_come_to_is_listed(self) -> None:
        assert sum(step.type == "record" for step in steps_of(loaded(content()))) == 2

    def test_an_empty_section_is_as_good_as_none(self) -> None:
        plain = "\n    - {step: start, type: entry, next: end}\n    - {step: end, type: hangup}"
        assert findings(content("", plain)) == ()

    @pytest.mark.parametrize(
        "step",
        [
            RouteByIntent(id=StepId("a"), routes={Intent("yes"): StepId("b"), Intent("no"): StepId("c")}),
            Branch(
                id=StepId("a"),
                cases=(BranchCase(when=(Test(name="city", equals="b"),), next=StepId("b")),),
                otherwise=StepId("c"),
            ),
            Menu(
                id=StepId("a"),
                prompt="b",
                options=(Option(next=StepId("b"), key="1"), Option(next=StepId("c"), words=("b",))),
                on_no_input=StepId("b"),
                on_no_match=StepId("c"),
            ),
            Queue(
                id=StepId("a"),
                agent_type="inbound",
                on_success=StepId("b"),
                on_failure=StepId("c"),
                on_timeout=StepId("b"),
                leave_key="1",
                on_leave=StepId("c"),
            ),
        ],
        ids=lambda step: step.type,
    )
    def test_any_step_can_stand_in_one(self, step: Step) -> None:
        here = renamed(step, lambda name: StepId(f"ask.{name}"))
        assert here.id == "ask.a"
        assert here.targets() == {outcome: target and f"ask.{target}" for outcome, target in step.targets().items()}
        assert renamed(here, lambda name: StepId(name.removeprefix("ask."))) == step


class TestFindings:
    def test_a_fault_of_a_subflow_is_told_once_at_its_place(self) -> None:
        bad = ASK.replace("on_empty: count, on_failure: count", "on_empty: count")
        finding = only(content(bad), "2")
        assert (finding.line, finding.column, finding.code) == (7, 16, "F206")
        assert (finding.flow, finding.step) == ("subflows.ask", "one.hear")
        assert finding.message.startswith("step 'one.hear': `on_failure` is left out")

    def test_both_flows_use_it_and_it_is_told_once(self) -> None:
        bad = content(ASK.replace("on_empty: count, on_failure: count", "on_empty: count")).decode()
        both = f"{bad}\n  inbound_flow: {USED_TWICE}"
        assert [each.code for each in findings(both.encode(), "2")] == ["F206"]

    def test_what_is_wrong_with_one_use_alone_is_told(self) -> None:
        classify = """
    think:
      - {step: start, type: entry, next: find}
      - {step: find, type: classify_intent, next: back, on_failure: back}
      - {step: back, type: return}
"""
        flow = """
    - {step: start, type: entry, next: one}
    - {step: one, type: subflow, flow: ask, returns: {done: good, silent: bad}}
    - {step: good, type: subflow, flow: think, returns: {done: missed}}
    - {step: bad, type: subflow, flow: think, returns: {done: missed}}
    - {step: missed, type: set_result, result: unknown, next: bye}
    - {step: bye, type: play_prompt, prompt: bye, next: end}
    - {step: end, type: hangup}
"""
        finding = only(content(ASK + classify, flow), "3")
        assert (finding.code, finding.flow, finding.step) == ("F301", "subflows.think", "bad.find")

    def test_references_in_its_text_are_judged_once_used_or_not(self) -> None:
        bad = ASK.replace("next: heard,", "next: haerd,")
        finding = only(content(bad))
        assert (finding.code, finding.flow, finding.step) == ("F101", "subflows.ask", "hear")
        assert finding.message.endswith("`subflows.ask` has no such step; did you mean 'heard'?")
        spare = bad.replace("    ask:", "    spare:")
        assert [each.code for each in findings(content(ASK + spare))] == ["F117", "F101"]

    def test_each_has_an_entry_and_ids_of_its_own(self) -> None:
        twins = "\n    ask:\n      - {step: hear, type: return}\n      - {step: hear, type: hangup}\n"
        assert {each.code for each in findings(content(twins))} == {"F107", "F108", "F112"}

    def test_a_fault_of_the_file_names_the_step(self) -> None:
        bad = ASK.replace("max_count: 1", "max_count: many")
        finding = only(content(bad))
        assert (finding.code, finding.flow, finding.step) == ("F015", "subflows.ask", "count")
        assert finding.message.startswith("step 'count': `max_count` must be a whole number")
        assert only(content("{ask: 5}")).message.startswith("`subflows.ask` must be a list")
        assert only(content("[ask]")).message.startswith("`subflows` must be a mapping")

    def test_a_close_name_is_suggested(self) -> None:
        first, second = USED_TWICE.split("    - {step: two", 1)
        flow = first.replace("flow: ask", "flow: asc") + "    - {step: two" + second.replace("silent:", "sillent:")
        found = findings(content(ASK, flow))
        assert [(each.code, each.step) for each in found] == [("F110", "one"), ("F113", "two"), ("F112", "two")]
        assert found[0].message.endswith("did you mean 'ask'?")
        assert found[2].message.endswith("did you mean 'silent'?")

    def test_ids_that_clash_only_when_put_in_place(self) -> None:
        flow = USED_TWICE.replace("bye", "one.hear").replace("prompt: one.hear", "prompt: bye")
        finding = only(content(ASK, flow))
        assert (finding.code, finding.flow, finding.step) == ("F107", "flow", "one.hear")
        assert finding.message == (
            "step 'one.hear': the step on line 7 has the id 'one.hear' too, where 'one' uses it; rename one of them"
        )

    def test_a_cycle_is_named(self) -> None:
        def using(name: str, other: str) -> str:
            step = f"      - {{step: a, type: subflow, flow: {other}, returns: {{done: back}}}}\n"
            back = "      - {step: back, type: return}\n"
            return f"    {name}:\n      - {{step: start, type: entry, next: a}}\n{step}{back}"

        flow = USED_TWICE.replace(", silent: missed", "")
        finding = only(content("\n" + using("ask", "b") + using("b", "c") + using("c", "ask"), flow))
        assert (finding.code, finding.flow) == ("F111", "subflows.ask")
        assert "('ask' -> 'b' -> 'c' -> 'ask')" in finding.message

    def test_steps_of_a_use_that_nothing_leads_to_are_not_blamed(self) -> None:
        flow = USED_TWICE.replace("done: two", "done: missed")
        assert [(each.code, each.step) for each in findings(content(ASK, flow), "2")] == [("F201", "two")]

    def test_what_cannot_be_put_in_place_does_not_compile(self) -> None:
        for file in (content(ASK, USED_TWICE.replace("ask", "asc")), content("", "\n    - {step: a, type: return}")):
            scenario = load(file, "x.yaml").scenario
            assert scenario is not None
            with pytest.raises(FlowError, match="callengine lint"):
                compile_flow(scenario, scenario.flow)


class TestFlowTests:
    @staticmethod
    def case(expected: str) -> CaseFile:
        text = f"scenario: demo.yaml\ncases:\n  - {{name: one, call: [answers], expect: {{result: unknown, {expected}}}}}\n"
        file = load_cases(text.encode(), "demo.test.yaml").file
        assert file is not None
        return file

    def test_cases_name_steps_as_the_chart_does(self) -> None:
        scenario = loaded(content())
        assert check_cases(self.case("steps: [one, one.hear, two.count]"), scenario) == ()
        (finding,) = check_cases(self.case("steps: [hear]"), scenario)
        assert finding.code == "T102"
