"""Rules F3xx: nothing is read before it is set, and every call has the result that its author meant."""

from collections.abc import Iterator

from callengine.fsm import codes
from callengine.fsm.analysis import Analysis
from callengine.fsm.declarations import RESULT, Type, Variable
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.spelling import Names
from callengine.model import FAILED, OWN_RESULTS, PANEL_RESULTS

KNOWN_RESULTS = (*PANEL_RESULTS, *OWN_RESULTS)


def unset_variables(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        for variable in flow.graph.steps[place].reading():
            if not variable.given and not flow.facts.hold_at(place, variable):
                message = (
                    f"reads the {variable.name}, which is not set {_whence(flow, place, variable)}; set it on every way here"
                )
                yield flow.finding(codes.UNSET_VARIABLE, message, place, "step")


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
    first: dict[str, Variable] = {}
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
    yield from step.reading()
    for outcome, _ in flow.graph.ways[place]:
        yield from step.defining(outcome)


def _described(variable: Variable) -> str:
    if not variable.given:
        return f"the call's {variable.name}"
    return "a counter" if variable.type is Type.INT else "a field of the contact"
