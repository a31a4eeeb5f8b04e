"""When each contact may be called: by the clock of this machine, or by those of the contact's own zones."""

from collections.abc import Container
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import field, frozen

from callengine.dialer.hours import Clock, Hours, ZoneClock
from callengine.errors import ConfigError
from callengine.model import Contact, Numbering, Result

UNKNOWN_ZONE = Result("failed:unknown_zone")
NEVER_OPEN = Result("failed:never_open")
"""Results of contacts that are declined because there is no moment at which they may be called."""

ZONE_FIELDS = ("zone", "timezone")

_MOST_ROUNDS = 100


@frozen
class CallWindows:
    """The hours of each contact.

    Attributes:
        here: this machine's clock.
        by_contact: whether the hours go by the contact's clock. Somebody who may be in several zones is called when it is the
            hour in all of them, and somebody whose zone is not known never is.
    """

    here: Clock
    hours: Hours = field(factory=Hours)
    numbering: Numbering = field(factory=Numbering)
    by_contact: bool = False

    def opens_at(self, contact: Contact, now: datetime) -> datetime | None:
        """The first moment from now on at which a contact may be called, `now` itself if that is one; None if there is none.

        `why_never` then tells the result that the contact is declined with.
        """
        if not self.hours.restrict:
            return now
        if not self.by_contact:
            return self.hours.opens_at(self.here, now)
        return self._in_all(self._clocks(contact), now)

    def why_never(self, contact: Contact) -> Result:
        """The result of a contact that no moment is right for."""
        return UNKNOWN_ZONE if self.by_contact and not self._clocks(contact) else NEVER_OPEN

    def _in_all(self, clocks: tuple[Clock, ...], now: datetime) -> datetime | None:
        if not clocks:
            return None
        moment = now
        for _ in range(_MOST_ROUNDS):
            begin = moment
            for clock in clocks:
                opening = self.hours.opens_at(clock, moment)
                if opening is None:
                    return None
                moment = opening
            if moment == begin:
                return moment
        return None

    def _clocks(self, contact: Contact) -> tuple[Clock, ...]:
        """Those of the zones that a contact may be in: its own word counts before that of its number."""
        named = next((contact.fields[name] for name in ZONE_FIELDS if contact.fields.get(name)), "")
        zones = (named,) if named else self.numbering.zones(contact.number)
        clocks = tuple(map(_clock, zones))
        return () if None in clocks else tuple(clock for clock in clocks if clock is not None)


def _clock(zone: str) -> Clock | None:
    try:
        return ZoneClock(ZoneInfo(zone))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def holidays_of(code: str) -> Container[date]:
    """The public holidays of a country, or of a region of one: `IR`, `DE-BY`; none for an empty code.

    The days are those of the library holidays; of lunar calendars some are estimates.

    Raises:
        ConfigError: nobody knows the holidays of this place.
    """
    if not code:
        return frozenset()
    import holidays

    country, _, region = code.upper().partition("-")
    try:
        return holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError as error:
        advice = "give a country, or a country and its region, such as IR or DE-BY"
        raise ConfigError(f"CALL_HOLIDAYS: the holidays of {code!r} are not known; {advice}") from error
