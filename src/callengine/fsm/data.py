"""Rules F3xx: nothing is read before it is set, and every call has the result that its author meant."""

from collections.abc import Iterator

from callengine.fsm import codes
from callengine.fsm.analysis import Analysis
from callengine.fsm.declarations import OF_EVERY_CALL, RESULT, Type, Variable, contact_field
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.matchers import Test, is_number
from callengine.fsm.scenario import Scenario
from callengine.fsm.spelling import Names
from callengine.fsm.steps import Branch
from callengine.fsm.uses import place_of
from callengine.model import FAILED, OWN_RESULTS, PANEL_RESULTS

NUMBER = "number"
"""What every contact has."""

KNOWN_RESULTS = (*PANEL_RESULTS, *OWN_RESULTS)


def unset_variables(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        for variable in flow.graph.readings[place]:
            if not variable.given and not flow.facts.hold_at(place, variable):
                message = (
                    f"reads the {variable.name}, which is not set {_whence(flow, place, variable)}; set it on every way here"
                )
                yield flow.finding(codes.UNSET_VARIABLE, message, place, *place_of(flow.graph.steps[place], variable.name))


def missing_results(flow: Analysis) -> Iterator[Finding]:
    if flow.flow.name == "inbound_flow":  # such a call is an `inbound_call` unless its flow says otherwise
        return
    for place in flow.graph.order:
        if not flow.graph.ways[place] and not flow.facts.hold_at(place, RESULT):
            whence = _whence(flow, place, RESULT)
            message = f"the call is over, and no result is set {whence}; put a set_result before it on every way"
            yield flow.finding(codes.NO_RESULT, message, place, "step")


def _whence(flow: Analysis, place: int, variable: Variable) -> str:
    """From where a call comes to a step without the variable."""
    for before, outcome in flow.graph.predecessors[place]:
        if not flow.facts.hold_after(before, outcome, variable):
            return f"when it comes from {quoted(flow.graph.steps[before].id)} by `{outcome}`"
    return "at the beginning of the call"


def overwritten_results(flow: Analysis) -> Iterator[Finding]:
    seen = _seen(flow)
    for place in flow.graph.order:
        result = flow.graph.steps[place].result_set()
        if result is not None and not any(target in seen for _, target in flow.graph.ways[place]):
            message = f"the result {quoted(result)} is overwritten before it can count; take this step out, or the one after it"
            yield flow.finding(codes.LOST_RESULT, message, place, "result")


def _seen(flow: Analysis) -> frozenset[int]:
    """The steps at which a result that was set before may become that of the call: it ends, or somebody may hang up."""
    graph = flow.graph
    seen = {place for place in graph.order if not graph.ways[place] or graph.airs[place].seconds > 0}
    waiting = list(seen)
    while waiting:
        for before, outcome in graph.predecessors[waiting.pop()]:
            if before not in seen and RESULT not in graph.steps[before].defining(outcome):
                seen.add(before)
                waiting.append(before)
    return frozenset(seen)


def unknown_results(flow: Analysis) -> Iterator[Finding]:
    names = Names(KNOWN_RESULTS)
    for place, step in enumerate(flow.graph.steps):
        result = step.result_set()
        if result is not None and result not in KNOWN_RESULTS and not (result.startswith(FAILED) and result != FAILED):
            hint = names.hint(result) or f"; write one of them, or `{FAILED}` and a reason"
            message = f"{quoted(result)} is no result that panels know{hint}"
            yield flow.finding(codes.UNKNOWN_RESULT, message, place, "result")


def ambiguous_names(flow: Analysis) -> Iterator[Finding]:
    first = {name: contact_field(name) for name in flow.scenario.contact_fields}
    for place in flow.graph.order:
        for variable in _named_by(flow, place):
            other = first.setdefault(variable.name, variable)
            if other is not variable and other != variable:
                here, there = _described(variable), _described(other)
                message = f"{quoted(variable.name)} is {here} here and {there} elsewhere; rename one of them"
                yield flow.finding(codes.AMBIGUOUS_NAME, message, place, "step")
                break


def _named_by(flow: Analysis, place: int) -> Iterator[Variable]:
    step = flow.graph.steps[place]
    yield from flow.graph.readings[place]
    for outcome, _ in flow.graph.ways[place]:
        yield from step.defining(outcome)


def _described(variable: Variable) -> str:
    if variable in OF_EVERY_CALL:
        return f"the call's {variable.name}"
    if not variable.given:
        return f"a {variable.type.value} that the flow sets"
    return "a counter" if variable.type is Type.INT else "a field of the contact"


def unknown_fields(flow: Analysis) -> Iterator[Finding]:
    declared = flow.scenario.contact_fields
    if not declared:
        return
    names = Names(declared)
    for place in flow.graph.order:
        for variable in flow.graph.readings[place]:
            if variable == contact_field(variable.name) and variable.name not in {*declared, NUMBER}:
                hint = names.hint(variable.name) or "; add it to `contact_fields`, or have a step set it"
                message = f"reads {quoted(variable.name)}, which is no field of the contact and which no step sets{hint}"
                yield flow.finding(codes.UNKNOWN_FIELD, message, place, *place_of(flow.graph.steps[place], variable.name))


def unfit_tests(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        step = flow.graph.steps[place]
        types = {variable.name: variable.type for variable in flow.graph.readings[place]}
        for index, case in enumerate(step.cases if isinstance(step, Branch) else ()):
            for number, test in enumerate(case.when):
                why = _unfit(test, types.get(test.name or ""), flow.scenario)
                if why:
                    message = f"{quoted(test.name or '')} {why}; change the test"
                    yield flow.finding(codes.UNFIT_TEST, message, place, "cases", index, "when", number)


def _unfit(test: Test, kind: Type | None, scenario: Scenario) -> str:
    """Why a test does not fit what it tests; empty if it does."""
    wanted = [text for text in (test.equals, *(test.one_of or ())) if text is not None]
    field = scenario.contact_fields.get(test.name or "")
    if test.at_least is not None and test.at_most is not None and test.at_least > test.at_most:
        return f"cannot be at least {test.at_least:,.12g} and at most {test.at_most:,.12g}"
    if test.one_of == ():
        return "can be none of no words"
    if kind is Type.INTENT and test.numeric:
        return "is an intent, and no number"
    if field == "text" and test.numeric:
        return "is text by `contact_fields`, and no number"
    if kind is Type.INTENT and wanted and not set(wanted).intersection(scenario.llm.intents):
        return f"is one of the declared intents, not {quoted(wanted[0])}"
    numeric = kind in (Type.INT, Type.NUMBER) or field == "number"
    if numeric and wanted and not any(text == "" or is_number(text) for text in wanted):
        return f"is a number, not {quoted(wanted[0])}"
    return ""
