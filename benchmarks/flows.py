"""Lint and compile of flows that grow. The files are made of the steps real ones have, in their proportions."""

from collections.abc import Iterable, Iterator

from benchmarks.figures import MILLI, Figure, cpu_of
from callengine.fsm import compile_flow, lint, load

HEAD = """scenario:
  name: long
  prompts: {hello: "sound:hello"}
  llm:
    prompt_template: "Answer with one of {intent_categories}: {transcript}"
    intent_categories: [yes, no, unknown]
    fallback_tokens: {yes: ["yes"], no: ["no"]}
  flow:
    - {step: start, type: entry, next: ask_0}
"""

ROUND = """    - {{step: ask_{n}, type: play_prompt, prompt: hello, next: hear_{n}}}
    - {{step: hear_{n}, type: record, next: think_{n}, on_empty: again_{n}, on_failure: again_{n}}}
    - {{step: think_{n}, type: classify_intent, next: route_{n}, on_failure: again_{n}}}
    - {{step: route_{n}, type: route_by_intent, routes: {{yes: {then}, no: end, unknown: again_{n}}}}}
    - {{step: again_{n}, type: check_retry_limit, counter: c{n}, max_count: 2, within_limit: ask_{n}, exceeded: end}}
"""

MIXED_ROUND = """    - {{step: ask_{n}, type: play_prompt, prompt: hello, next: greet_{n}}}
    - {{step: greet_{n}, type: say, text: "Hello {{name}}", next: menu_{n}, on_failure: menu_{n}}}
    - {{step: menu_{n}, type: menu, prompt: hello, options: [{{key: 1, next: key_{n}}}], on_no_input: r{n}, on_no_match: r{n}}}
    - {{step: key_{n}, type: collect_digits, prompt: hello, variable: v, next: set_{n}, on_no_input: r{n}, on_invalid: r{n}}}
    - {{step: set_{n}, type: set, values: {{w: "{{v}}"}}, add: {{visits: 1}}, next: sort_{n}}}
    - {{step: sort_{n}, type: branch, cases: [{{when: [{{name: w, equals: 5}}], next: {then}}}], otherwise: {then}}}
    - {{step: r{n}, type: check_retry_limit, counter: c{n}, max_count: 2, within_limit: ask_{n}, exceeded: end}}
"""

TAIL = """    - {step: end, type: set_result, result: unknown, next: bye}
    - {step: bye, type: hangup}
"""

LINT_BUDGETS = {20: "", 1_000: "", 10_000: "<= 1,200"}
COMPILE_BUDGETS = {20: "<= 5", 1_000: "<= 80"}


def flow_of(steps: int, round_of_steps: str = ROUND) -> bytes:
    """A file with about so many steps and no error."""
    each = round_of_steps.count("\n")
    rounds = (steps - 3 + each - 1) // each
    return (HEAD + "".join(_rounds(round_of_steps, rounds)) + TAIL).encode()


def _rounds(text: str, count: int) -> Iterator[str]:
    for number in range(count):
        yield text.format(n=number, then=f"ask_{number + 1}" if number + 1 < count else "end")


def measure() -> Iterable[Figure]:
    for steps, budget in LINT_BUDGETS.items():
        yield Figure(f"lint of {steps:,} steps, parsing included", _lint(steps) * MILLI, "ms CPU", budget)
    yield Figure("lint of 10,000 steps of other kinds", _lint(10_000, MIXED_ROUND) * MILLI, "ms CPU", "<= 1,200")
    for steps, budget in COMPILE_BUDGETS.items():
        yield Figure(f"compile of {steps:,} steps", _compile(steps) * MILLI, "ms CPU", budget)


def _lint(steps: int, round_of_steps: str = ROUND) -> float:
    data = flow_of(steps, round_of_steps)
    errors = [str(finding) for finding in lint(data, "long.yaml") if finding.severity.value == "error"]
    assert not errors, errors[0]
    return cpu_of(lambda: lint(data, "long.yaml"), rounds=3)


def _compile(steps: int) -> float:
    scenario = load(flow_of(steps), "long.yaml").scenario
    assert scenario is not None, "it has no error"
    return cpu_of(lambda: compile_flow(scenario, scenario.flow), rounds=5)
