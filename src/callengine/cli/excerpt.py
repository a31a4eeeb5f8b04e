"""The line of a file that a finding concerns, with a caret under the place."""

import re
import unicodedata
from collections.abc import Sequence

from attrs import frozen
from rich.cells import cell_len

BEFORE, AFTER = 60, 40
"""Characters that are shown of a long line on either side of the place."""

TAB = "    "

_LINE_BREAK = re.compile("\r\n|\r|\n")
_WORD = re.compile(r"\w[\w\u200c.-]*|[^\w\s]")


@frozen
class Excerpt:
    """A line as it can be shown on a terminal, and what goes below it.

    Attributes:
        line: without tabs, cut if it is long, nothing left in it that moves the cursor or reorders text.
        marker: a caret below the place. Where the line holds right-to-left text, which some terminals turn round and others
            do not, the word that stands there is named beside the caret.
    """

    line: str
    marker: str


def lines_of(source: bytes) -> Sequence[str]:
    """The lines of a file as findings count them, whatever its bytes are."""
    return _LINE_BREAK.split(source.decode("utf-8", errors="replace").removeprefix("\ufeff"))


def excerpt(lines: Sequence[str], line: int, column: int) -> Excerpt | None:
    """What stands at a place, both counted from 1; None where the file has nothing to show there."""
    if line > len(lines) or not lines[line - 1].strip():
        return None
    text = lines[line - 1]
    place = min(column - 1, len(text))
    start, end = max(place - BEFORE, 0), place + AFTER
    before = ("…" if start else "") + harmless(text[start:place])
    after = harmless(text[place:end]) + ("…" if end < len(text) else "")
    word = _WORD.match(text, place, end) if _turns(text[start:end]) else None
    marker = " " * cell_len(before) + "^" + (f" {harmless(word[0])}" if word else "")
    return Excerpt(before + after, marker)


def harmless(text: str) -> str:
    """Text that takes the room `cell_len` says, and does nothing else to a terminal: tabs are spaces, controls are marked."""
    return "".join(TAB if char == "\t" else _visible(char) for char in text)


def _visible(char: str) -> str:
    return char if char.isprintable() or char == "\u200c" else "\ufffd"  # the non-joiner is part of Persian spelling


def _turns(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
