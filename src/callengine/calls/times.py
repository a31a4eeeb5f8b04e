"""When a time of day comes next, wherever and whenever clocks are put forward or back."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callengine.model import Ambient


def next_time(at: str, ambient: Ambient, zone: str | None = None) -> datetime:
    """The next moment, later than now, at which clocks show a time of day.

    A time that clocks skip on that day comes as much later as they skip; of one that they show twice both moments count.

    Args:
        at: such as `09:30`.
        zone: whose clocks, such as `Asia/Tehran`; those of the ambient if None.
    """
    now = ambient.wall()
    here = now if zone is None else now.astimezone(ZoneInfo(zone))
    days = (here.date() + timedelta(days=days) for days in range(3))
    clocks = (datetime.combine(day, time.fromisoformat(at)) for day in days)
    moments = [moment for clock in clocks for moment in _moments(clock, ambient, zone)]
    # As UTC: moments of one zone are compared by what their clocks show, which is no order where clocks go back.
    return min(moment for moment in moments if moment > now.astimezone(UTC)).astimezone(here.tzinfo)


def _moments(clock: datetime, ambient: Ambient, zone: str | None) -> tuple[datetime, ...]:
    """When clocks show this: once, twice, or, where they skip it, when they would have without the change."""
    first, second = (_moment(clock.replace(fold=fold), ambient, zone) for fold in (0, 1))
    return (first, second) if second > first else (first,)


def _moment(clock: datetime, ambient: Ambient, zone: str | None) -> datetime:
    there = ambient.moment(clock) if zone is None else clock.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC)
