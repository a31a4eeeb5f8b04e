"""The hours in which contacts may be called, by the clock of whoever is called."""

from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
import trio
from attrs import field, frozen

from callengine.model import Ambient

log = structlog.get_logger()

LONGEST_NAP = 60.0
"""Seconds between two looks at the wall clock: it may be set."""

HORIZON = 400
"""Days in which hours that ever open do so."""


class Clock(Protocol):
    """What clocks show at one place; an `Ambient` is that of this machine."""

    def local(self, moment: datetime) -> datetime:
        """What they show at a moment, with the offset they have then."""
        ...

    def moment(self, local: datetime) -> datetime:
        """The moment at which they show `local`, which has no zone; its `fold` tells the second of two such moments."""
        ...


@frozen
class ZoneClock:
    """The clock of a zone of the tz database."""

    zone: ZoneInfo

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone)


@frozen
class Hours:
    """From `start` until before `end`, on some days of the week that are no holidays; all by one and the same clock.

    Hours whose end is before their start go on past midnight: each part counts with its own date.

    Attributes:
        start, end: None for both means the whole day.
        days: 0 for Monday; empty for every day.
        holidays: dates on which nobody is called.
    """

    start: time | None = None
    end: time | None = None
    days: tuple[int, ...] = ()
    holidays: Container[date] = field(factory=frozenset)

    @property
    def restrict(self) -> bool:
        """Whether there is any moment at which nobody may be called."""
        return self != Hours()

    def within(self, local: datetime) -> bool:
        """Whether people may be called when their clock shows this."""
        return self._on(local.date()) and self._at(local.time())

    def opens_at(self, clock: Clock, now: datetime) -> datetime | None:
        """The first moment from now on at which people may be called; None if there is none for more than a year."""
        local = clock.local(now)
        if self.within(local):
            return now
        today = local.date()
        for day in (today + timedelta(days=ahead) for ahead in range(HORIZON)):
            if self._on(day):
                later = (moment for moment in self._beginnings(clock, day) if moment >= now)
                for moment in sorted(later):
                    if self.within(clock.local(moment)):
                        return moment
        return None

    def _on(self, day: date) -> bool:
        return (not self.days or day.weekday() in self.days) and day not in self.holidays

    def _at(self, clock: time) -> bool:
        start, end = self.start or time.min, self.end
        if end is None:
            return clock >= start
        return start <= clock < end if start < end else clock >= start or clock < end

    def _beginnings(self, clock: Clock, day: date) -> Iterator[datetime]:
        """Moments of a day at which hours may open: its midnight, their start, and when the clock is changed."""
        for shown in {time.min, self.start or time.min}:
            yield from (_utc(clock.moment(datetime.combine(day, shown).replace(fold=fold))) for fold in (0, 1))
        changed = _change(clock, day)
        if changed is not None:
            yield changed


def _utc(moment: datetime) -> datetime:
    """Moments of one and the same zone compare by what its clock shows, which it may show twice."""
    return moment.astimezone(UTC)


def _change(clock: Clock, day: date) -> datetime | None:
    """The moment of a day at which its clock is put forward or back; None on all days but two of a year."""
    begin, end = (_utc(clock.moment(datetime.combine(day + timedelta(days=ahead), time.min))) for ahead in (0, 1))
    offset = clock.local(begin).utcoffset()
    if clock.local(end).utcoffset() == offset:
        return None
    before, after = 0, round((end - begin).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if clock.local(begin + timedelta(seconds=middle)).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return begin + timedelta(seconds=after)


@frozen
class CallingHours:
    """The hours by this machine's clock, and the waiting for them."""

    ambient: Ambient
    hours: Hours = field(factory=Hours)

    @property
    def closed_for(self) -> float:
        """Seconds until contacts may be called; 0.0 when they may be called now, `inf` if that will never be."""
        now = self.ambient.wall()
        opening = self.hours.opens_at(self.ambient, now)
        return float("inf") if opening is None else (opening - now).total_seconds()

    async def wait_open(self) -> None:
        """Wait until contacts may be called."""
        now = self.ambient.wall()
        opening = self.hours.opens_at(self.ambient, now)
        if opening != now:
            log.info(
                "Outside the calling hours", opens="never" if opening is None else f"{self.ambient.local(opening):%F %H:%M}"
            )
        while seconds := self.closed_for:  # noqa: ASYNC110 - no event tells that the wall clock was set
            await trio.sleep(min(seconds, LONGEST_NAP))
