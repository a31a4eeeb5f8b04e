"""Contacts and attempts for the tests of the store."""

from datetime import UTC, datetime, timedelta

import attrs

from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    CallId,
    CallResult,
    Cause,
    ChartId,
    Contact,
    ContactId,
    LineId,
    Result,
    Source,
    digits_of,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def person(
    name: str,
    place: int = 1,
    *,
    intent: str | None = None,
    campaign: str = "main",
    priority: int = 0,
    not_before: datetime | None = None,
    source: Source = Source.LIST,
    phone_number: str = "",
) -> Contact:
    """A contact with the number of a place, whose intent is its name unless another is given."""
    number = digits_of(f"0912{place:07}")
    return Contact(
        id=ContactId(name),
        number=number,
        phone_number=phone_number or number,
        campaign=campaign,
        intent=name if intent is None else intent,
        source=source,
        priority=priority,
        not_before=not_before,
    )


def attempt_for(contact: Contact, name: str = "a1") -> Attempt:
    return Attempt(
        id=AttemptId(name),
        contact=contact,
        call=CallId(f"call of {name}"),
        line=LineId("1001"),
        scenario="sales",
        chart=ChartId("chart"),
        intended_at=NOON,
    )


def ended(
    attempt: Attempt,
    result: str = "busy",
    state: AttemptState = AttemptState.SETTLED,
    cause: Cause = Cause.CUSTOMER_GONE,
    transcript: str = "",
) -> Attempt:
    outcome = CallResult(Result(result), cause, answered=False, transcript=transcript)
    return attrs.evolve(attempt, state=state, outcome=outcome)
