"""`callengine draw`: a flow as a diagram."""

import sys
from pathlib import Path
from typing import Literal

from callengine import scenarios
from callengine.cli.complaint import complain
from callengine.cli.graphviz import CannotDraw, render_svg
from callengine.fsm import Chart, cannot_run, check, compile_flow, draw_dot, draw_mermaid, load
from callengine.fsm.scenario import FlowName

Format = Literal["mermaid", "svg", "dot"]


async def draw(
    path: Path,
    /,
    *,
    format: Format = "mermaid",  # noqa: A002
    flow: FlowName = "flow",
    output: Path | None = None,
) -> int:
    """Draw a flow of a scenario file.

    The exit code is 0 if it was drawn, 1 if the file has errors (they are listed), 2 if there is no such file or flow,
    Graphviz is missing or gives up, or the drawing cannot be written.

    Parameters
    ----------
    path
        The scenario file.
    format
        "mermaid": a flowchart as text. "svg": a picture, made by Graphviz. "dot": the text that Graphviz reads.
    flow
        Which of the file's flows.
    output
        Where to write the drawing, instead of standard output.
    """
    try:
        chart = _chart(path, flow)
        if chart is None:
            return 1
        text = await _drawn(chart, format)
        if output is None:
            print(text, end="")
        else:
            _write(output, text)
    except CannotDraw as error:
        complain(str(error))
        return 2
    return 0


def _chart(path: Path, flow: FlowName) -> Chart | None:
    """The compiled flow; None if the file has errors, which have been printed then."""
    try:
        loading = load(scenarios.read(path), str(path))
    except OSError as error:
        raise CannotDraw(f"cannot read {path}: {scenarios.reason(error)}") from error
    scenario = loading.scenario
    findings = loading.findings if scenario is None else check(scenario)
    if scenario is None or cannot_run(findings):
        for finding in findings:
            print(finding, file=sys.stderr)
        return None
    chosen = next((each for each in scenario.flows if each.name == flow), None)
    if chosen is None:
        raise CannotDraw(f"{path} has no {flow}")
    return compile_flow(scenario, chosen)


async def _drawn(chart: Chart, wanted: Format) -> str:
    if wanted == "mermaid":
        return draw_mermaid(chart)
    text = draw_dot(chart)
    return text if wanted == "dot" else await render_svg(text, otherwise="use --format mermaid")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDraw(f"cannot write {path}: {scenarios.reason(error)}") from error
