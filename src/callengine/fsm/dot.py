"""Charts as DOT text, for Graphviz. The same is shown as in `mermaid`, and a legend of the colours besides."""

import html
from collections.abc import Iterator, Sequence
from functools import partial

from callengine.fsm.chart import Chart
from callengine.fsm.labels import GREY, LEGEND, LONGEST_LABEL, LONGEST_TITLE, colour, grouped, short, words
from callengine.fsm.picture import Arrow, Box, Counts, Picture, Visits, of_class, picture
from callengine.fsm.step import Step
from callengine.fsm.steps import (
    Branch,
    CheckRetryLimit,
    ClassifyIntent,
    CollectDigits,
    DetectMachine,
    Disconnect,
    Doing,
    Enter,
    Entry,
    Hangup,
    Leave,
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

FONTS = "Vazirmatn,Noto Sans Arabic,DejaVu Sans,sans-serif"
"""The first one there is; all of them know Persian."""

_SPEAKING = 'fillcolor="#d3e5fb"'
_LISTENING = 'fillcolor="#ffe2b8"'
_REMEMBERING = 'shape=note style=filled fillcolor="#f6f5f4"'

_LOOKS: dict[type[Step], str] = {
    Entry: 'shape=oval fillcolor="#8ff0a4"',
    Enter: 'shape=oval fillcolor="#cdab8f"',
    Leave: 'shape=oval fillcolor="#e8dcd2"',
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
    Doing: 'shape=component style=filled fillcolor="#ffd7c9"',
    ToOperator: 'shape=box style=filled peripheries=2 fillcolor="#c9f2ea"',
    Disconnect: 'shape=oval peripheries=2 fillcolor="#deddda"',
    Hangup: 'shape=oval peripheries=2 fillcolor="#deddda"',
    Wait: 'shape=oval peripheries=2 fillcolor="#c9f2ea"',
}


def draw_dot(chart: Chart, counts: Counts | None = None, visits: Visits | None = None) -> str:
    """The chart as DOT text, for Graphviz's `dot`.

    Args:
        counts: steps and ways that were never taken are drawn in grey, the others with their count.
        visits: of steps; drawn with them.
    """
    return dot(picture(chart, counts, visits))


def dot(drawn: Picture) -> str:
    """One picture as DOT text."""
    return _document(f" label=<{_title(drawn)}>", _body(drawn, ""))


def dot_together(pictures: Sequence[Picture]) -> str:
    """Several pictures in one graph, each in a frame of its own."""
    lines: list[str] = []
    for number, drawn in enumerate(pictures):
        frame = f'graph [label=<{_title(drawn)}> color="{GREY}" style=rounded]'
        body = (frame, *_body(drawn, f"f{number}"))
        lines += (f"subgraph cluster_{number} {{", *(f"  {line}" for line in body), "}")
    return _document("", lines)


def _document(label: str, lines: Sequence[str]) -> str:
    head = (
        f'graph [fontname="{FONTS}" fontsize=16 labelloc=t nodesep=0.3 ranksep=0.4{label}]',
        f'node [fontname="{FONTS}" fontsize=11 shape=box style="rounded,filled" margin="0.12,0.03" height=0.3]',
        f'edge [fontname="{FONTS}" fontsize=11 arrowsize=0.7]',
    )
    return "\n".join(("digraph flow {", *(f"  {line}" for line in (*head, *lines)), "}")) + "\n"


def _body(drawn: Picture, prefix: str) -> list[str]:
    """The boxes and arrows; the names begin with `prefix`."""
    lines = list(grouped(drawn.boxes, partial(_box, prefix=prefix), partial(_group, prefix=prefix), "}"))
    for number, arrow in enumerate(drawn.arrows):
        lines += _arrow(number, arrow, prefix)
    return lines


def _box(box: Box, prefix: str) -> str:
    grey = f' style=dashed color="{GREY}" fontcolor="{GREY}"' if not box.visited else ""
    return f"{prefix}{box.name} [{of_class(box.step, _LOOKS, '')} label=<{_box_label(box)}>{grey}]"


def _group(box: Box, prefix: str) -> str:
    looks = f'label=<{_html(box.step.id)}> labeljust=l fontsize=11 style=rounded color="{GREY}"'
    return f"subgraph cluster_{prefix}{box.name} {{ graph [{looks}]"


def _title(drawn: Picture) -> str:
    loops = dict.fromkeys(arrow.loop for arrow in drawn.arrows)
    legend = "".join(
        f'<br/><font point-size="10" color="{stroke}">{meaning}</font>'
        for loop, (stroke, meaning) in LEGEND.items()
        if loop in loops
    )
    return f"<b>{_html(drawn.title, LONGEST_TITLE)}</b><br/>{legend}<br/> "


def _box_label(box: Box) -> str:
    first, *others = map(_html, words(box))
    lines = [f"<b>{first}</b>", *(f'<font point-size="9">{line}</font>' for line in others)]
    # Rows of a table stand further apart than lines of text: Persian letters reach far below the line.
    rows = "".join(f"<tr><td>{line}</td></tr>" for line in lines)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{rows}</table>'


def _arrow(number: int, arrow: Arrow, prefix: str) -> Iterator[str]:
    target, looks = arrow.target, []
    stroke = colour(arrow)
    if target is None:
        target = f"d{number}"
        looks.append("style=dotted")
        grey = f' color="{GREY}" fontcolor="{GREY}"' if not arrow.visited else ""
        small = 'shape=oval style=dotted fontsize=9 height=0.2 margin="0.05,0.03"'
        yield f"{prefix}{target} [{small} label=<{_html(arrow.result or '')}>{grey}]"
    elif not arrow.visited:
        looks.append("style=dashed")
    if arrow.labels:
        looks.append(f"label=<{'<br/>'.join(f'&#160;{_html(label)}&#160;' for label in arrow.labels)}>")
    if stroke:
        looks.append(f'color="{stroke}" fontcolor="{stroke}"')
    yield f"{prefix}{arrow.source} -> {prefix}{target} [{' '.join(looks)}]"


def _html(text: str, most: int = LONGEST_LABEL) -> str:
    return html.escape(short(text, most), quote=False)
