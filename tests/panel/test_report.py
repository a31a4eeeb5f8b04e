"""What became of calls, in the panel's words."""

import json
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
import trio

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
    Digits,
    LineId,
    Operator,
    OperatorId,
    Pause,
    Received,
    Result,
    SeededAmbient,
)
from callengine.panel import Known, Reporter, status_of
from callengine.store import MemoryBook

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SARA = Operator(OperatorId("sara"), "PJSIP/200", over_trunk=False, phone_number="09123333333", reference='"op-3"')
CONTACT = Contact(ContactId("c"), Digits("989121234567"), "0912 123 4567", reference="17", batch='"b1"')
RESULT = CallResult(Result("connected_to_operator"), Cause.FLOW_ENDED, answered=True, transcript="بله", operator=SARA)
ATTEMPT = Attempt(
    AttemptId("a"), CONTACT, CallId("k"), LineId("0211"), "sales", ChartId("x"), AT, AttemptState.SETTLED, RESULT, placed_at=AT
)
KNOWN = Known({"sales": "7"}, {LineId("0211"): '"l1"'}, timezone(timedelta(hours=3, minutes=30)))


def reporter(*, old_fields: bool = False, user_message: bool = True) -> Reporter:
    return Reporter("salehi", SeededAmbient(1, trio.current_time), lambda: KNOWN, user_message, old_fields)


@pytest.mark.parametrize(
    ("result", "status", "reason"),
    [
        ("failed:record", "FAILED", "record"),
        ("answered_unserved", "FAILED", "answered_unserved"),
        ("pbx_lost", "FAILED", "pbx_lost"),
        ("forwarded", "FAILED", "forwarded"),
    ],
)
def test_results_without_a_status_fail_with_their_reason(result: str, status: str, reason: str) -> None:
    assert status_of(Result(result)) == (status, reason)


async def test_a_call_is_reported_with_all_the_panel_gave_us_verbatim() -> None:
    assert json.loads(reporter().attempt(ATTEMPT).body) == {
        "company": "salehi",
        "number_id": 17,
        "phone_number": "0912 123 4567",
        "status": "CONNECTED",
        "reason": "said yes and talked to an operator",
        "agent_id": "op-3",
        "agent_phone": "09123333333",
        "user_message": "بله",
        "attempted_at": "2026-03-02T12:30:00+03:30",
        "scenario_id": 7,
        "outbound_line_id": "l1",
    }


async def test_older_panels_get_their_fields() -> None:
    told = json.loads(reporter(old_fields=True).attempt(ATTEMPT).body)
    assert (told["scenario"], told["outbound_line"], told["batch_id"]) == ("sales", "0211", "b1")


async def test_what_customers_said_stays_here_where_it_is_to() -> None:
    assert "user_message" not in json.loads(reporter(user_message=False).attempt(ATTEMPT).body)


async def test_an_ambiguous_attempt_is_unconfirmed() -> None:
    told = json.loads(reporter().attempt(attrs.evolve(ATTEMPT, state=AttemptState.UNKNOWN, outcome=None)).body)
    assert (told["status"], told["reason"]) == ("FAILED", "unconfirmed")


async def test_callers_are_reported_by_number() -> None:
    outcome = attrs.evolve(RESULT, result=Result("inbound_call"))
    call = Received(CallId("k"), "0915", "0211", LineId("0211"), "sales", ChartId("x"), AT, outcome)
    message = reporter().received(call)
    told = json.loads(message.body)
    assert message.subject == told["phone_number"] == "0915"
    assert told["status"] == "INBOUND_CALL"
    assert "number_id" not in told


async def test_the_report_of_the_call_that_made_us_pause_says_so_until_the_panel_knows() -> None:
    book = MemoryBook()
    book.apply(lambda page: page.pauses.begin(Pause("p", "failures", "too many", AT)))
    book.apply(reporter().unit(ATTEMPT))
    [message] = book.look(lambda page: page.outbox.pending(AT.replace(year=2027), 10))
    assert message.pauses
    assert json.loads(message.body)["call_allowed"] is False
    book.apply(lambda page: page.pauses.told("p"))
    book.apply(reporter().unit(attrs.evolve(ATTEMPT, id=AttemptId("b"), contact=attrs.evolve(CONTACT, reference="18"))))
    _, later = book.look(lambda page: page.outbox.pending(AT.replace(year=2027), 10))
    assert not later.pauses
