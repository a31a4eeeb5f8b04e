"""Findings at their place in a scenario's file."""

from callengine.fsm.findings import Code, Finding, quoted
from callengine.fsm.nodes import Position
from callengine.fsm.scenario import Scenario, Section
from callengine.model import StepId


def at_step(code: Code, message: str, scenario: Scenario, section: Section, index: int, *key: str | int) -> Finding:
    """A finding about a step, or about the value of one of its keys; the message begins with the step's name."""
    place = scenario.position(*section.keys, index, *key)
    return finding_at(code, message, scenario, place, section, section.steps[index].id)


def finding_at(
    code: Code, message: str, scenario: Scenario, place: Position, section: Section | None = None, step: StepId | None = None
) -> Finding:
    """A finding at a place of the file; `step` is the id by which it is named."""
    return Finding(
        path=scenario.path,
        line=place.line,
        column=place.column,
        code=code.id,
        severity=code.severity,
        message=f"step {quoted(step)}: {message}" if step else message,
        flow=section.name if section else None,
        step=step,
    )
