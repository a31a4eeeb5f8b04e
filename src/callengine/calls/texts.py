"""Texts with what a call knows filled in, and how long they may become: a flow could let them grow without end."""

from collections.abc import Mapping

from callengine.fsm.placeholders import fill, names_in

LONGEST_REMEMBERED = 2000
"""Characters of one text that a call remembers, and of one that is filled in."""

MOST_FILLED_IN = 64 * 1024
"""Characters that are filled in to one text; its placeholders share them where there are very many."""


def values_of(template: str, known: Mapping[str, str]) -> dict[str, str]:
    """What the names in a text are filled with: nothing where a name stands for nothing, and the beginning of what is long."""
    names = list(names_in(template))
    longest = min(LONGEST_REMEMBERED, MOST_FILLED_IN // max(1, len(names)))
    return {name: known.get(name, "")[:longest] for name in names}


def filled(template: str, known: Mapping[str, str]) -> str:
    """A text with its placeholders filled."""
    return fill(template, values_of(template, known))
