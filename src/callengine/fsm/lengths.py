"""How long a call can last, and how long nobody may be heard in it; both with the way that leads there."""

from collections.abc import Sequence
from functools import cached_property
from math import inf

from attrs import frozen

from callengine.fsm.dataflow import Facts
from callengine.fsm.declarations import OPERATOR
from callengine.fsm.graph import Graph, Successors, cycle_in, loops
from callengine.fsm.scenario import FlowName
from callengine.fsm.walks import Limit, Network, Walk, longest_walk
from callengine.model import StepId


@frozen
class Stop:
    """A step on a way through a flow.

    Attributes:
        seconds: that one visit takes at most.
        times: how often the call comes here on this way; a round of a loop is told once.
    """

    step: StepId
    seconds: float
    times: int = 1


@frozen
class Explanation:
    """The two figures of a flow that lint judges, with the ways that attain them.

    What people say to each other once an operator is connected is not the flow's time and counts for neither.

    Attributes:
        flow: which flow of the scenario.
        seconds: from the answer to the end of the flow at most; infinite where a loop has no bound.
        path: the longest way; where there is none, the loop.
        silence: seconds at a stretch, at most, in which the caller hears nothing and it is not their turn; infinite where
            the call waits without an operator, or where a silent loop has no bound.
        silent_path: of that stretch.
    """

    flow: FlowName
    seconds: float
    path: tuple[Stop, ...]
    silence: float
    silent_path: tuple[Stop, ...]


@frozen(eq=False)
class Lengths:
    """The longest call and the longest silence of one flow."""

    graph: Graph
    facts: Facts

    def explanation(self, flow: FlowName) -> Explanation:
        """Both figures with their ways."""
        calls, silences = [air.seconds for air in self.graph.airs], self._silences
        return Explanation(
            flow,
            self.longest.length,
            self._stops(self.longest, calls),
            self.silence.length,
            self._stops(self.silence, silences),
        )

    @cached_property
    def longest(self) -> Walk:
        """The longest way of a call; infinite where a loop has no bound."""
        free = self.graph.unbounded
        unbounded = loops(self.graph.order, free)
        if unbounded:
            return _endless(unbounded[0], free)
        seconds = [air.seconds for air in self.graph.airs]
        return longest_walk(Network((self.graph.entry,), seconds, free, self._limited(range(len(seconds)), len(seconds))))

    @cached_property
    def silence(self) -> Walk:
        """The longest silence. Its vertices from the number of steps on stand for steps at the end of which it begins.

        A step that breaks the silence is two vertices, and no edge leads from the one to the other.
        """
        count = len(self.graph.steps)
        leaving = [place + count if air.breaks_silence else place for place, air in enumerate(self.graph.airs)]
        free: list[Sequence[int]] = [()] * (2 * count)
        for place in self.graph.order:
            free[leaving[place]] = self.graph.unbounded[place]
        unbounded = loops(self.graph.order, free)
        if unbounded:
            return _endless(unbounded[0], free)
        starts = (self.graph.entry, *(vertex for place in self.graph.order if (vertex := leaving[place]) >= count))
        walk = longest_walk(Network(starts, self._silences, free, self._limited(leaving, 2 * count)))
        return Walk(walk.length, self._trimmed(walk.visits))

    def _trimmed(self, visits: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Without the steps that take no time at both ends."""
        silent = [place for place, (vertex, _) in enumerate(visits) if self._silences[vertex] > 0] or [0]
        return tuple(visits[silent[0] : silent[-1] + 1])

    @cached_property
    def _silences(self) -> list[float]:
        """The seconds of silence at each step until it is broken, if it is; then those at each step after that."""
        quiet = [self._quiet(place) for place in range(len(self.graph.steps))]
        return [*(before for before, _ in quiet), *(after for _, after in quiet)]

    def _quiet(self, place: int) -> tuple[float, float]:
        """The seconds of silence at a step before it is broken, if it is, and after that."""
        air = self.graph.airs[place]
        if place not in self.graph.reached or self.facts.hold_at(place, OPERATOR):
            return 0.0, 0.0
        if self.graph.steps[place].holds:
            return inf, 0.0
        return (air.before, air.after) if air.breaks_silence else (air.seconds, 0.0)

    def _limited(self, leaving: Sequence[int], count: int) -> list[Sequence[tuple[int, Limit]]]:
        """The edges whose number is bounded, by the vertex that stands for leaving their step, of so many vertices."""
        limited: list[Sequence[tuple[int, Limit]]] = [()] * count
        for place, bound in self.graph.bounds.items():
            limit = Limit(bound.counter.name, bound.most)
            ways = self.graph.ways[place]
            limited[leaving[place]] = [(to, limit) for outcome, to in ways if outcome == bound.outcome and to is not None]
        return limited

    def _stops(self, walk: Walk, weights: Sequence[float]) -> tuple[Stop, ...]:
        count = len(self.graph.steps)
        return tuple(Stop(self.graph.steps[vertex % count].id, weights[vertex], times) for vertex, times in walk.visits)


def _endless(loop: Sequence[int], successors: Successors) -> Walk:
    return Walk(inf, tuple((vertex, 1) for vertex in cycle_in(loop, successors)))
