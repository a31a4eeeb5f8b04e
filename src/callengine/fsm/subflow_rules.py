"""Rules F1xx about subflows: each use fits what is used, and what is used can be put in place."""

from collections.abc import Iterator

from callengine.fsm import codes
from callengine.fsm.findings import Finding, quoted
from callengine.fsm.graph import cycle_in, loops, reverse_postorder
from callengine.fsm.nodes import key_position
from callengine.fsm.places import at_step, finding_at
from callengine.fsm.scenario import Scenario, Section
from callengine.fsm.spelling import Names
from callengine.fsm.steps import CheckRetryLimit, Return, Subflow
from callengine.fsm.subflows import MOST_LETTERS, MOST_STEPS, Expansion, Origin, Subflows, expand, used_by
from callengine.model import StepId


def unknown_subflows(scenario: Scenario) -> Iterator[Finding]:
    names = Names(scenario.subflows)
    for section, index, step in _uses(scenario):
        if step.flow not in scenario.subflows:
            hint = names.hint(step.flow) or "; add it to `subflows`"
            message = f"`flow` names {quoted(step.flow)}, but the scenario has no such subflow{hint}"
            yield at_step(codes.UNKNOWN_SUBFLOW, message, scenario, section, index, "flow")


def circular_subflows(scenario: Scenario) -> Iterator[Finding]:
    names, successors = tuple(scenario.subflows), Subflows(scenario).successors
    for loop in loops(range(len(names)), successors):
        cycle = [names[place] for place in cycle_in(loop, successors)]
        first, following = cycle[0], (*cycle[1:], cycle[0])
        section = Section(("subflows", first), scenario.subflows[first])
        index = next(
            index for index, step in enumerate(section.steps) if isinstance(step, Subflow) and step.flow == following[0]
        )
        way = " -> ".join(map(quoted, (first, *following)))
        message = f"a subflow cannot use itself ({way}); take the step out, or lead back to an earlier step instead"
        yield at_step(codes.CIRCULAR_SUBFLOW, message, scenario, section, index, "flow")


def unknown_returns(scenario: Scenario) -> Iterator[Finding]:
    outcomes = Subflows(scenario).outcomes
    known = {name: frozenset(each) for name, each in outcomes.items()}
    names = {name: Names(each) for name, each in outcomes.items()}
    for section, index, step in _uses(scenario):
        for outcome in step.returns if step.flow in known else ():
            if outcome not in known[step.flow]:
                hint = names[step.flow].hint(outcome) or "; take it out, or add a `return` with it"
                message = f"`returns` has {quoted(outcome)}, but no `return` of {quoted(step.flow)} has this outcome{hint}"
                place = key_position(scenario.source, ("scenario", *section.keys, index, "returns"), outcome)
                yield finding_at(codes.UNKNOWN_RETURN, message, scenario, place, section, step.id)


def missing_returns(scenario: Scenario) -> Iterator[Finding]:
    outcomes = Subflows(scenario).outcomes
    for section, index, step in _uses(scenario):
        for outcome in outcomes.get(step.flow, ()):
            if outcome not in step.returns:
                message = f"`returns` has no route for {quoted(outcome)}, an outcome of {quoted(step.flow)}; add one"
                yield at_step(codes.MISSING_RETURN, message, scenario, section, index, "returns")


def stray_returns(scenario: Scenario) -> Iterator[Finding]:
    for flow in scenario.flows:
        for index, step in enumerate(flow.steps):
            if isinstance(step, Return):
                message = f"`{flow.name}` has nothing to return to; end the call here, or move the steps to a subflow"
                yield at_step(codes.STRAY_RETURN, message, scenario, Section((flow.name,), flow.steps), index, "type")


def shared_counters(scenario: Scenario) -> Iterator[Finding]:
    """Each use of a subflow counts for itself, so in its own text the bare name of a counter stands for nothing."""
    for name, steps in scenario.subflows.items():
        section = Section(("subflows", name), steps)
        counters = {step.counter for step in steps if isinstance(step, CheckRetryLimit)}
        for index, step in enumerate(steps if counters else ()):
            known = {variable.name for variable in step.reading()}
            if not isinstance(step, CheckRetryLimit):
                known.update(variable.name for outcome in step.targets() for variable in step.defining(outcome))
            for counter in sorted(known & counters):
                message = (
                    f"uses {quoted(counter)}, which check_retry_limit counts for each use of this subflow by itself;"
                    " count with `set` under another name"
                )
                yield at_step(codes.SHARED_COUNTER, message, scenario, section, index, "step")


def too_large(scenario: Scenario) -> Iterator[Finding]:
    subflows = Subflows(scenario)
    for flow in scenario.flows if scenario.subflows else ():
        size = subflows.size(flow) if any(used_by(flow.steps)) else None
        if size is not None and size.too_large:
            figure = f"{MOST_STEPS:,} steps" if size.steps > MOST_STEPS else f"{MOST_LETTERS:,} letters in the ids of its steps"
            message = f"`{flow.name}` has more than {figure} with its subflows in place; use them less often, or less deeply"
            place = key_position(scenario.source, ("scenario",), flow.name)
            yield finding_at(codes.TOO_MANY_STEPS, message, scenario, place, Section((flow.name,), flow.steps))


def unused_subflows(scenario: Scenario) -> Iterator[Finding]:
    places = {name: place for place, name in enumerate(scenario.subflows)}
    roots = (places[name] for flow in scenario.flows for name in used_by(flow.steps) if name in places)
    used = frozenset(reverse_postorder(roots, Subflows(scenario).successors)) if places else ()
    for name, place in places.items():
        if place not in used:
            message = f"no flow uses the subflow {quoted(name)}; take it out, or use it"
            here = key_position(scenario.source, ("scenario", "subflows"), name)
            section = Section(("subflows", name), scenario.subflows[name])
            yield finding_at(codes.UNUSED_SUBFLOW, message, scenario, here, section)


def clashing_steps(scenario: Scenario) -> Iterator[Finding]:
    """Steps whose ids differ in the file and are the same once subflows are in place; told once for each place."""
    told: set[tuple[str, int]] = set()
    for flow in scenario.flows:
        expansion = expand(scenario, flow) if any(used_by(flow.steps)) else None
        for step, one, other in () if expansion is None else _twins(expansion):
            here, there = sorted((one, other), key=lambda each: each.user or "")
            if (here.section.name, here.index) not in told:
                told.add((here.section.name, here.index))
                line = scenario.position(*there.section.keys, there.index, "step").line
                whose = f"where {quoted(there.user or '')} uses it"
                message = f"the step on line {line} has the id {quoted(step)} too, {whose}; rename one of them"
                yield at_step(codes.DUPLICATE_STEP, message, scenario, here.section, here.index, "step")


def _twins(expansion: Expansion) -> Iterator[tuple[StepId, Origin, Origin]]:
    """Ids that stand twice, though no section of the file has them twice."""
    seen: dict[StepId, Origin] = {}
    for place, step in enumerate(expansion.flow.steps):
        origin = expansion.origin(place)
        other = seen.setdefault(step.id, origin)
        if other.user != origin.user:
            yield step.id, other, origin


def _uses(scenario: Scenario) -> Iterator[tuple[Section, int, Subflow]]:
    for section in scenario.sections:
        for index, step in enumerate(section.steps):
            if isinstance(step, Subflow):
                yield section, index, step
