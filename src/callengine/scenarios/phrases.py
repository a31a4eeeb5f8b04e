"""Labelled phrases: what people say, and the intent they have."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from attrs import field, frozen

from callengine.fsm import MOST_BYTES
from callengine.fsm.spelling import Names
from callengine.model import Intent
from callengine.scenarios.files import read

PHRASE, INTENT, LANGUAGE = "phrase", "intent", "language"
MOST_FAULTS = 20
"""Faults of a file that are told."""


@frozen
class Phrase:
    """What somebody says.

    Attributes:
        line: of the file, from 1 on.
        intent: that it has.
        language: as the file names it; empty where it does not.
    """

    line: int
    text: str
    intent: Intent
    language: str = ""


@frozen
class PhraseFile:
    """A labelled set, as far as it can be used.

    Attributes:
        phrases: in the order of the file.
        faults: each with its place; a file that has one should not be judged by the rest.
    """

    phrases: tuple[Phrase, ...] = ()
    faults: tuple[str, ...] = ()


def read_phrases(path: Path, intents: Collection[Intent]) -> PhraseFile:
    """Read a CSV file with the columns `phrase` and `intent`, and `language` if it likes; UTF-8. Blank lines are skipped.

    Args:
        intents: that phrases may have.

    Raises:
        OSError: it cannot be read.
    """
    source = read(path)
    if len(source) > MOST_BYTES:
        return PhraseFile(faults=(f"{path}: is larger than {MOST_BYTES:,} bytes; split it",))
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        return PhraseFile(faults=(f"{path}:{line}: is not UTF-8; save the file as UTF-8",))
    return _Reader(str(path), tuple(intents)).read(text)


@frozen
class _Reader:
    path: str
    intents: tuple[Intent, ...]
    faults: list[str] = field(factory=list)

    def read(self, text: str) -> PhraseFile:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        phrases: list[Phrase] = []
        try:
            header = next(rows, [])
            if self._knows(header):
                phrases += (phrase for cells in rows if any(cells) for phrase in self._phrase(header, cells, rows.line_num))
        except csv.Error as error:
            self._fault(rows.line_num, f"is no CSV: {error}")
        if not phrases and not self.faults:
            self._fault(rows.line_num or 1, "the file holds no phrase")
        return PhraseFile(tuple(phrases), tuple(self.faults[:MOST_FAULTS]))

    def _knows(self, header: Sequence[str]) -> bool:
        missing = [column for column in (PHRASE, INTENT) if header.count(column) != 1]
        if missing:
            wanted = " and ".join(f"`{column}`" for column in missing)
            self._fault(1, f"the first line must name {wanted} once, such as phrase,intent,language")

        return not missing

    def _phrase(self, header: Sequence[str], cells: Sequence[str], line: int) -> Iterator[Phrase]:
        if len(cells) != len(header):
            counted = f"has {len(cells)} cells where the first line has {len(header)}"
            self._fault(line, f"{counted}; put a phrase with a comma in double quotes")
            return
        row = dict(zip(header, map(str.strip, cells), strict=True))
        intent = Intent(row[INTENT])
        if not row[PHRASE]:
            self._fault(line, "the phrase is empty")
        elif intent not in self.intents:
            known = Names(self.intents)
            hint = known.hint(intent) or f"; it declares {', '.join(self.intents)}"
            self._fault(line, f"the scenario declares no intent {intent!r}{hint}")
        else:
            yield Phrase(line, row[PHRASE], intent, row.get(LANGUAGE, ""))

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(f"{self.path}:{line}: {message}")
