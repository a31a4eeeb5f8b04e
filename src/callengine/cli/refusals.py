"""The rows of a file that could not be used."""

import csv
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from callengine.cli.excerpt import harmless
from callengine.dialer import disarmed
from callengine.dialer.importing import Refuse, RefusedRow
from callengine.errors import ConfigError

MOST_SHOWN = 20
"""Refused rows that are shown to people; a file gets them all."""

_PIECE = 1 << 20


def lines_of(path: Path) -> int:
    """How many lines a file has.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b"")) + 1
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


@contextmanager
def refusals(path: Path, to: Path | None) -> Iterator[Refuse]:
    """Tells of refused rows: the first of them on standard error, all of them in a CSV file if there is to be one.

    Raises:
        ConfigError: that file cannot be written.
    """
    seen = 0
    with ExitStack() as stack:
        try:
            written = None if to is None else csv.writer(stack.enter_context(to.open("w", encoding="utf-8", newline="")))
        except OSError as error:
            raise ConfigError(f"--refused: {to} cannot be written: {error.strerror}") from error
        if written is not None:
            written.writerow(("line", "phone_number", "reason"))

        def refuse(row: RefusedRow) -> None:
            nonlocal seen
            seen += 1
            if seen <= MOST_SHOWN:
                print(harmless(f"{path}:{row.line}: {row.reason}"), file=sys.stderr)
            if written is not None:
                written.writerow((row.line, disarmed(row.written), disarmed(row.reason)))

        yield refuse
    if seen > MOST_SHOWN:
        advice = "--refused FILE.csv lists them all" if to is None else f"{to} lists them all"
        print(f"{seen - MOST_SHOWN:,} more rows were refused; {advice}", file=sys.stderr)
