"""Charts as Mermaid text, for pages that render it.

The same is shown as in `dot`: a step with its id, its type and what it is about; arrows with their outcomes; a dotted arrow
where the file leaves an outcome to its default, with the result of such a call; loops that have a limit and loops that have
none; the results a call can have where it ends.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial

from callengine.fsm.chart import Chart
from callengine.fsm.labels import GREY, LONGEST_LABEL, LONGEST_TITLE, colour, grouped, short, words
from callengine.fsm.picture import Arrow, Box, Counts, Picture, Visits, of_class, picture
from callengine.fsm.step import Step
from callengine.fsm.steps import (
    Branch,
    CheckRetryLimit,
    Disconnect,
    Doing,
    Enter,
    Entry,
    Hangup,
    Leave,
    RouteByIntent,
    ToOperator,
    Wait,
)

# Everything of ASCII that Mermaid or HTML could take for something else inside a quoted label.
_UNSAFE = re.compile(r"[^\w \-.,:()!?/\u200c]", re.ASCII)

_BRACKETS: dict[type[Step], tuple[str, str]] = {
    Entry: ("([", "])"),
    Enter: ("([", "])"),
    Leave: ("([", "])"),
    CheckRetryLimit: ("{{", "}}"),
    RouteByIntent: ("{{", "}}"),
    Branch: ("{{", "}}"),
    Doing: ("[/", "/]"),
    ToOperator: ("[[", "]]"),
    Disconnect: ("(((", ")))"),
    Hangup: ("(((", ")))"),
    Wait: ("((", "))"),
}


def draw_mermaid(chart: Chart, counts: Counts | None = None, visits: Visits | None = None) -> str:
    """The chart as Mermaid text, ready for a fenced block or the live editor.

    Args:
        counts: steps and ways that were never taken are drawn in grey, the others with their count.
        visits: of steps; drawn with them.
    """
    return mermaid(picture(chart, counts, visits))


def mermaid(drawn: Picture) -> str:
    """One picture as Mermaid text."""
    return _document(drawn.title, _body(drawn, "", 0))


def mermaid_together(pictures: Sequence[Picture], title: str) -> str:
    """Several pictures in one diagram, each in a frame of its own."""
    lines: list[str] = []
    arrows = 0
    for number, drawn in enumerate(pictures):
        body = _body(drawn, f"f{number}", arrows)
        lines += (f'subgraph f{number}["{_entities(drawn.title, LONGEST_TITLE)}"]', *(f"    {line}" for line in body), "end")
        arrows += len(drawn.arrows)
    return _document(title, lines)


def _document(title: str, lines: Sequence[str]) -> str:
    head = ("---", f"title: {json.dumps(title, ensure_ascii=False)}", "---", "flowchart TD")
    return "\n".join((*head, *(f"    {line}" for line in lines))) + "\n"


def _body(drawn: Picture, prefix: str, arrows: int) -> list[str]:
    """The boxes and arrows; the names begin with `prefix`, and so many arrows were drawn before."""
    lines = list(grouped(drawn.boxes, partial(_box, prefix=prefix), partial(_group, prefix=prefix), "end"))
    for number, arrow in enumerate(drawn.arrows, arrows):
        lines += _arrow(number, arrow, prefix)
    unvisited = [f"{prefix}{box.name}" for box in drawn.boxes if not box.visited]
    if unvisited:
        lines.append(f"classDef unvisited fill:#fff,stroke:{GREY},color:{GREY},stroke-dasharray:4")
        lines.append(f"class {','.join(unvisited)} unvisited")
    return lines


def _box(box: Box, prefix: str) -> str:
    before, after = of_class(box.step, _BRACKETS, ("[", "]"))
    return f'{prefix}{box.name}{before}"{"<br/>".join(map(_entities, words(box)))}"{after}'


def _group(box: Box, prefix: str) -> str:
    return f'subgraph g{prefix}{box.name}["{_entities(box.step.id)}"]'


def _arrow(number: int, arrow: Arrow, prefix: str) -> Iterator[str]:
    target, line = arrow.target, "-->"
    if target is None:
        target, line = f"d{number}", "-.->"
        yield f'{prefix}{target}(["{_entities(arrow.result or "")}"])'
    label = f'|"{"<br/>".join(map(_entities, arrow.labels))}"|' if arrow.labels else ""
    yield f"{prefix}{arrow.source} {line}{label} {prefix}{target}"
    stroke = colour(arrow)
    if stroke:
        yield f"linkStyle {number} stroke:{stroke}"


def _entities(text: str, most: int = LONGEST_LABEL) -> str:
    """Text with Mermaid's own entities for what could end or change a label; letters of any script stay as they are."""
    return "".join(f"#{ord(char)};" if char.isascii() and _UNSAFE.match(char) else char for char in short(text, most))
