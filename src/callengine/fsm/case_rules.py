"""What is wrong with flow tests besides their form: T1xx, judged against the scenario they test.

docs/flow-tests.md shows a bad and a good example of each; a test runs them.
"""

import json
from collections.abc import Iterable, Iterator

from callengine.fsm.acts import BEGINNINGS, TAKES, Does, Takes
from callengine.fsm.cases import Case, CaseFile
from callengine.fsm.findings import Code, Finding, Severity, quoted
from callengine.fsm.load import by_place
from callengine.fsm.nodes import Position
from callengine.fsm.scenario import Scenario
from callengine.fsm.spelling import Names
from callengine.fsm.subflows import expand

UNKNOWN_PROMPT = Code("T101", Severity.ERROR, "a prompt that the scenario does not have")
UNKNOWN_STEP = Code("T102", Severity.ERROR, "a step that the tested flow does not have")
OUT_OF_PLACE = Code("T103", Severity.ERROR, "an act that cannot happen at this place of a call")
SAME_NAME = Code("T104", Severity.ERROR, "two cases of the same name")
NO_INBOUND_FLOW = Code("T105", Severity.ERROR, "a caller, but a scenario without an inbound flow")
NO_JSON = Code("T106", Severity.ERROR, "an answer to a request that is no JSON")

CASE_CODES = (UNKNOWN_PROMPT, UNKNOWN_STEP, OUT_OF_PLACE, SAME_NAME, NO_INBOUND_FLOW, NO_JSON)
"""The one table of them."""


def check_cases(file: CaseFile, scenario: Scenario) -> tuple[Finding, ...]:
    """What is wrong with a file that could be read, in the order of the file."""
    found = [*_same_names(file)]
    for number, case in enumerate(file.cases):
        found += [*_order(file, number, case), *_answers(file, case)]
        found += [*_prompts(file, number, case, scenario), *_steps(file, number, case, scenario)]
    return tuple(sorted(found, key=by_place))


def _finding(file: CaseFile, position: Position, code: Code, case: Case, message: str) -> Finding:
    words = f"case {quoted(case.name)} {message}"
    return Finding(file.path, position.line, position.column, code.id, code.severity, words)


def _same_names(file: CaseFile) -> Iterator[Finding]:
    first: dict[str, Position] = {}
    for number, case in enumerate(file.cases):
        here = file.position("cases", number, "name")
        known = first.setdefault(case.name, here)
        if known is not here:
            yield _finding(file, here, SAME_NAME, case, f"stands on line {known.line} too; give one of them another name")


def _order(file: CaseFile, number: int, case: Case) -> Iterator[Finding]:
    if not case.call or case.call[0].does not in BEGINNINGS:
        words = ", ".join(f"`{does.value}`" for does in BEGINNINGS)
        here = case.call[0].position if case.call else file.position("cases", number)
        yield _finding(file, here, OUT_OF_PLACE, case, f"does not begin with one of {words}; write it first")
    for before, act in zip(case.call, case.call[1:], strict=False):
        if act.does in BEGINNINGS:
            yield _finding(file, act.position, OUT_OF_PLACE, case, f"has `{act}` inside its call; a call begins once")
        elif before.does is Does.HANGS_UP:
            yield _finding(file, act.position, OUT_OF_PLACE, case, f"has `{act}` after `hangs up`; take it out")
        elif before is case.call[0] and not case.talks:
            yield _finding(file, act.position, OUT_OF_PLACE, case, f"has `{act}`, but nobody has answered; take it out")


def _answers(file: CaseFile, case: Case) -> Iterator[Finding]:
    for act in case.call:
        if TAKES[act.does] is Takes.JSON:
            try:
                json.loads(act.value)
            except (ValueError, RecursionError):
                message = f"has a request answered with {quoted(act.value)}, which is no JSON; write `'{{\"debt\": 5}}'`, say"
                yield _finding(file, act.position, NO_JSON, case, message)


def _prompts(file: CaseFile, number: int, case: Case, scenario: Scenario) -> Iterator[Finding]:
    heard = [(act.value, act.position) for act in case.call if TAKES[act.does] is Takes.PROMPT]
    heard += _listed(file, number, ("expect", "hears"), case.expect.hears)
    heard += _listed(file, number, ("must_not", "hear"), case.must_not.hear)
    for prompt, position in _unknown(heard, scenario.prompts):
        hint = Names(scenario.prompts).hint(prompt) or f"; the scenario has {', '.join(scenario.prompts) or 'none'}"
        yield _finding(file, position, UNKNOWN_PROMPT, case, f"knows the prompt {quoted(prompt)}, the scenario does not{hint}")


def _steps(file: CaseFile, number: int, case: Case, scenario: Scenario) -> Iterator[Finding]:
    flow = next((flow for flow in scenario.flows if flow.name == case.flow), None)
    if flow is None:
        message = "has a caller who calls us, but the scenario has no `inbound_flow`; add one, or begin with `answers`"
        yield _finding(file, case.call[0].position, NO_INBOUND_FLOW, case, message)
        return
    visited = [(act.value, act.position) for act in case.call if TAKES[act.does] is Takes.STEP]
    visited += _listed(file, number, ("expect", "steps"), case.expect.steps)
    visited += _listed(file, number, ("must_not", "visit"), case.must_not.visit)
    expansion = expand(scenario, flow)
    known = [] if expansion is None else [step.id for step in expansion.flow.steps]
    for step, position in _unknown(visited, known):
        hint = Names(known).hint(step) or "; correct its name"
        yield _finding(
            file, position, UNKNOWN_STEP, case, f"names the step {quoted(step)}, which {flow.name} does not have{hint}"
        )


def _listed(file: CaseFile, number: int, keys: tuple[str, str], words: Iterable[str]) -> list[tuple[str, Position]]:
    return [(word, file.position("cases", number, *keys, place)) for place, word in enumerate(words)]


def _unknown(named: Iterable[tuple[str, Position]], known: Iterable[str]) -> Iterator[tuple[str, Position]]:
    there = frozenset(known)
    return ((word, position) for word, position in named if word not in there)
