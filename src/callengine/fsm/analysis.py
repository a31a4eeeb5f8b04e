"""All that lint works out about one flow; the rules of F2xx to F4xx read it."""

from functools import cached_property

from attrs import frozen

from callengine.fsm.dataflow import Facts
from callengine.fsm.findings import Code, Finding
from callengine.fsm.graph import Graph, graph_of
from callengine.fsm.lengths import Explanation, Lengths
from callengine.fsm.places import finding_at
from callengine.fsm.scenario import Flow, Scenario
from callengine.fsm.subflows import Expansion, expand
from callengine.model import StepId


@frozen(eq=False)
class Analysis:
    """One flow whose references are all right, with its subflows in place."""

    scenario: Scenario
    expansion: Expansion
    graph: Graph

    @property
    def flow(self) -> Flow:
        return self.expansion.flow

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.graph)

    @cached_property
    def lengths(self) -> Lengths:
        return Lengths(self.graph, self.facts)

    def is_used(self, place: int) -> bool:
        """Whether the flow itself has a step, or a call can come to the step that uses its subflow."""
        user = self.expansion.origin(place).user
        return user is None or user in self._reached

    @cached_property
    def _reached(self) -> frozenset[StepId]:
        return frozenset(self.graph.steps[place].id for place in self.graph.reached)

    def finding(self, code: Code, message: str, step: int, *key: str | int) -> Finding:
        """A finding about a step, or about the value of one of its keys; that of a subflow is named by its id in the flow."""
        origin = self.expansion.origin(step)
        place = self.scenario.position(*origin.section.keys, origin.index, *key)
        return finding_at(code, message, self.scenario, place, origin.section, self.graph.steps[step].id)


def analyses(scenario: Scenario) -> tuple[Analysis, ...]:
    """One for each flow that can be judged: where a reference is wrong, everything else would be guesswork."""
    expansions = (expand(scenario, flow) for flow in scenario.flows)
    pairs = ((each, graph_of(scenario, each.flow)) for each in expansions if each is not None)
    return tuple(Analysis(scenario, expansion, graph) for expansion, graph in pairs if graph is not None)


def explain(scenario: Scenario) -> tuple[Explanation, ...]:
    """How long calls of each flow last at most, and how long nobody may be heard; nothing of a flow with wrong references."""
    return tuple(each.lengths.explanation(each.flow.name) for each in analyses(scenario))
