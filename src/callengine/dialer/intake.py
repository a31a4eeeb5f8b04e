"""What contacts are made of: a number as somebody wrote it, and the columns beside it."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen

from callengine.model import Ambient, Contact, ContactId, Numbering

PRIORITY, NOT_BEFORE, SCENARIO = "priority", "not_before", "scenario"
"""Columns that have a meaning; all others are fields."""

EXPORTED_ONLY = ("contact_campaign", "contact_state", "contact_result", "contact_tried", "contact_due_at")
"""Columns that an export adds, and an import leaves out."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PRIORITY = re.compile(r"-?[0-9]{1,6}")


def disarmed(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that looks like one has a quote in front."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def armed(cell: str) -> str:
    """What `disarmed` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


@frozen
class Intake:
    """Makes contacts.

    Attributes:
        campaign: that they belong to.
        priority: of those who have none of their own.
        zone: that times without a zone are of; this machine's if empty.
    """

    ambient: Ambient
    numbering: Numbering = field(factory=Numbering)
    campaign: str = ""
    priority: int = 0
    zone: str = ""

    def contact(self, written: str, columns: Mapping[str, str]) -> Contact:
        """The contact of a row.

        Raises:
            ValueError: the number must not be called, or a column is wrong; the message says what to do.
        """
        fields = dict(columns)
        for name in EXPORTED_ONLY:
            fields.pop(name, None)
        return Contact(
            ContactId(self.ambient.new_id()),
            self.numbering.contact(written),
            phone_number=written,
            campaign=self.campaign,
            priority=self._priority(fields.pop(PRIORITY, "")),
            not_before=self._not_before(fields.pop(NOT_BEFORE, "")),
            scenario=fields.pop(SCENARIO, ""),
            fields=fields,
        )

    def _priority(self, text: str) -> int:
        if not text:
            return self.priority
        if not _PRIORITY.fullmatch(text):
            raise ValueError(f"priority {text!r} is no whole number: give one such as 0 or 10; a larger one is called first")
        return int(text)

    def _not_before(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                moment.timestamp()
                return moment
            return moment.replace(tzinfo=ZoneInfo(self.zone)) if self.zone else self.ambient.moment(moment)
        except (ValueError, OverflowError):
            raise ValueError(f"not_before {text!r} is no time: give one such as 2026-11-25T09:00+03:30") from None
