"""`callengine draw`: a flow as a diagram."""

import sys
from pathlib import Path
from typing import Literal

from callengine import scenarios
from callengine.cli.complaint import complain
from callengine.cli.counted import counts_for
from callengine.cli.graphviz import CannotDraw, render_svg
from callengine.fsm import Chart, cannot_run, check, compile_flow, load
from callengine.fsm.dot import dot
from callengine.fsm.mermaid import mermaid
from callengine.fsm.picture import Picture, picture
from callengine.fsm.scenario import FlowName

Format = Literal["mermaid", "svg", "dot"]

MOST_UNKNOWN = 5
"""Steps and outcomes of an older file that are named."""


async def draw(
    path: Path,
    /,
    *,
    format: Format = "mermaid",  # noqa: A002
    flow: FlowName = "flow",
    counts: Path | None = None,
    output: Path | None = None,
) -> int:
    """Draw a flow of a scenario file.

    The exit code is 0 if it was drawn, 1 if the file has errors (they are listed), 2 if there is no such file or flow,
    Graphviz is missing or gives up, the report has no counts for this flow, or the drawing cannot be written.

    Parameters
    ----------
    path
        The scenario file.
    format
        "mermaid": a flowchart as text. "svg": a picture, made by Graphviz. "dot": the text that Graphviz reads.
    flow
        Which of the file's flows.
    counts
        A report that `run` or `simulate` wrote: how often calls came to each step and took each outcome is drawn too, and in
        grey what they never came to.
    output
        Where to write the drawing, instead of standard output.
    """
    try:
        chart = _chart(path, flow)
        if chart is None:
            return 1
        text = await _drawn(_picture(chart, counts), format)
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


def _picture(chart: Chart, report: Path | None) -> Picture:
    if report is None:
        return picture(chart)
    counted = counts_for(chart, report)
    if counted.unknown:
        shown = ", ".join(counted.unknown[:MOST_UNKNOWN]) + (" ..." if len(counted.unknown) > MOST_UNKNOWN else "")
        complain(f"{report} counts what this flow does not have, as it has changed since: {shown}")
    return picture(chart, counted.ways, counted.visits)


async def _drawn(shown: Picture, wanted: Format) -> str:
    if wanted == "mermaid":
        return mermaid(shown)
    text = dot(shown)
    return text if wanted == "dot" else await render_svg(text, otherwise="use --format mermaid")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDraw(f"cannot write {path}: {scenarios.reason(error)}") from error
