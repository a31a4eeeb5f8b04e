"""The kinds of value the language knows besides plain text and collections: what `Annotated` fields are marked with."""

from typing import Annotated, Literal, TypeVar

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


@frozen
class OneOrMore:
    """A list that may be a single word where it has one."""


@frozen
class Spoken:
    """A sentence on one line, of at most `longest` characters."""

    longest: int


@frozen
class VariableName:
    """A name that a flow may give to what it remembers: letters, digits and `_`, and none that has a meaning already."""


@frozen
class CountedName:
    """Any name that has no meaning already."""


@frozen
class Clock:
    """A time of day, such as `09:30`."""


@frozen
class ZoneName:
    """A time zone of the IANA database, such as `Asia/Tehran`."""


@frozen
class WebAddress:
    """The address of a web service; only behind the host may it have placeholders."""


T = TypeVar("T")

Name = Annotated[str, Word()]
Verbatim = Annotated[str, AsWritten()]
Listed = Annotated[tuple[T, ...], OneOrMore()]
Sentence = Annotated[str, Spoken(500)]
Identifier = Annotated[str, VariableName()]
CounterName = Annotated[str, CountedName()]
TimeOfDay = Annotated[str, Clock()]
Zone = Annotated[str, ZoneName()]
Url = Annotated[str, WebAddress()]
RESERVED = ("number", "transcript", "intent", "result", "operator", "position")
"""Names that have a meaning in every flow."""
Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
"""A key of a telephone; digits need no quotes."""
Seconds = Annotated[float, Bounds(0, 3600)]
Count = Annotated[int, Bounds(1, 1_000_000)]
Share = Annotated[float, Bounds(0, 1)]
Weight = Annotated[float, Bounds(0.001, 1_000_000)]
