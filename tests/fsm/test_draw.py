"""A drawing tells a reader what the chart does."""

from hypothesis import given, settings

from callengine.fsm import compile_flow, draw_mermaid
from tests.fsm.files import data, loaded, with_flow
from tests.fsm.strategies import scenario_files


def drawn(content: bytes) -> str:
    scenario = loaded(content)
    return draw_mermaid(compile_flow(scenario, scenario.flow))


def test_the_second_file_of_the_field() -> None:
    lines = [line.strip() for line in drawn(data("new_scenario.yaml")).splitlines()]
    assert lines[:4] == ["---", 'title: "My Custom Scenario: flow"', "---", "flowchart TD"]
    for line in (
        's0(["start<br/>entry"])',
        's1["play_hello<br/>play_prompt: hello"]',
        's5["handle_yes<br/>set_result: connected_to_operator"]',
        's9((("do_hangup<br/>hangup")))',
        "s0 --> s1",
        's2 -->|"next"| s3',
        's2 -.->|"on_failure: failed:record"| ended',
        's4 -->|"yes"| s5',
    ):
        assert line in lines


def test_nothing_an_author_writes_breaks_a_label() -> None:
    words = '"سلام‌ها <b>|#x;` [end]"'
    text = drawn(
        with_flow(
            f"step: start, type: entry, next: {words}",
            f"step: {words}, type: set_result, result: '\"]', next: stop",
            "step: stop, type: wait",
            display_name="'a \"b\"'",
        )
    )
    assert 'title: "a \\"b\\": flow"' in text
    assert 's1["سلام‌ها #60;b#62;#124;#35;x#59;#96; #91;end#93;<br/>set_result: #34;#93;"]' in text


@settings(deadline=None)
@given(scenario_files())
def test_every_step_and_outcome_is_drawn(content: bytes) -> None:
    scenario = loaded(content)
    chart = compile_flow(scenario, scenario.flow)
    lines = draw_mermaid(chart).splitlines()
    arrows = [line for line in lines if "-->" in line or "-.->" in line]
    assert len(arrows) == sum(map(len, chart.outcomes.values()))
    assert len(lines) - len(arrows) - 4 - any("-.->" in line for line in arrows) == len(chart.steps)
