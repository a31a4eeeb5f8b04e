"""Scenarios made ready to run."""

from collections.abc import Iterable

from callengine.dialer import Assignment, ReadyScenario
from callengine.fsm import Chart, Scenario, TransferToOperator, compile_flow


def charted(scenarios: Iterable[Scenario]) -> Assignment[Chart]:
    """Compile every flow, and give out the scenarios in turn.

    Raises:
        FlowError: a flow cannot be compiled; `load_scenarios` keeps such files out.
    """
    return Assignment(_ready(scenario) for scenario in scenarios)


def transfers(assignment: Assignment[Chart]) -> bool:
    """Whether any of the scenarios connects customers to operators."""
    charts = (chart for ready in assignment.scenarios for chart in (ready.flow, ready.inbound_flow) if chart is not None)
    return any(isinstance(step, TransferToOperator) for chart in charts for step in chart.steps.values())


def _ready(scenario: Scenario) -> ReadyScenario[Chart]:
    inbound = compile_flow(scenario, scenario.inbound_flow) if scenario.inbound_flow else None
    return ReadyScenario(scenario.name, compile_flow(scenario, scenario.flow), inbound)
