"""Values worth trying: what the tests in a chart tell apart."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice, product
from zoneinfo import ZoneInfo

from callengine.calls import filled
from callengine.fsm import Chart
from callengine.fsm.cases import EPOCH
from callengine.fsm.matchers import Hours, Test
from callengine.fsm.placeholders import names_in
from callengine.fsm.steps import Branch, ScheduleCallback, SendSms, Set

FITS_NONE = "zz"
"""A text that no test is likely to ask for."""

MOST = 200
"""Combinations of values that are tried at one step."""

WEEK = 7


@lru_cache(maxsize=16)
def tests_of(chart: Chart) -> tuple[Test, ...]:
    """Every test in a chart."""
    branches = (step for step in chart.steps.values() if isinstance(step, Branch))
    return tuple(test for step in branches for case in step.cases for test in case.when)


@lru_cache(maxsize=16)
def names_that_matter(chart: Chart) -> frozenset[str]:
    """Names of which a value may decide where a call goes."""
    names = {test.name for test in tests_of(chart) if test.name is not None}
    for step in chart.steps.values():
        if isinstance(step, ScheduleCallback) and step.in_hours is not None:
            names.add(step.in_hours)
        if isinstance(step, (ScheduleCallback, SendSms)):
            names.update(names_in(step.to))
        if isinstance(step, SendSms) and not filled(step.text, {}).strip():
            names.update(names_in(step.text))
    return frozenset(names)


@lru_cache(maxsize=1024)
def names_read_besides(chart: Chart, step: Branch) -> frozenset[str]:
    """Names that other steps than this one read and on which something may depend."""
    names: set[str] = set()
    for other in chart.steps.values():
        if other is step:
            continue
        if isinstance(other, Branch):
            names.update(test.name for case in other.cases for test in case.when if test.name is not None)
        if isinstance(other, (Set, ScheduleCallback, SendSms)):
            names.update(variable.name for variable in other.reading())
    return frozenset(names)


@lru_cache(maxsize=256)
def values_for(chart: Chart, name: str) -> tuple[str, ...]:
    """What a name could stand for, so that each test of it holds for one value and fails for another."""
    asked = chain.from_iterable(_values(test) for test in tests_of(chart) if test.name == name)
    return tuple(dict.fromkeys((*asked, "", FITS_NONE)))


def _values(test: Test) -> Iterator[str]:
    yield from (text for text in (test.equals, test.contains, *(test.one_of or ())) if text is not None)
    for bound in (test.at_least, test.at_most):
        if bound is not None:
            yield from (f"{Decimal(str(bound)) + more:f}".removesuffix(".0") for more in (0, 1, -1))


@lru_cache(maxsize=16)
def moments_of(chart: Chart) -> tuple[datetime, ...]:
    """When a call could begin, so that each test of the time holds for one moment and fails for another."""
    hours = [test.time for test in tests_of(chart) if test.time is not None]
    return tuple(dict.fromkeys((EPOCH, *chain.from_iterable(map(_moments, hours)))))


def _moments(hours: Hours) -> Iterator[datetime]:
    """The beginning and the end, on each day of a week; one day where all are alike."""
    zone = EPOCH.tzinfo if hours.zone is None else ZoneInfo(hours.zone)
    for day in range(WEEK if hours.days else 1):
        date = EPOCH.date() + timedelta(days=day)
        for clock in (hours.start, hours.end):
            yield datetime.combine(date, time.fromisoformat(clock), zone).astimezone(EPOCH.tzinfo)


def combined(values: Mapping[str, tuple[str, ...]]) -> Iterator[Mapping[str, str]]:
    """Every combination of values, one for each name; the first `MOST` of them."""
    return (dict(zip(values, chosen, strict=True)) for chosen in islice(product(*values.values()), MOST))
