"""A drawing tells a reader what the chart does."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from callengine.fsm import Chart, compile_flow, draw_dot, draw_mermaid
from callengine.fsm.picture import MOST_RESULTS, Arrow, Counts, Loop, Picture, Visits, picture
from callengine.model import Outcome, StepId
from tests.fsm.files import data, loaded, with_flow
from tests.fsm.strategies import scenario_files

START = "step: start, type: entry, next: listen"
END = "step: end, type: hangup"
DRAW = pytest.mark.parametrize("draw", [draw_mermaid, draw_dot])
Draw = Callable[[Chart], str]


def chart_of(content: bytes) -> Chart:
    scenario = loaded(content)
    return compile_flow(scenario, scenario.flow)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def arrow(drawn: Picture, source: str, target: str | None) -> Arrow:
    names = {box.step.id: box.name for box in drawn.boxes}
    wanted = None if target is None else names[StepId(target)]
    (found,) = [each for each in drawn.arrows if (each.source, each.target) == (names[StepId(source)], wanted)]
    return found


def test_the_second_file_of_the_field_as_mermaid() -> None:
    drawn = lines(draw_mermaid(chart_of(data("new_scenario.yaml"))))
    assert drawn[:4] == ["---", 'title: "My Custom Scenario: flow"', "---", "flowchart TD"]
    for line in (
        's0(["start<br/>entry"])',
        's1["play_hello<br/>play_prompt: hello"]',
        's5["handle_yes<br/>set_result: connected_to_operator"]',
        "s0 --> s1",
        's2 -->|"next"| s3',
        's4 -->|"yes"| s5',
    ):
        assert line in drawn
    assert any(re.fullmatch(r's2 -\.->\|"on_failure"\| d\d+', line) for line in drawn)
    assert any(re.fullmatch(r'd\d+\(\["failed:record"\]\)', line) for line in drawn)


def test_the_second_file_of_the_field_as_dot() -> None:
    text = draw_dot(chart_of(data("new_scenario.yaml")))
    assert text.startswith("digraph flow {\n")
    assert "<b>My Custom Scenario: flow</b>" in text
    assert '<td><b>play_hello</b></td></tr><tr><td><font point-size="9">play_prompt: hello</font>' in text
    assert "s2 -> s3 [label=<&#160;next&#160;>]" in text
    assert re.search(r"s2 -> d\d+ \[style=dotted label=<&#160;on_failure&#160;>\]", text)


WORDS = '"سلام‌ها <b>&amp;|#x;`\\\\N [end]"'


@DRAW
def test_nothing_an_author_writes_breaks_a_label(draw: Draw) -> None:
    content = with_flow(
        f"step: start, type: entry, next: {WORDS}",
        f"step: {WORDS}, type: set_result, result: '\"]>', next: stop",
        f"step: stop, type: route_by_intent, routes: {{{WORDS}: end}}",
        END,
        display_name="'a \"b\" </b>'",
        llm=f"{{intent_categories: [{WORDS}]}}",
    )
    text = draw(chart_of(content))
    assert "<b>&amp;|" not in text
    if draw is draw_dot:
        assert "<b>سلام‌ها &lt;b&gt;&amp;amp;|#x;`\\N [end]</b>" in text
    else:
        assert 'title: "a \\"b\\" </b>: flow"' in text
        assert 's1["سلام‌ها #60;b#62;#38;amp#59;#124;#35;x#59;#96;#92;N #91;end#93;<br/>set_result: #34;#93;#62;"]' in text


@DRAW
def test_very_long_words_are_cut(draw: Draw) -> None:
    word = "x" * 1000
    text = draw(chart_of(with_flow(f"step: start, type: entry, next: {word}", f"step: {word}, type: wait")))
    assert "x" * 41 not in text
    assert "x" * 40 + "…" in text


LOOPS = (
    START,
    "step: listen, type: record, next: count, on_empty: again, on_failure: end",
    "step: count, type: check_retry_limit, counter: asked, max_count: 3, within_limit: listen, exceeded: end",
    "step: again, type: play_prompt, prompt: hello, next: listen",
    END,
)


def test_a_loop_shows_its_limit_or_that_it_has_none() -> None:
    drawn = picture(chart_of(with_flow(*LOOPS, prompts="{hello: 'sound:x'}")))
    assert arrow(drawn, "start", "listen").loop is Loop.NONE
    assert arrow(drawn, "listen", "count").loop is Loop.LIMITED
    assert arrow(drawn, "count", "listen").loop is Loop.LIMITED
    assert arrow(drawn, "count", "listen").labels == ("within_limit (at most 3×)",)
    assert arrow(drawn, "count", "end").labels == ("exceeded (after 3×)",)
    assert arrow(drawn, "again", "listen").loop is Loop.ENDLESS


@DRAW
def test_both_kinds_of_loop_have_their_colour(draw: Draw) -> None:
    text = draw(chart_of(with_flow(*LOOPS, prompts="{hello: 'sound:x'}")))
    assert text.count("#1a5fb4") >= 2
    assert text.count("#c01c28") >= 2


def test_ways_to_the_same_place_share_an_arrow() -> None:
    route = "step: listen, type: route_by_intent, routes: {yes: end, no: end}"
    drawn = picture(chart_of(with_flow(START, route, END, llm="{intent_categories: [yes, no]}")))
    assert arrow(drawn, "listen", "end").labels == ("yes", "no")


def test_an_end_shows_the_results_that_calls_can_have_there() -> None:
    drawn = picture(chart_of(data("new_scenario.yaml")))
    (end,) = [box for box in drawn.boxes if box.step.type == "hangup"]
    assert end.details == ("not_interested", "unknown")


def test_of_many_results_some_are_named() -> None:
    count = MOST_RESULTS + 2
    routes = ", ".join(f"i{number}: set{number}" for number in range(count))
    setters = [f"step: set{number}, type: set_result, result: r{number}, next: end" for number in range(count)]
    intents = f"{{intent_categories: [{', '.join(f'i{number}' for number in range(count))}]}}"
    content = with_flow(START, f"step: listen, type: route_by_intent, routes: {{{routes}}}", *setters, END, llm=intents)
    end = picture(chart_of(content)).boxes[-1]
    assert len(end.details) == MOST_RESULTS + 1
    assert end.details[-1] == "and others"


NESTED = b"""
scenario:
  name: demo
  subflows:
    inner: [{step: start, type: entry, next: back}, {step: back, type: return}]
    outer:
      - {step: start, type: entry, next: one}
      - {step: one, type: subflow, flow: inner, returns: {done: two}}
      - {step: two, type: subflow, flow: inner, returns: {done: back}}
      - {step: back, type: return, outcome: over}
  flow:
    - {step: start, type: entry, next: "a<b"}
    - {step: "a<b", type: subflow, flow: outer, returns: {over: last}}
    - {step: last, type: subflow, flow: inner, returns: {done: end}}
    - {step: end, type: hangup}
"""


def test_the_steps_of_a_subflow_stand_together() -> None:
    chart = chart_of(NESTED)
    assert arrow(picture(chart), "a<b.back", "last").labels == ("over",)
    groups = [
        line
        for line in lines(draw_mermaid(chart))
        if line == "end" or line.startswith("subgraph") or '"]' in line or '")' in line
    ]
    assert [re.sub(r'^(subgraph )?.*?"(.*?)(<br/>.*)?".*', r"\1\2", line) for line in groups[1:]] == [
        *("subgraph a#60;b", "a#60;b"),
        *("subgraph a#60;b.one", "a#60;b.one", "a#60;b.one.back", "end"),
        *("subgraph a#60;b.two", "a#60;b.two", "a#60;b.two.back", "end"),
        *("a#60;b.back", "end"),
        *("subgraph last", "last", "last.back", "end"),
        "end",
    ]
    dot = draw_dot(chart)
    assert dot.count("subgraph cluster_") == 4
    assert dot.count("{") == dot.count("}")
    assert "label=<a&lt;b> labeljust" in dot


MENU = "step: listen, type: menu, prompt: p, options: [{key: '#', next: end}, {key: '*', next: sort}], on_no_input: end"
SORT = """step: sort, type: branch, otherwise: end, cases: [
    {when: [{name: city, in: [Tehran, "شیراز"]}], next: listen},
    {when: [{name: debt, at_least: 5, at_most: 1000}, {name: "a\\"b", equals: "<x>"}], next: start2},
    {when: [{time: {from: "22:00", to: "06:30", days: [friday]}}], next: start3}]"""


@DRAW
def test_keys_and_conditions_can_be_read_at_their_arrows(draw: Draw) -> None:
    others = ("step: start2, type: opt_out, next: end", "step: start3, type: queue, agent_type: inbound, on_success: end")
    queue = f"{others[1]}, on_failure: end, on_timeout: end"
    steps = (START, f"{MENU}, on_no_match: end", SORT.replace("\n", " "), others[0], queue, END)
    chart = chart_of(with_flow(*steps, prompts="{p: 'sound:x'}"))
    drawn = picture(chart)
    assert arrow(drawn, "listen", "sort").labels == ("*",)
    assert "#" in arrow(drawn, "listen", "end").labels
    assert arrow(drawn, "sort", "listen").labels == ("case 1 (city in Tehran, شیراز)",)
    assert arrow(drawn, "sort", "start2").labels == ('case 2 (debt ≥ 5 and ≤ 1,000 and a"b…)',)
    assert arrow(drawn, "sort", "start3").labels == ("case 3 (22:00-06:30 friday)",)
    text = draw(chart)
    if draw is draw_dot:
        assert "&#160;*&#160;" in text
        assert 'case 2 (debt ≥ 5 and ≤ 1,000 and a"b…)' in text
        assert "shape=component" in text
    else:
        assert '|"#42;"|' in text
        assert '"#35;<br/>' in text
        assert "and a#34;b…)" in text


def test_counts_tell_what_was_visited() -> None:
    chart = chart_of(with_flow(*LOOPS, prompts="{hello: 'sound:x'}"))
    counts = {(StepId("start"), Outcome("next")): 1200, (StepId("listen"), Outcome("on_failure")): 1200}
    drawn = picture(chart, counts)
    assert [box.step.id for box in drawn.boxes if box.visited] == ["start", "listen", "end"]
    assert arrow(drawn, "start", "listen").labels == ("[1,200]",)
    assert arrow(drawn, "listen", "end").labels == ("on_failure [1,200]",)
    assert not arrow(drawn, "listen", "count").visited
    assert "class s2,s3 unvisited" in draw_mermaid(chart, counts)
    assert draw_dot(chart, counts).count("style=dashed") == 2 + 5
    assert "style=dashed" not in draw_dot(chart)


@DRAW
def test_visits_are_told_in_their_boxes(draw: Callable[[Chart, Counts, Visits], str]) -> None:
    """Whoever hung up while they were listened to came to that step, and left it by no way."""
    chart = chart_of(with_flow(*LOOPS, prompts="{hello: 'sound:x'}"))
    visits = {StepId("start"): 1200, StepId("listen"): 1200}
    drawn = picture(chart, {}, visits)
    assert [(box.visits, box.visited) for box in drawn.boxes] == [(1200, True)] * 2 + [(0, False)] * 3
    assert draw(chart, {}, visits).count("1,200×") == 2
    assert draw(chart, {}, visits).count(">0×") == 3


@DRAW
@settings(deadline=None, max_examples=50)
@given(content=scenario_files())
def test_every_step_and_outcome_is_drawn(draw: Draw, content: bytes) -> None:
    chart = chart_of(content)
    drawn = picture(chart)
    named = [label.split(" (")[0] for each in drawn.arrows for label in each.labels]
    several = [ways for ways in chart.outcomes.values() if ways != ("next",)]
    assert sorted(named) == sorted(outcome for ways in several for outcome in ways)
    assert [box.step.id for box in drawn.boxes] == list(chart.steps)
    text = draw(chart)
    assert len(re.findall(r"-\.?->" if draw is draw_mermaid else r"s\d+ -> \w", text)) == len(drawn.arrows)


@DRAW
def test_what_is_asked_and_said_is_drawn(draw: Draw) -> None:
    drawn = draw(
        chart_of(
            with_flow(
                "step: start, type: entry, next: choose",
                "step: choose, type: menu, prompt: hello, options: [{key: 1, next: tell}], on_no_input: done,"
                " on_no_match: done",
                "step: tell, type: say, text: 'Good day, sir', next: number, on_failure: done",
                "step: number, type: collect_digits, text: Your number, variable: it, next: done, on_no_input: done,"
                " on_invalid: done, on_failure: done",
                "step: done, type: set_result, result: unknown, next: end",
                END,
                prompts="{hello: 'sound:hello'}",
            )
        )
    )
    for words in ("menu: hello", "say: Good day, sir", "collect_digits: Your number"):
        assert words in drawn
