"""A chart as a drawing: Mermaid for pages that render it, DOT for Graphviz.

Both show the same: a step with its id, its type and what it is about; arrows with their outcomes; a dotted arrow where the
file leaves an outcome to its default, with the result of such a call; loops that have a limit and loops that have none;
the results a call can have where it ends.
"""

import html
import json
import re
from collections.abc import Iterator

from callengine.fsm.chart import Chart
from callengine.fsm.picture import Arrow, Box, Counts, Loop, Picture, of_class, picture, shortened
from callengine.fsm.step import Step
from callengine.fsm.steps import (
    Branch,
    CheckRetryLimit,
    ClassifyIntent,
    CollectDigits,
    DetectMachine,
    Disconnect,
    Doing,
    Entry,
    Hangup,
    LeaveMessage,
    Menu,
    PlayPrompt,
    Record,
    RouteByIntent,
    Say,
    Set,
    SetResult,
    ToOperator,
    Wait,
)

LONGEST_LABEL = 40
"""Characters of an author's word that are drawn."""

FONTS = "Vazirmatn,Noto Sans Arabic,DejaVu Sans,sans-serif"
"""The first one there is; all of them know Persian."""

LEGEND = {
    Loop.LIMITED: ("#1a5fb4", "blue: a loop with a limit"),
    Loop.ENDLESS: ("#c01c28", "red: a loop without a limit"),
}

_GREY = "#9a9996"

# Everything of ASCII that Mermaid or HTML could take for something else inside a quoted label.
_UNSAFE = re.compile(r"[^\w \-.,:()!?/\u200c]", re.ASCII)

_BRACKETS: dict[type[Step], tuple[str, str]] = {
    Entry: ("([", "])"),
    CheckRetryLimit: ("{{", "}}"),
    RouteByIntent: ("{{", "}}"),
    Branch: ("{{", "}}"),
    Doing: ("[/", "/]"),
    ToOperator: ("[[", "]]"),
    Disconnect: ("(((", ")))"),
    Hangup: ("(((", ")))"),
    Wait: ("((", "))"),
}

_SPEAKING = 'fillcolor="#d3e5fb"'
_LISTENING = 'fillcolor="#ffe2b8"'
_REMEMBERING = 'shape=note style=filled fillcolor="#f6f5f4"'

_LOOKS: dict[type[Step], str] = {
    Entry: 'shape=oval fillcolor="#8ff0a4"',
    PlayPrompt: _SPEAKING,
    Say: _SPEAKING,
    LeaveMessage: _SPEAKING,
    Record: _LISTENING,
    Menu: _LISTENING,
    CollectDigits: _LISTENING,
    DetectMachine: _LISTENING,
    ClassifyIntent: 'fillcolor="#f3e0ff"',
    RouteByIntent: 'shape=hexagon style=filled margin="0.02,0.03" fillcolor="#f3e0ff"',
    Branch: 'shape=hexagon style=filled margin="0.02,0.03" fillcolor="#f3e0ff"',
    CheckRetryLimit: 'shape=hexagon style=filled margin="0.02,0.03" fillcolor="#f9f06b"',
    Set: _REMEMBERING,
    SetResult: _REMEMBERING,
    Doing: 'shape=cds style=filled fillcolor="#ffd7c9"',
    ToOperator: 'shape=box style=filled peripheries=2 fillcolor="#c9f2ea"',
    Disconnect: 'shape=oval peripheries=2 fillcolor="#deddda"',
    Hangup: 'shape=oval peripheries=2 fillcolor="#deddda"',
    Wait: 'shape=oval peripheries=2 fillcolor="#c9f2ea"',
}


def draw_mermaid(chart: Chart, counts: Counts | None = None) -> str:
    """The chart as Mermaid text, ready for a fenced block or the live editor.

    Args:
        counts: steps and ways that were never taken are drawn in grey, the others with their count.
    """
    drawn = picture(chart, counts)
    lines = ["---", f"title: {json.dumps(drawn.title, ensure_ascii=False)}", "---", "flowchart TD"]
    for box in drawn.boxes:
        before, after = of_class(box.step, _BRACKETS, ("[", "]"))
        lines.append(f'    {box.name}{before}"{"<br/>".join(map(_entities, _words(box)))}"{after}')
    for number, arrow in enumerate(drawn.arrows):
        lines += (f"    {line}" for line in _mermaid_arrow(number, arrow))
    unvisited = [box.name for box in drawn.boxes if not box.visited]
    if unvisited:
        lines.append(f"    classDef unvisited fill:#fff,stroke:{_GREY},color:{_GREY},stroke-dasharray:4")
        lines.append(f"    class {','.join(unvisited)} unvisited")
    return "\n".join(lines) + "\n"


def _mermaid_arrow(number: int, arrow: Arrow) -> Iterator[str]:
    target, line = arrow.target, "-->"
    if target is None:
        target, line = f"d{number}", "-.->"
        yield f'{target}(["{_entities(arrow.result or "")}"])'
    label = f'|"{"<br/>".join(map(_entities, arrow.labels))}"|' if arrow.labels else ""
    yield f"{arrow.source} {line}{label} {target}"
    colour = _colour(arrow)
    if colour:
        yield f"linkStyle {number} stroke:{colour}"


def _entities(text: str) -> str:
    """Text with Mermaid's own entities for what could end or change a label; letters of any script stay as they are."""
    return "".join(f"#{ord(char)};" if char.isascii() and _UNSAFE.match(char) else char for char in _short(text))


def draw_dot(chart: Chart, counts: Counts | None = None) -> str:
    """The chart as DOT text, for Graphviz's `dot`.

    Args:
        counts: steps and ways that were never taken are drawn in grey, the others with their count.
    """
    drawn = picture(chart, counts)
    lines = [
        "digraph flow {",
        f'  graph [fontname="{FONTS}" fontsize=16 labelloc=t nodesep=0.3 ranksep=0.4 label=<{_title(drawn)}>]',
        f'  node [fontname="{FONTS}" fontsize=11 shape=box style="rounded,filled" margin="0.12,0.03" height=0.3]',
        f'  edge [fontname="{FONTS}" fontsize=11 arrowsize=0.7]',
    ]
    for box in drawn.boxes:
        grey = f' style=dashed color="{_GREY}" fontcolor="{_GREY}"' if not box.visited else ""
        lines.append(f"  {box.name} [{of_class(box.step, _LOOKS, '')} label=<{_box_label(box)}>{grey}]")
    for number, arrow in enumerate(drawn.arrows):
        lines += (f"  {line}" for line in _dot_arrow(number, arrow))
    return "\n".join([*lines, "}"]) + "\n"


def _title(drawn: Picture) -> str:
    loops = dict.fromkeys(arrow.loop for arrow in drawn.arrows)
    legend = "".join(
        f'<br/><font point-size="10" color="{colour}">{words}</font>'
        for loop, (colour, words) in LEGEND.items()
        if loop in loops
    )
    return f"<b>{_html(drawn.title)}</b><br/>{legend}<br/> "


def _box_label(box: Box) -> str:
    first, *others = map(_html, _words(box))
    lines = [f"<b>{first}</b>", *(f'<font point-size="9">{line}</font>' for line in others)]
    # Rows of a table stand further apart than lines of text: Persian letters reach far below the line.
    rows = "".join(f"<tr><td>{line}</td></tr>" for line in lines)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{rows}</table>'


def _dot_arrow(number: int, arrow: Arrow) -> Iterator[str]:
    target, looks = arrow.target, []
    colour = _colour(arrow)
    if target is None:
        target = f"d{number}"
        looks.append("style=dotted")
        grey = f' color="{_GREY}" fontcolor="{_GREY}"' if not arrow.visited else ""
        small = 'shape=oval style=dotted fontsize=9 height=0.2 margin="0.05,0.03"'
        yield f"{target} [{small} label=<{_html(arrow.result or '')}>{grey}]"
    elif not arrow.visited:
        looks.append("style=dashed")
    if arrow.labels:
        looks.append(f"label=<{'<br/>'.join(f'&#160;{_html(label)}&#160;' for label in arrow.labels)}>")
    if colour:
        looks.append(f'color="{colour}" fontcolor="{colour}"')
    yield f"{arrow.source} -> {target} [{' '.join(looks)}]"


def _html(text: str) -> str:
    return html.escape(_short(text), quote=False)


def _words(box: Box) -> tuple[str, ...]:
    if isinstance(box.step, Disconnect | Hangup | Wait):
        return box.step.id, box.step.type, *(f"→ {_short(result)}" for result in box.details)
    return box.step.id, ": ".join((box.step.type, *map(_short, box.details)))


def _short(text: str) -> str:
    return shortened(text, LONGEST_LABEL)


def _colour(arrow: Arrow) -> str:
    if not arrow.visited:
        return _GREY
    return LEGEND[arrow.loop][0] if arrow.loop in LEGEND else ""
