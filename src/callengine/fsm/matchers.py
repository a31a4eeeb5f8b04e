"""Tests of what is known in a call: the contact, what the flow remembers, the time of day. No expressions are evaluated."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from attrs import frozen

from callengine.fsm.declarations import Variable
from callengine.fsm.kinds import Bounds, Name, TimeOfDay, Verbatim, Zone
from callengine.fsm.placeholders import named

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As `datetime.weekday` counts them."""

Number = Annotated[float, Bounds(-1e15, 1e15)]
_MATCHERS = ("contains", "equals", "one_of", "at_least", "at_most", "empty")


@frozen(kw_only=True)
class Hours:
    """A time of day, on some days of the week or on all.

    Attributes:
        start: from this minute on (written `from`).
        end: before this minute (written `to`); where it is before `from`, the hours go past midnight.
        days: on which they begin; every day if none is named.
        zone: such as `Asia/Tehran`; the engine's own if it is left out.
    """

    start: TimeOfDay
    end: TimeOfDay
    days: tuple[Day, ...] = ()
    zone: Zone | None = None

    def __attrs_post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("begins and ends at the same time; write when it ends")

    def __str__(self) -> str:
        return " ".join((f"{self.start}-{self.end}", *([", ".join(self.days)] if self.days else ())))

    def hold(self, now: datetime) -> bool:
        """Whether a moment, which has its zone, lies in these hours."""
        here = now if self.zone is None else now.astimezone(ZoneInfo(self.zone))
        start, end, at = time.fromisoformat(self.start), time.fromisoformat(self.end), here.time().replace(tzinfo=None)
        if start < end:
            return start <= at < end and self._on(here.weekday())
        return (at >= start and self._on(here.weekday())) or (at < end and self._on((here.weekday() - 1) % len(DAYS)))

    def _on(self, weekday: int) -> bool:
        return not self.days or DAYS[weekday] in self.days


@frozen(kw_only=True)
class Test:
    """One test: of what is known under a name, or of the time.

    Either `time`, or `name` and exactly one of the others is set.

    Attributes:
        name: of a variable, a counter, or a field of the contact; or `number`, `transcript`, `intent`.
        contains: a piece of text that it contains.
        equals: what it is.
        one_of: what it may be (written `in`).
        at_least: it is a number, and not less.
        at_most: it is a number, and not more.
        empty: whether it is empty, as a field is that the contact does not have.
        time: when it is.
    """

    __test__ = False  # no test class, whatever pytest makes of its name

    name: Name | None = None
    contains: Verbatim | None = None
    equals: Verbatim | None = None
    one_of: tuple[Verbatim, ...] | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    empty: bool | None = None
    time: Hours | None = None

    def __attrs_post_init__(self) -> None:
        given = [matcher for matcher in _MATCHERS if getattr(self, matcher) is not None]
        if self.time is not None:
            if self.name is not None or given:
                raise ValueError("has `time` and other keys; make two tests of it")
        elif self.name is None:
            raise ValueError("needs `name` or `time`; say what is tested")
        elif not given or (len(given) > 1 and set(given) != {"at_least", "at_most"}):
            keys = "`contains`, `equals`, `in`, `at_least`, `at_most` and `empty`"
            raise ValueError(f"needs exactly one of the keys {keys}; keep the one that is meant")

    def __str__(self) -> str:
        """The test in words, such as `city in Tehran, Shiraz`."""
        if self.time is not None:
            return str(self.time)
        if self.empty is not None:
            return f"{self.name} is {'' if self.empty else 'not '}empty"
        if self.contains is not None:
            return f"{self.name} contains {self.contains}"
        if self.one_of is not None:
            return f"{self.name} in {', '.join(self.one_of)}"
        if self.equals is not None:
            return f"{self.name} is {self.equals}"
        bounds = (("≥", self.at_least), ("≤", self.at_most))
        return f"{self.name} {' and '.join(f'{sign} {bound:,.12g}' for sign, bound in bounds if bound is not None)}"

    @property
    def numeric(self) -> bool:
        """Whether it compares numbers."""
        return self.at_least is not None or self.at_most is not None

    def reading(self) -> tuple[Variable, ...]:
        """What it reads."""
        return () if self.name is None else (named(self.name),)

    def holds(self, known: Mapping[str, str], now: datetime) -> bool:
        """Whether it holds.

        Args:
            known: what names stand for; one that is not there is empty.
            now: with its zone.
        """
        if self.time is not None:
            return self.time.hold(now)
        text = known.get(self.name or "", "")
        if self.numeric:
            return self._within(text)
        if self.empty is not None:
            return (not text) is self.empty
        if self.contains is not None:
            return self.contains in text
        return text in (self.one_of or ()) or text == self.equals

    def _within(self, text: str) -> bool:
        if not is_number(text):
            return False
        number, low, high = Decimal(text.strip()), self.at_least, self.at_most
        return (low is None or number >= low) and (high is None or number <= high)


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LONGEST_NUMBER = 40


def is_number(text: str) -> bool:
    """Whether a text is a number in plain decimal digits, such as `12`, `-0.5` or `۱۲`: at most 40 characters."""
    number = text.strip()
    return len(number) <= _LONGEST_NUMBER and _NUMBER.fullmatch(number) is not None
