"""Which steps and outcomes of a scenario its flow tests have come to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from attrs import define, field, frozen

from callengine.fsm import Chart, FlowName, Scenario, compile_flow
from callengine.model import Outcome, StepId
from callengine.testing.tape import Happening, What

Edge = tuple[StepId, Outcome]


def edges_of(happenings: Iterable[Happening]) -> Iterator[Edge]:
    """The outcomes a call has taken, in order."""
    return ((StepId(each.step), Outcome(each.text)) for each in happenings if each.what is What.OUTCOME)


def steps_of(happenings: Iterable[Happening]) -> Iterator[StepId]:
    """The steps a call has come to, in order."""
    return (StepId(each.text) for each in happenings if each.what is What.STEP)


@frozen
class Share:
    """So many of so many."""

    reached: int
    there: int

    @property
    def percent(self) -> float:
        """100 where there is nothing to reach."""
        return 100.0 * self.reached / self.there if self.there else 100.0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.reached + other.reached, self.there + other.there)

    def __str__(self) -> str:
        return f"{self.reached}/{self.there} ({int(self.percent)} %)"


@define(eq=False)
class FlowCoverage:
    """How often each step and each outcome of one flow was taken."""

    chart: Chart
    visits: Counter[StepId] = field(factory=Counter, init=False)
    counts: Counter[Edge] = field(factory=Counter, init=False)

    @property
    def steps(self) -> Share:
        """Steps that were visited."""
        return Share(sum(step in self.visits for step in self.chart.steps), len(self.chart.steps))

    @property
    def outcomes(self) -> Share:
        """Outcomes that were taken."""
        edges = tuple(self._edges())
        return Share(sum(edge in self.counts for edge in edges), len(edges))

    @property
    def missed_steps(self) -> tuple[StepId, ...]:
        """Steps that no call came to."""
        return tuple(step for step in self.chart.steps if step not in self.visits)

    @property
    def missed_outcomes(self) -> tuple[Edge, ...]:
        """Outcomes that no call took, of steps that were visited."""
        return tuple(edge for edge in self._edges() if edge not in self.counts and edge[0] in self.visits)

    def add(self, happenings: Iterable[Happening]) -> None:
        """Count a call in."""
        happened = tuple(happenings)
        self.visits.update(steps_of(happened))
        self.counts.update(edges_of(happened))

    def _edges(self) -> Iterator[Edge]:
        return ((step, outcome) for step, outcomes in self.chart.outcomes.items() for outcome in outcomes)


def coverage_of(scenario: Scenario) -> Mapping[FlowName, FlowCoverage]:
    """Nothing reached yet, for each flow."""
    return {flow.name: FlowCoverage(compile_flow(scenario, flow)) for flow in scenario.flows}
