"""Nobody is called outside the hours of their own clock."""

from datetime import UTC, date, datetime, time

import pytest

from callengine.dialer import CallWindows, Hours, holidays_of
from callengine.errors import ConfigError
from callengine.model import Contact, ContactId, Digits, Numbering, SeededAmbient

HERE = SeededAmbient(1, lambda: 0.0)
NINE_TO_FIVE = Hours(time(9), time(17))
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


def contact(number: str = "09121234567", **fields: str) -> Contact:
    return Contact(ContactId("1"), Digits(number), number, fields)


def windows(region: str = "IR", hours: Hours = NINE_TO_FIVE) -> CallWindows:
    return CallWindows(HERE, hours, Numbering(region), by_contact=True)


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_by_this_machines_clock_all_contacts_are_alike() -> None:
    here = CallWindows(HERE, NINE_TO_FIVE)
    assert here.opens_at(contact(zone="Asia/Tokyo"), MIDNIGHT) == here.opens_at(contact(), MIDNIGHT) == at(9)


@pytest.mark.parametrize(
    ("whom", "opens"),
    [
        (contact(), at(5, 30)),
        (contact("004930123456"), at(8)),
        (contact(zone="Asia/Tokyo"), at(0)),
        (contact(timezone="America/New_York"), at(14)),
    ],
)
def test_a_contacts_zone_is_its_own_word_or_that_of_its_number(whom: Contact, opens: datetime) -> None:
    assert windows().opens_at(whom, MIDNIGHT) == opens


def test_who_may_be_in_several_zones_is_called_when_it_is_the_hour_in_all() -> None:
    anywhere = contact("8005550123")
    assert windows("US", Hours(time(8), time(21))).opens_at(anywhere, MIDNIGHT) is not None
    assert windows("US", Hours(time(9), time(10))).opens_at(anywhere, MIDNIGHT) is None
    assert windows("US", Hours(time(9), time(10))).why_never(anywhere) == "failed:never_open"


@pytest.mark.parametrize(
    "whom", [contact("4930123456"), contact(zone="Europ/Berlin"), contact(zone="Europe"), contact(zone="..")]
)
def test_who_is_in_a_zone_that_nobody_knows_is_never_called(whom: Contact) -> None:
    assert windows().opens_at(whom, at(12)) is None
    assert windows().why_never(whom) == "failed:unknown_zone"


def test_without_a_window_everybody_is_called_at_any_time() -> None:
    assert windows(hours=Hours()).opens_at(contact(zone="nowhere"), MIDNIGHT) == MIDNIGHT


def test_public_holidays_are_known_by_country_and_region() -> None:
    assert date(2026, 3, 21) in holidays_of("IR")
    assert date(2026, 1, 6) in holidays_of("DE-BY")
    assert date(2026, 1, 6) not in holidays_of("DE")
    assert date(2026, 1, 1) not in holidays_of("")


@pytest.mark.parametrize("code", ["QQ", "DE-QQ", "nowhere"])
def test_holidays_that_nobody_knows_are_said_at_the_start(code: str) -> None:
    with pytest.raises(ConfigError, match=f"CALL_HOLIDAYS: the holidays of '{code}' are not known"):
        holidays_of(code)
