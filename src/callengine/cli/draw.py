"""`callengine draw`: a flow as a diagram."""

import shutil
import sys
from pathlib import Path
from typing import Literal

import trio

from callengine import scenarios
from callengine.cli.complaint import complain
from callengine.errors import CallEngineError
from callengine.fsm import Chart, cannot_run, check, compile_flow, draw_dot, draw_mermaid, load
from callengine.fsm.scenario import FlowName

PATIENCE = 30.0
"""Seconds Graphviz gets: some hundred steps take it one, thousands take it minutes."""

Format = Literal["mermaid", "svg", "dot"]


class CannotDraw(CallEngineError):
    """There is no drawing; the message says why and what to do."""


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
    return text if wanted == "dot" else await render_svg(text)


async def render_svg(text: str) -> str:
    """DOT text as a picture, made by Graphviz in a child process that ends with us or after `PATIENCE`.

    Raises:
        CannotDraw: Graphviz is missing, refuses the text or takes too long.
    """
    program = shutil.which("dot")
    if program is None:
        raise CannotDraw("there is no `dot` to make an SVG: install the package graphviz, or use --format mermaid")
    with trio.move_on_after(PATIENCE):
        done = await trio.run_process(
            [program, "-Tsvg"], stdin=text.encode(), capture_stdout=True, capture_stderr=True, check=False
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
            raise CannotDraw(f"Graphviz failed: {said[-1]}; use --format mermaid")
        return done.stdout.decode()
    raise CannotDraw(f"Graphviz took more than {PATIENCE:.0f} s: the flow is too large for it; use --format mermaid")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDraw(f"cannot write {path}: {scenarios.reason(error)}") from error
