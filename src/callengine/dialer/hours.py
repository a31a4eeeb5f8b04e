"""The hours in which contacts may be called."""

from datetime import datetime, time, timedelta

import structlog
import trio
from attrs import frozen

from callengine.model import Ambient

log = structlog.get_logger()

LONGEST_NAP = 60.0
"""Seconds between two looks at the wall clock: it may be set, and days with a change of the clock are not 24 h long."""


def closed_for(now: datetime, start: time, end: time) -> float:
    """Seconds until the hours begin; 0.0 within them. Hours whose end is before their start go on past midnight."""
    clock = now.time()
    within = start <= clock < end if start < end else clock >= start or clock < end
    if within:
        return 0.0
    opening = datetime.combine(now.date(), start, tzinfo=now.tzinfo)
    if opening <= now:
        opening += timedelta(days=1)
    return (opening - now).total_seconds()


@frozen
class CallingHours:
    """From `start` until before `end` by the wall clock's own zone; None for both means at any time."""

    ambient: Ambient
    start: time | None = None
    end: time | None = None

    @property
    def closed_for(self) -> float:
        """Seconds until contacts may be called; 0.0 when they may be called now."""
        if self.start is None or self.end is None:
            return 0.0
        return closed_for(self.ambient.wall(), self.start, self.end)

    async def wait_open(self) -> None:
        """Wait until contacts may be called."""
        if seconds := self.closed_for:
            log.info("Outside the calling hours", opens=f"{self.start:%H:%M}", in_seconds=round(seconds))
        while seconds := self.closed_for:  # noqa: ASYNC110 - no event tells that the wall clock was set
            await trio.sleep(min(seconds, LONGEST_NAP))
