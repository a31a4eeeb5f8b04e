"""Guesses which name a misspelt one was meant to be."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from callengine.fsm.findings import quoted

_LONGEST = 60
_SHORTEST_START = 4


class Names:
    """Known names, found again when misspelt by one letter (missing, added, changed, or two swapped) or cut short.

    Building costs time linear in the length of the names, asking in that of the word: comparing a wrong name with every right
    one would let a long file take minutes.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    @cached_property
    def _meant(self) -> Mapping[str, str]:
        meant: dict[str, str] = {}
        for name in self._names:
            for form in (*_forms(name), *_starts(name)):
                meant.setdefault(form, name)
        return meant

    def nearest(self, word: str) -> str | None:
        """The known name that is probably meant, or None if no name is close."""
        return next((self._meant[form] for form in _forms(word) if form in self._meant), None)

    def hint(self, word: str) -> str:
        """The end of a message: `; did you mean 'x'?`, or nothing."""
        name = self.nearest(word)
        return f"; did you mean {quoted(name)}?" if name else ""


def _forms(word: str) -> Iterator[str]:
    """The word and all it becomes when one letter is taken out: two words one slip apart share one of these."""
    if len(word) <= _LONGEST:
        plain = word.casefold()
        yield plain
        for index in range(len(plain)):
            yield plain[:index] + plain[index + 1 :]


def _starts(word: str) -> Iterator[str]:
    if len(word) <= _LONGEST:
        plain = word.casefold()
        for length in range(_SHORTEST_START, len(plain)):
            yield plain[:length]
