"""The kinds of value the language knows besides plain text and collections: what `Annotated` fields are marked with."""

from typing import Annotated

from attrs import frozen


@frozen
class Bounds:
    """A number from `low` to `high`."""

    low: float
    high: float


@frozen
class Word:
    """Text on one line that is not empty: something that is referred to."""


@frozen
class AsWritten:
    """Text whose quotes may be left out even where it looks like a number: `09120000000` keeps its zero."""


Name = Annotated[str, Word()]
Verbatim = Annotated[str, AsWritten()]
Seconds = Annotated[float, Bounds(0, 3600)]
Count = Annotated[int, Bounds(1, 1_000_000)]
Weight = Annotated[float, Bounds(0.001, 1_000_000)]
