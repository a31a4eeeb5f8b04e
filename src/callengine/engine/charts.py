"""Scenarios made ready to run."""

from collections.abc import Iterable

from callengine.dialer import Assignment, ReadyScenario
from callengine.fsm import Chart, Scenario, compile_flow


def charted(scenarios: Iterable[Scenario]) -> Assignment[Chart]:
    """Compile every flow, and give out the scenarios in turn.

    Raises:
        FlowError: a flow cannot be compiled; `load_scenarios` keeps such files out.
    """
    return Assignment(_ready(scenario) for scenario in scenarios)


def _ready(scenario: Scenario) -> ReadyScenario[Chart]:
    inbound = compile_flow(scenario, scenario.inbound_flow) if scenario.inbound_flow else None
    return ReadyScenario(scenario.name, compile_flow(scenario, scenario.flow), inbound)
