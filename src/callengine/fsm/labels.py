"""What every drawing of a chart says, in whatever language it is written down: words, cut to length, and colours."""

from collections.abc import Callable, Iterable, Iterator

from callengine.fsm.picture import Arrow, Box, Loop, shortened
from callengine.fsm.steps import Disconnect, Enter, Hangup, Wait

LONGEST_LABEL = 40
"""Characters of an author's word that are drawn."""

LONGEST_TITLE = 160
"""Characters of a picture's title."""

LEGEND = {
    Loop.LIMITED: ("#1a5fb4", "blue: a loop with a limit"),
    Loop.ENDLESS: ("#c01c28", "red: a loop without a limit"),
}

GREY = "#9a9996"
"""Of what was never come to."""


def words(box: Box) -> tuple[str, ...]:
    """The lines in a box: its id, what it is about, and how often it was come to."""
    step, visits = box.step, () if box.visits is None else (f"{box.visits:,}×",)
    if isinstance(step, Disconnect | Hangup | Wait):
        return step.id, step.type, *(f"→ {short(result)}" for result in box.details), *visits
    return step.id, ": ".join((step.type, *map(short, box.details))), *visits


def grouped(boxes: Iterable[Box], box_line: Callable[[Box], str], group_line: Callable[[Box], str], end: str) -> Iterator[str]:
    """Lines for boxes, those of each subflow between a line that begins its group and one that ends it, indented."""
    depth = 0
    for box in boxes:
        for level in range(depth - 1, len(box.within) - isinstance(box.step, Enter) - 1, -1):
            yield "  " * level + end
        depth = len(box.within)
        if isinstance(box.step, Enter):
            yield "  " * (depth - 1) + group_line(box)
        yield "  " * depth + box_line(box)
    for level in range(depth - 1, -1, -1):
        yield "  " * level + end


def short(text: str, most: int = LONGEST_LABEL) -> str:
    """On one line, and cut after `most` characters."""
    return shortened(text, most)


def colour(arrow: Arrow) -> str:
    """Of an arrow; "" for one that is as most are."""
    if not arrow.visited:
        return GREY
    return LEGEND[arrow.loop][0] if arrow.loop in LEGEND else ""
