"""Rules F2xx: a call can come to every step, gets out of every loop, and every way it may go was thought of."""

from collections.abc import Iterator, Sequence

from callengine.fsm import codes
from callengine.fsm.analysis import Analysis
from callengine.fsm.declarations import OPERATOR
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.graph import Successors, cycle_in, loops

MOST_SHOWN = 6
"""Steps of a loop that a message names."""


def unreachable_steps(flow: Analysis) -> Iterator[Finding]:
    for place in range(len(flow.graph.steps)):
        if place not in flow.graph.reached and flow.is_used(place):
            message = "nothing leads here; take it out, or name it where it is meant to follow"
            yield flow.finding(codes.UNREACHABLE_STEP, message, place, "step")


def no_end(flow: Analysis) -> Iterator[Finding]:
    stuck = [place for place in sorted(flow.graph.reached) if place not in flow.graph.ending]
    for loop in loops(stuck, flow.graph.successors):
        inside = set(loop)
        if all(inside.issuperset(flow.graph.successors[place]) for place in loop):
            way = _round(flow, loop, flow.graph.successors)
            message = f"no end can be reached from here ({way}); lead one of its outcomes to a step that ends the call"
            yield flow.finding(codes.NO_END, message, loop[0], "step")


def loops_without_bound(flow: Analysis) -> Iterator[Finding]:
    for loop in loops(flow.graph.order, flow.graph.unbounded):
        if loop[0] in flow.graph.ending:
            way = _round(flow, loop, flow.graph.unbounded)
            message = f"the loop {way} has no bound; put a check_retry_limit into it, with a counter that nothing else sets"
            yield flow.finding(codes.UNBOUNDED_LOOP, message, loop[0], "step")


def loops_without_caller(flow: Analysis) -> Iterator[Finding]:
    waiting = {place for place in flow.graph.order if _waits_for_somebody(flow, place)}
    for loop in loops((place for place in flow.graph.order if place not in waiting), flow.graph.successors):
        way = _round(flow, loop, flow.graph.successors)
        message = f"the loop {way} never waits for the caller; put a step into it that does, such as record"
        yield flow.finding(codes.IMPATIENT_LOOP, message, loop[0], "step")


def _waits_for_somebody(flow: Analysis, place: int) -> bool:
    if flow.graph.airs[place].turn > 0:
        return True
    step = flow.graph.steps[place]
    return any(OPERATOR in step.defining(outcome) for outcome, _ in flow.graph.ways[place])


def _round(flow: Analysis, loop: Sequence[int], successors: Successors) -> str:
    steps = [quoted(flow.graph.steps[place].id) for place in cycle_in(loop, successors)]
    shown = steps if len(steps) <= MOST_SHOWN else [*steps[: MOST_SHOWN - 1], "…", steps[-1]]
    return " -> ".join([*shown, steps[0]])


def missing_routes(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.order:
        step, ways = flow.graph.steps[place], flow.graph.ways[place]
        targets = step.outcomes if len(ways) == len(step.outcomes) else step.targets()
        for outcome, target in ways:
            if outcome not in targets:
                ends = f"the call ends as {quoted(step.default_result(outcome))}"
                then = ends if target is None else "it goes where 'unknown' goes"
                message = f"has no route for the declared intent {quoted(outcome)}, so {then}; add a route"
                yield flow.finding(codes.MISSING_ROUTE, message, place, *step.key_path(outcome)[:-1])


def defaults(flow: Analysis) -> Iterator[Finding]:
    for place in flow.graph.open_ended:
        step = flow.graph.steps[place]
        for outcome, target in step.targets().items():
            if target is None:
                result = quoted(step.default_result(outcome))
                message = f"`{outcome}` is left out, so the call ends as {result}; say where it leads"
                yield flow.finding(codes.DEFAULT_OUTCOME, message, place, "step")
