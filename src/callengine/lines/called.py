"""Which line a caller has dialled. Pure."""

from collections.abc import Callable, Iterable
from operator import eq

from callengine.model import LineId

_ENOUGH = 7
"""Digits that two ways to write a number have in common at their ends, to be taken for the same."""


def line_called(dialled: str, lines: Iterable[LineId]) -> LineId | None:
    """The line with this number; None where it is none of them, or might be more than one.

    Trunks and settings write the same number in different ways, `02191302954` and `+982191302954`: where no line is written
    exactly so, the one with the same digits will do, or else the one that agrees in all but leading zeros and a country code.
    """
    candidates = tuple(lines)
    for agree in _AGREEMENTS:
        found = [line for line in candidates if agree(line, dialled)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _digits(number: str) -> str:
    return "".join(char for char in number if char in "0123456789")


def _same_digits(one: str, other: str) -> bool:
    return _digits(one) == _digits(other) != ""


def _same_ends(one: str, other: str) -> bool:
    shorter, longer = sorted((_digits(number).lstrip("0") for number in (one, other)), key=len)
    return len(shorter) >= _ENOUGH and longer.endswith(shorter)


_AGREEMENTS: tuple[Callable[[str, str], bool], ...] = (eq, _same_digits, _same_ends)
"""The stricter ones first."""
