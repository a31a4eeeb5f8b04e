"""All that lint works out about one flow; the rules of F2xx to F4xx read it."""

from functools import cached_property

from attrs import frozen

from callengine.fsm.dataflow import Facts
from callengine.fsm.findings import Code, Finding
from callengine.fsm.graph import Graph, graph_of
from callengine.fsm.lengths import Explanation, Lengths
from callengine.fsm.places import at_step
from callengine.fsm.scenario import Flow, Scenario


@frozen(eq=False)
class Analysis:
    """One flow whose references are all right."""

    scenario: Scenario
    flow: Flow
    graph: Graph

    @cached_property
    def facts(self) -> Facts:
        return Facts(self.graph)

    @cached_property
    def lengths(self) -> Lengths:
        return Lengths(self.graph, self.facts)

    def finding(self, code: Code, message: str, step: int, *key: str | int) -> Finding:
        """A finding about a step, or about the value of one of its keys."""
        return at_step(code, message, self.scenario, self.flow, step, *key)


def analyses(scenario: Scenario) -> tuple[Analysis, ...]:
    """One for each flow that can be judged: where a reference is wrong, everything else would be guesswork."""
    pairs = ((flow, graph_of(scenario, flow)) for flow in scenario.flows)
    return tuple(Analysis(scenario, flow, graph) for flow, graph in pairs if graph is not None)


def explain(scenario: Scenario) -> tuple[Explanation, ...]:
    """How long calls of each flow last at most, and how long nobody may be heard; nothing of a flow with wrong references."""
    return tuple(each.lengths.explanation(each.flow.name) for each in analyses(scenario))
