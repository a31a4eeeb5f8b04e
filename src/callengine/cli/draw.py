"""`callengine draw`: a flow as a diagram."""

import sys
from pathlib import Path
from typing import Literal

from callengine import scenarios
from callengine.cli.complaint import complain
from callengine.fsm import check, compile_flow, draw_mermaid, has_errors, load
from callengine.fsm.scenario import FlowName


def draw(
    path: Path,
    /,
    *,
    format: Literal["mermaid"] = "mermaid",  # noqa: A002, ARG001
    flow: FlowName = "flow",
) -> int:
    """Draw a flow of a scenario file.

    The exit code is 0 if it was drawn, 1 if the file has errors (they are listed), 2 if there is no such file or flow.

    Parameters
    ----------
    path
        The scenario file.
    format
        "mermaid": a flowchart as text.
    flow
        Which of the file's flows.
    """
    try:
        loading = load(scenarios.read(path), str(path))
    except OSError as error:
        complain(f"cannot read {path}: {scenarios.reason(error)}")
        return 2
    scenario = loading.scenario
    findings = loading.findings if scenario is None else check(scenario)
    if scenario is None or has_errors(findings):
        for finding in findings:
            print(finding, file=sys.stderr)
        return 1
    chosen = next((each for each in scenario.flows if each.name == flow), None)
    if chosen is None:
        complain(f"{path} has no {flow}")
        return 2
    print(draw_mermaid(compile_flow(scenario, chosen)), end="")
    return 0
