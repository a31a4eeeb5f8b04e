"""Where contacts come from: a list in the settings, a CSV file. A panel's batches are one more source."""

import csv
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TextIO

import structlog
import trio
from attrs import define, field, frozen

from callengine.dialer.intake import Intake, armed
from callengine.errors import ConfigError
from callengine.model import Ambient, Contact

log = structlog.get_logger()

NUMBER_COLUMNS = ("phone_number", "number")


class ContactSource(Protocol):
    """Contacts one by one, as the dialler asks for them. Ends when there will be no more.

    Asking may wait as long as it takes (a panel that is polled) and may be cancelled without losing a contact.
    """

    def __aiter__(self) -> AsyncIterator[Contact]: ...


@define(eq=False)
class Sieve:
    """Lets contacts of rows pass: each number once, bad rows refused with their place and reason.

    Attributes:
        accepted: contacts made.
        refused: rows without a number that may be dialled, or with a wrong column; each is logged.
        repeated: rows whose number came before.
    """

    _intake: Intake
    accepted: int = field(default=0, init=False)
    refused: int = field(default=0, init=False)
    repeated: int = field(default=0, init=False)
    _seen: set[str] = field(factory=set, init=False)

    def refuse(self, place: str, reason: str) -> None:
        self.refused += 1
        log.warning(f"{place}: {reason}")

    def contact(self, place: str, written: str, fields: Mapping[str, str]) -> Contact | None:
        try:
            contact = self._intake.contact(written, fields)
        except ValueError as error:
            self.refuse(place, str(error))
            return None
        if contact.number in self._seen:
            self.repeated += 1
            return None
        self._seen.add(contact.number)
        self.accepted += 1
        return contact

    def sum_up(self, source: str) -> None:
        """Log what a source that is at its end has given."""
        log.info("Contacts read", source=source, accepted=self.accepted, refused=self.refused, repeated=self.repeated)


class ContactList:
    """Contacts given as numbers.

    Args:
        numbers: as people write them.
        name: of the list, for messages about bad entries and at its end.
        fields: what is known of people besides, by number.
        intake: what makes contacts of them, where numbers are read by a plan.
    """

    def __init__(
        self,
        numbers: Iterable[str],
        ambient: Ambient,
        name: str = "STATIC_CONTACTS",
        fields: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        intake: Intake | None = None,
    ) -> None:
        self.sieve = Sieve(intake or Intake(ambient))
        self._name = name
        made = (self.sieve.contact(f"{name}:{at}", number, fields.get(number, {})) for at, number in enumerate(numbers, 1))
        self._rest = (contact for contact in made if contact is not None)

    def __aiter__(self) -> "ContactList":
        return self

    async def __anext__(self) -> Contact:
        await trio.lowlevel.checkpoint()
        for contact in self._rest:
            return contact
        self.sieve.sum_up(self._name)
        raise StopAsyncIteration


@frozen
class Row:
    """A line of a contacts file: a number with its other fields, or the reason why it is none.

    Attributes:
        line: of the file, from 1 on.
    """

    line: int
    written: str = ""
    fields: Mapping[str, str] = field(factory=dict)
    refused: str = ""


def read_rows(path: Path) -> Generator[Row, None, None]:
    """Read a CSV file of contacts, row by row: UTF-8 (with or without a mark at its start), separated by commas.

    One column `phone_number` or `number` holds the number; `Intake` knows what the others mean. A quote before what a
    spreadsheet would take for a formula is left out. A file of a single column may do
    without a header. Blank lines are skipped.

    Raises:
        ConfigError: the file cannot be read, is not UTF-8, or has several columns and no usable header.
    """
    header: list[str] = []
    with _readable(path), path.open(encoding="utf-8-sig", newline="") as file:
        for line, cells in _lines(file):
            if isinstance(cells, csv.Error):
                yield Row(line, refused=str(cells))
            elif header:
                yield _row(line, header, cells)
            else:
                header = _header(f"{path}:{line}", cells)
                if header != cells:
                    yield _row(line, header, cells)


def _lines(file: TextIO) -> Iterator[tuple[int, list[str] | csv.Error]]:
    reader = csv.reader(file)
    while True:
        try:
            cells = [armed(cell.strip()) for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, error
        else:
            if any(cells):
                yield reader.line_num, cells


def _header(place: str, first: list[str]) -> list[str]:
    """The header that the first row is or, in a file of one column, stands for."""
    if any(name in first for name in NUMBER_COLUMNS):
        return first
    if len(first) == 1:
        return [NUMBER_COLUMNS[0]]
    raise ConfigError(f"{place}: {len(first)} columns need a header row with one of them named phone_number")


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        return Row(line, refused=f"{len(cells)} columns where the header has {len(header)}")
    fields = dict(zip(header, cells, strict=True))
    written = fields.pop(next(name for name in NUMBER_COLUMNS if name in fields))
    return Row(line, written, fields)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"contacts file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"contacts file {path} is not UTF-8; save it as CSV UTF-8") from error
