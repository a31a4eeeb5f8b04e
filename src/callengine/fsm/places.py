"""Findings at their place in a scenario's file."""

from callengine.fsm.findings import Code, Finding, quoted
from callengine.fsm.nodes import Position
from callengine.fsm.scenario import Flow, Scenario
from callengine.fsm.step import Step


def at_step(code: Code, message: str, scenario: Scenario, flow: Flow, index: int, *key: str | int) -> Finding:
    """A finding about a step, or about the value of one of its keys; the message begins with the step's name."""
    return finding_at(code, message, scenario, scenario.position(flow.name, index, *key), flow, flow.steps[index])


def finding_at(
    code: Code, message: str, scenario: Scenario, place: Position, flow: Flow | None = None, step: Step | None = None
) -> Finding:
    """A finding at a place of the file."""
    return Finding(
        path=scenario.path,
        line=place.line,
        column=place.column,
        code=code.id,
        severity=code.severity,
        message=f"step {quoted(step.id)}: {message}" if step else message,
        flow=flow.name if flow else None,
        step=step.id if step else None,
    )
