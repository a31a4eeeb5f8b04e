"""Rules F4xx, and the two figures behind them."""

from math import inf

from callengine.fsm import Explanation, explain, load
from tests.fsm.files import FLOWS, data, findings, loaded, only, places, with_flow

START = "step: start, type: entry, next: ask"
ASK = "step: ask, type: play_prompt, prompt: hello, next: hear"
HEAR = "step: hear, type: record, next: think, on_empty: again, on_failure: done"
THINK = "step: think, type: classify_intent, {}next: route, on_failure: done"
ROUTE = "step: route, type: route_by_intent, routes: {unknown: done}"
AGAIN = "step: again, type: check_retry_limit, counter: c, max_count: {}, within_limit: ask, exceeded: done"
DONE = "step: done, type: set_result, result: unknown, next: bye"
BYE = "step: bye, type: play_prompt, prompt: hello, next: end"
END = "step: end, type: hangup"
CALL = "step: call, type: transfer_to_operator, agent_type: outbound, on_success: {}, on_failure: {}"
PROMPTS = "{hello: 'sound:hello', onhold: 'sound:hold'}"


def asking(most: int = 2, meanwhile: str = "prompt: hello, ", **parts: str) -> bytes:
    steps = (START, ASK, HEAR, THINK.format(meanwhile), ROUTE, AGAIN.format(most), DONE, BYE, END)
    return with_flow(*steps, prompts=PROMPTS, **parts)


def explained(content: bytes) -> Explanation:
    (explanation,) = explain(loaded(content))
    return explanation


def told(explanation: Explanation) -> list[str]:
    return [f"{stop.step} {stop.seconds:g} x{stop.times}" for stop in explanation.path if stop.seconds]


def test_the_longest_call_goes_round_as_often_as_the_counter_allows() -> None:
    explanation = explained(asking())
    rounds = ["ask 120 x1", "hear 45 x1"]
    assert told(explanation) == [*rounds, *rounds, *rounds, "think 150 x1", "bye 120 x1"]
    assert explanation.seconds == 3 * (120 + 45) + 150 + 120


def test_a_loop_stands_once_in_the_path_however_often_it_is_gone_round() -> None:
    explanation = explained(asking(most=7))
    assert told(explanation)[2:4] == ["ask 120 x6", "hear 45 x6"]
    assert explanation.seconds == 8 * (120 + 45) + 150 + 120


def test_the_scenario_s_recordings_count_with_their_length() -> None:
    assert explained(asking(stt="{max_duration: 60}")).seconds - explained(asking()).seconds == 3 * 50


def test_a_limit_of_zero_lets_nobody_pass() -> None:
    assert explained(asking(most=0)).seconds == 120 + 45 + 150 + 120


def test_counters_of_their_own_add_up_and_a_shared_one_does_not() -> None:
    def content(counter: str) -> bytes:
        hear = HEAR.replace("on_failure: done", "on_failure: more")
        more = f"step: more, type: check_retry_limit, counter: {counter}, max_count: 2, within_limit: ask, exceeded: done"
        return with_flow(START, ASK, hear, THINK.format(""), ROUTE, AGAIN.format(2), more, DONE, BYE, END, prompts=PROMPTS)

    assert explained(content("d")).seconds - explained(content("c")).seconds == 2 * (120 + 45)


def test_the_path_stays_short_however_many_loops_lie_in_each_other() -> None:
    steps = []
    for n in range(500):
        on = f"h{n + 1}" if n < 499 else "done"
        steps.append(f"step: h{n}, type: record, next: c{n}, on_empty: {on}, on_failure: done")
        steps.append(f"step: c{n}, type: check_retry_limit, counter: k{n}, max_count: 3, within_limit: h0, exceeded: {on}")
    content = with_flow("step: start, type: entry, next: h0", *steps, DONE, BYE, END, prompts=PROMPTS)
    assert len(explained(content).path) <= 3 * len(steps)


def test_a_loop_without_a_bound_is_the_path_of_a_call_without_end() -> None:
    explanation = explained(asking().replace(b"on_empty: again", b"on_empty: ask"))
    assert explanation.seconds == inf
    assert [stop.step for stop in explanation.path] == ["ask", "hear"]


def test_the_flows_that_come_with_the_engine() -> None:
    flows = [explain(loaded((FLOWS / name).read_bytes())) for name in ("appointment.yaml", "course_offer.yaml")]
    assert [each.flow for flow in flows for each in flow] == ["flow", "inbound_flow"] * 2
    assert all(each.seconds <= 1_800 and each.silence <= 30 for flow in flows for each in flow)


def test_nothing_is_explained_of_a_flow_with_wrong_references() -> None:
    scenario = load(asking(inbound_flow="[{step: start, type: entry, next: nowhere}]"), "x.yaml").scenario
    assert scenario is not None
    assert [each.flow for each in explain(scenario)] == ["flow"]


def test_a_call_that_outlasts_the_engine_s_patience() -> None:
    finding = only(asking(most=50), "4")
    assert (finding.code, finding.step) == ("F401", "ask")
    assert "lasts 8,685 seconds, but it is hung up after 3,600" in finding.message


def test_two_providers_one_after_the_other_are_too_long_a_silence() -> None:
    content = asking(meanwhile="")
    explanation = explained(content)
    assert (explanation.silence, [stop.step for stop in explanation.silent_path]) == (60, ["hear", "think"])
    finding = only(content, "4")
    assert (finding.code, finding.step) == ("F402", "think")
    assert "hear nothing for 60 seconds, from 'hear' on" in finding.message


def test_a_silent_loop_is_as_long_as_its_counter_lets_it_be() -> None:
    think = THINK.format("").replace("on_failure: done", "on_failure: retry")
    retry = "step: retry, type: check_retry_limit, counter: t, max_count: 3, within_limit: think, exceeded: done"
    steps = (START, ASK, HEAR, think, retry, ROUTE, AGAIN.format(1), DONE, BYE, END)
    assert explained(with_flow(*steps, prompts=PROMPTS)).silence == 30 + 4 * 30


def test_waiting_with_nobody_is_a_silence_without_end_and_with_an_operator_none() -> None:
    steps = ("step: start, type: entry, next: call", CALL.format("stay", "stay"), "step: stay, type: wait")
    assert explained(with_flow(*steps, prompts=PROMPTS)).silence == inf
    finding = only(with_flow(*steps, prompts=PROMPTS), "4")
    assert (finding.code, finding.step) == ("F402", "stay")
    connected = ("step: start, type: entry, next: call", CALL.format("stay", "end"), "step: stay, type: wait", END)
    assert explained(with_flow(*connected, prompts=PROMPTS)).silence == 0
    assert findings(with_flow(*connected, prompts=PROMPTS), "4") == ()


def test_hold_audio() -> None:
    steps = ("step: start, type: entry, next: call", CALL.format("stay", "end"), "step: stay, type: wait", END)
    assert [code for _, _, code in places(with_flow(*steps), "4")] == ["F403"]


def test_words_at_the_end() -> None:
    content = asking().replace(b"on_failure: done", b"on_failure: end")
    assert [(finding.code, finding.step) for finding in findings(content, "4")] == [("F404", "end")]


def test_whoever_talks_to_an_operator_needs_no_farewell() -> None:
    steps = ("step: start, type: entry, next: call", CALL.format("hear", "end"), "step: hear, type: record, next: end", END)
    assert findings(with_flow(*steps, prompts=PROMPTS), "4")[0].code == "F404"
    steps = ("step: start, type: entry, next: call", CALL.format("over", "end"), "step: over, type: disconnect", END)
    assert findings(with_flow(*steps, prompts=PROMPTS), "4") == ()


def test_connected_is_true_behind_the_transfer_that_succeeded_only() -> None:
    said = "step: said, type: set_result, result: connected_to_operator, next: bye"
    for on_failure, codes in (("bye", []), ("said", ["F405"])):
        steps = ("step: start, type: entry, next: call", CALL.format("said", on_failure), said, BYE, END)
        assert [finding.code for finding in findings(with_flow(*steps, prompts=PROMPTS), "4")] == codes


def test_the_field_s_second_file_promises_a_transfer_that_it_does_not_contain() -> None:
    assert ("F405", "handle_yes") in [(each.code, each.step) for each in findings(data("new_scenario.yaml"), "4")]
