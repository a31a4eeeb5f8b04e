from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statemachine.exceptions import TransitionNotAllowed

from callengine.dialer.attempt import FINAL, NEXT, AttemptChart, AttemptLife
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
    digits_of,
)
from callengine.store import attempts as written

BUSY = CallResult(Result("busy"), Cause.CUSTOMER_GONE, answered=False)


def life() -> AttemptLife:
    return AttemptLife(
        Attempt(
            id=AttemptId("a1"),
            contact=Contact(ContactId("c1"), digits_of("09121234567"), "09121234567"),
            call=CallId("call"),
            line=LineId("1001"),
            scenario="sales",
            chart=ChartId("chart"),
            intended_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        )
    )


def test_a_call_that_is_answered() -> None:
    one = life()
    seen = [one.attempt.state]
    for happens in (one.placed, one.ringing, one.answered):
        happens()
        seen.append(one.attempt.state)
    one.settle(BUSY)
    assert [*seen, one.attempt.state] == [
        AttemptState.INTENDED,
        AttemptState.PLACED,
        AttemptState.RINGING,
        AttemptState.ANSWERED,
        AttemptState.SETTLED,
    ]
    assert one.attempt.outcome == BUSY


def test_settled_before_the_request_it_was_never_placed() -> None:
    one = life()
    one.settle(BUSY)
    assert one.attempt.state is AttemptState.NEVER_PLACED
    assert not one.was_placed


def test_an_attempt_of_unknown_fate_keeps_that_state_and_gets_its_outcome() -> None:
    one = life()
    one.placed()
    one.unknown()
    one.settle(BUSY)
    assert (one.attempt.state, one.attempt.outcome) == (AttemptState.UNKNOWN, BUSY)


def test_late_and_repeated_events_change_nothing() -> None:
    one = life()
    one.placed()
    one.answered()
    one.ringing()
    one.answered()
    assert one.attempt.state is AttemptState.ANSWERED
    one.settle(BUSY)
    one.ringing()
    one.settle(attrs.evolve(BUSY, result=Result("missed")))
    assert (one.attempt.state, one.attempt.outcome) == (AttemptState.SETTLED, BUSY)


def test_a_phone_that_rings_before_it_is_dialled_is_a_fault_of_ours() -> None:
    with pytest.raises(RuntimeError, match="a1: ring while intended"):
        life().ringing()


def test_the_book_lets_every_step_of_the_life_be_written() -> None:
    for (state, _), target in NEXT.items():
        assert target is state or target in written.NEXT[state]
    assert written.FINAL == FINAL


@given(st.lists(st.sampled_from(["place", "ring", "answer", "settle", "lose", "withdraw"]), max_size=8))
def test_the_table_and_the_library_s_machine_agree(events: list[str]) -> None:
    machine, state = AttemptChart(), AttemptState.INTENDED
    for event in events:
        target = NEXT.get((state, event))
        if target is None:
            with pytest.raises(TransitionNotAllowed):
                machine.send(event)
            return
        machine.send(event)
        state = target
        assert set(machine.configuration_values) == {state}
        assert machine.is_terminated == (state in FINAL)
