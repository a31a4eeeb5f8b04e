"""What the columns of a contact mean."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.dialer import Intake, disarmed
from callengine.dialer.intake import armed
from callengine.model import SeededAmbient

AMBIENT = SeededAmbient(1, lambda: 0.0)


def test_columns_with_a_meaning_are_no_fields() -> None:
    columns = {"priority": "7", "not_before": "", "scenario": "survey", "contact_state": "done", "city": "Shiraz"}
    contact = Intake(AMBIENT, campaign="spring").contact("0912 123 4567", columns)
    assert (contact.campaign, contact.priority, contact.not_before, contact.scenario) == ("spring", 7, None, "survey")
    assert contact.fields == {"city": "Shiraz"}
    assert contact.phone_number == "0912 123 4567"


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        ("", "2026-11-25T09:00+03:30", datetime(2026, 11, 25, 9, tzinfo=timezone(timedelta(hours=3.5)))),
        ("Asia/Tehran", "2026-11-25T09:00", datetime(2026, 11, 25, 5, 30, tzinfo=UTC)),
        ("", "2026-11-25 09:00", datetime(2026, 11, 25, 9, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_one_of_the_settings_or_of_this_machine(zone: str, text: str, moment: datetime) -> None:
    assert Intake(AMBIENT, zone=zone).contact("09121234567", {"not_before": text}).not_before == moment


@given(st.text(max_size=8) | st.from_regex(r"'{0,3}[=+@\t\r-].*", fullmatch=True))
def test_a_cell_that_was_disarmed_is_what_it_was(cell: str) -> None:
    assert not disarmed(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert armed(disarmed(cell)) == cell
