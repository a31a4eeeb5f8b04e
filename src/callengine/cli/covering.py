"""The coverage of flow tests, as a report and as a picture."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import trio

from callengine.cli.graphviz import render_svg
from callengine.fsm import FlowName
from callengine.fsm.dot import dot_together
from callengine.fsm.mermaid import mermaid, mermaid_together
from callengine.fsm.picture import Picture, picture
from callengine.testing.coverage import FlowCoverage

Coverage = Mapping[tuple[str, FlowName], FlowCoverage]
"""By scenario file and flow."""


def report(covered: Coverage) -> Iterator[str]:
    """Which steps and outcomes no case came to, in lines."""
    width = max((len(f"{path} {name}") for path, name in covered), default=0)
    yield f"{'coverage':<{width}}  {'steps':<16} outcomes"
    for (path, name), flow in covered.items():
        yield f"{f'{path} {name}':<{width}}  {flow.steps!s:<16} {flow.outcomes}"
        yield from (f"    step {step} was not come to" for step in flow.missed_steps)
        yield from (f"    outcome {outcome} of step {step} was not taken" for step, outcome in flow.missed_outcomes)


def check_ending(_type: object, path: Path | None) -> None:
    """Make sure that a picture's name tells in which language to draw.

    Raises:
        ValueError: it does not.
    """
    if path is not None and path.suffix not in _LANGUAGES:
        raise ValueError("the picture's name must end in .md, .mmd, .svg or .dot")


def draw(covered: Coverage, path: Path) -> str:
    """All flows with their counts, in the language that the file's name asks for.

    Raises:
        CannotDraw: there is no Graphviz for an SVG, or it fails.
    """
    pictures = [
        attrs.evolve(
            picture(flow.chart, flow.counts, flow.visits),
            title=f"{scenario}, {name}: {flow.steps} of the steps, {flow.outcomes} of the outcomes",
        )
        for (scenario, name), flow in covered.items()
    ]
    return _LANGUAGES[path.suffix](pictures)


def _markdown(pictures: Sequence[Picture]) -> str:
    return "".join(f"## {drawn.title}\n\n```mermaid\n{mermaid(drawn)}```\n\n" for drawn in pictures)


def _mermaid(pictures: Sequence[Picture]) -> str:
    return mermaid_together(pictures, "Coverage")


def _svg(pictures: Sequence[Picture]) -> str:
    return trio.run(render_svg, dot_together(pictures), "let the file's name end in .md")


_LANGUAGES: Mapping[str, Callable[[Sequence[Picture]], str]] = {
    ".md": _markdown,
    ".mmd": _mermaid,
    ".svg": _svg,
    ".dot": dot_together,
}
