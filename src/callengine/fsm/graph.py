"""A flow as a graph of numbered steps, and the questions one asks of graphs. Nothing here recurses: flows may be long."""

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property

from attrs import evolve, frozen

from callengine.fsm.declarations import OF_EVERY_CALL, Airtime, Bound
from callengine.fsm.scenario import Flow, Scenario
from callengine.fsm.step import Step, Variables
from callengine.fsm.steps import RECORDING_MARGIN, Entry
from callengine.model import Outcome

Way = tuple[Outcome, int | None]
"""An outcome and the step it leads to; None where the call ends."""
Successors = Sequence[Sequence[int]]


@frozen(eq=False)
class Graph:
    """The steps of a flow whose references are all right.

    Attributes:
        steps: in the order of the file; everything else names them by their place in it.
        ways: of each step.
        airs: how each step fills the time of the call in this scenario.
        readings: the variables that each step reads; a name that some step of the flow sets stands for what it sets.
    """

    steps: tuple[Step, ...]
    entry: int
    ways: tuple[tuple[Way, ...], ...]
    airs: tuple[Airtime, ...]
    readings: tuple[Variables, ...]

    @cached_property
    def successors(self) -> Successors:
        """The steps that each step leads to."""
        return [[target for _, target in ways if target is not None] for ways in self.ways]

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The steps that a call can come to, in reverse post-order: before its successors, but for the way back in a loop."""
        return reverse_postorder([self.entry], self.successors)

    @cached_property
    def reached(self) -> frozenset[int]:
        """The steps that a call can come to."""
        return frozenset(self.order)

    @cached_property
    def predecessors(self) -> Sequence[Sequence[tuple[int, Outcome]]]:
        """From where, and by which outcome, a call comes to each step."""
        before: list[list[tuple[int, Outcome]]] = [[] for _ in self.steps]
        for step in self.order:
            for outcome, target in self.ways[step]:
                if target is not None:
                    before[target].append((step, outcome))
        return before

    @cached_property
    def open_ended(self) -> tuple[int, ...]:
        """The steps, among those that a call can come to, that have an outcome by which it ends."""
        return tuple(step for step in self.order if len(self.successors[step]) < len(self.ways[step]))

    @cached_property
    def ending(self) -> frozenset[int]:
        """The steps from which a call can come to an end of the flow, or to a step that holds it until somebody hangs up."""
        return self.leading_to((*self.open_ended, *(step for step in self.order if not self.ways[step])))

    def leading_to(self, steps: Iterable[int]) -> frozenset[int]:
        """The steps from which a call can come to one of these, with them."""
        found = set(steps)
        waiting = list(found)
        while waiting:
            for before, _ in self.predecessors[waiting.pop()]:
                if before not in found:
                    found.add(before)
                    waiting.append(before)
        return frozenset(found)

    @cached_property
    def bounds(self) -> dict[int, Bound]:
        """The promises about loops that can be relied on, by step: nothing else sets the counter."""
        promises = {step: bound for step in self.order if (bound := self.steps[step].bound()) is not None}
        spoilt = {
            variable
            for step in self.order
            for outcome, _ in self.ways[step]
            for variable in self.steps[step].defining(outcome)
            if step not in promises or promises[step].counter != variable
        }
        return {step: bound for step, bound in promises.items() if bound.counter not in spoilt}

    @cached_property
    def unbounded(self) -> Successors:
        """The successors, without those ways whose number in a call is bounded."""
        free = list(self.successors)
        for step, bound in self.bounds.items():
            free[step] = [to for outcome, to in self.ways[step] if to is not None and outcome != bound.outcome]
        return free


def graph_of(scenario: Scenario, flow: Flow) -> Graph | None:
    """The graph of a flow; None where a step leads nowhere, an id stands twice, or there is not one entry."""
    places = {step.id: place for place, step in enumerate(flow.steps)}
    entries = [place for place, step in enumerate(flow.steps) if isinstance(step, Entry)]
    if len(entries) != 1 or len(places) != len(flow.steps):
        return None
    intents = scenario.llm.intents
    ways: list[tuple[Way, ...]] = []
    for step in flow.steps:
        targets = step.ways(intents)
        if any(target is not None and target not in places for target in targets.values()):
            return None
        ways.append(tuple((way, None if target is None else places[target]) for way, target in targets.items()))
    recording = scenario.stt.max_duration + RECORDING_MARGIN
    airs = tuple(step.airtime(recording) for step in flow.steps)
    return Graph(flow.steps, entries[0], tuple(ways), airs, tuple(_readings(flow.steps, ways, scenario.contact_fields)))


def _readings(steps: Sequence[Step], ways: Sequence[Sequence[Way]], fields: Container[str]) -> Iterator[Variables]:
    named = {
        variable
        for step, leaving in zip(steps, ways, strict=True)
        for outcome, _ in leaving
        for variable in step.defining(outcome)
    }.difference(OF_EVERY_CALL)
    # A name that is a counter, too, has a value from the beginning.
    own = {variable.name: variable for variable in sorted(named, key=lambda each: (each.given, each.type.value))}
    # Until a step sets it, the name of a field stands for what the contact has there.
    own |= {name: evolve(variable, given=True) for name, variable in own.items() if name in fields}
    for step in steps:
        read = step.reading()
        yield tuple(each if each in OF_EVERY_CALL else own.get(each.name, each) for each in read) if read else ()


def reverse_postorder(roots: Iterable[int], successors: Successors) -> tuple[int, ...]:
    """What can be reached from the roots by depth-first search, last finished first: a topological order if there is one."""
    seen = bytearray(len(successors))
    finished: list[int] = []
    for root in roots:
        if seen[root]:
            continue
        seen[root] = 1
        path, further = [root], [iter(successors[root])]
        while path:
            for target in further[-1]:
                if not seen[target]:
                    seen[target] = 1
                    path.append(target)
                    further.append(iter(successors[target]))
                    break
            else:
                further.pop()
                finished.append(path.pop())
    finished.reverse()
    return tuple(finished)


def components(roots: Iterable[int], successors: Successors) -> list[list[int]]:
    """The strongly connected components of what can be reached from the roots, each before those that lead to it.

    Tarjan's algorithm (Depth-first search and linear graph algorithms, 1972), with a stack of its own.
    """
    settled = len(successors) + 1
    number, low = [0] * len(successors), [0] * len(successors)
    count = 0
    waiting: list[int] = []
    found: list[list[int]] = []
    for root in roots:
        path = [] if number[root] else [root]
        further = [iter(successors[root])]
        while path:
            here = path[-1]
            if not number[here]:
                count += 1
                number[here] = low[here] = count
                waiting.append(here)
            for target in further[-1]:
                if not number[target]:
                    path.append(target)
                    further.append(iter(successors[target]))
                    break
                low[here] = min(low[here], number[target])
            else:
                path.pop()
                further.pop()
                if path:
                    low[path[-1]] = min(low[path[-1]], low[here])
                if low[here] == number[here]:
                    found.append(_taken_to(here, waiting))
                    for each in found[-1]:
                        number[each] = settled
    return found


def _taken_to(first: int, waiting: list[int]) -> list[int]:
    """What was added to the list since this vertex, with it; the list is shorter afterwards."""
    taken = [waiting.pop()]
    while taken[-1] != first:
        taken.append(waiting.pop())
    return taken


def loops(vertices: Iterable[int], successors: Successors) -> list[list[int]]:
    """The components in which one can go round without leaving the vertices, each in the order of the file."""
    rest = _behind_cycles(vertices, successors)
    left = [here for here, stays in enumerate(rest) if stays]
    if not left:
        return []
    inner: list[Sequence[int]] = [()] * len(successors)
    for here in left:
        inner[here] = [target for target in successors[here] if rest[target]]
    return [
        sorted(component) for component in components(left, inner) if len(component) > 1 or component[0] in inner[component[0]]
    ]


def _behind_cycles(vertices: Iterable[int], successors: Successors) -> bytearray:
    """Marks the vertices on a cycle, or behind one: what Kahn's topological sorting leaves over. Few flows have any."""
    rest = bytearray(len(successors))
    ways = [0] * len(successors)
    for here in vertices:
        rest[here] = 1
    inside = [here for here, stays in enumerate(rest) if stays]
    for here in inside:
        for target in successors[here]:
            ways[target] += 1
    waiting = [here for here in inside if not ways[here]]
    for here in waiting:
        rest[here] = 0
        for target in successors[here]:
            ways[target] -= 1
            if rest[target] and not ways[target]:
                waiting.append(target)
    return rest


def cycle_in(component: Sequence[int], successors: Successors) -> list[int]:
    """The shortest way round within a component that has one, from its first vertex; found by breadth-first search."""
    first, within = component[0], set(component)
    came: dict[int, int] = {}
    waiting = [first]
    for here in waiting:
        for target in successors[here]:
            if target == first:
                return _way_back(here, first, came)
            if target in within and target not in came:
                came[target] = here
                waiting.append(target)
    raise ValueError("there is no way round in these steps")


def _way_back(last: int, first: int, came: dict[int, int]) -> list[int]:
    cycle = [last]
    while cycle[-1] != first:
        cycle.append(came[cycle[-1]])
    return cycle[::-1]
