"""How long customers wait for operators and talk with them, and what counts as abandoned."""

import pytest

from callengine.calls.waiting import Waiting, abandoned
from callengine.model import CallResult, Cause, Result, TransferOutcome


def test_the_wait_is_over_when_both_are_bridged() -> None:
    waiting = Waiting()
    waiting.wanted(10.0)
    assert waiting.waited_by(12.0) == 2.0
    waiting.bridged(15.0)
    assert (waiting.waited_by(99.0), waiting.talked_by(25.0)) == (5.0, 10.0)


def test_a_customer_who_is_passed_on_waits_no_more_and_talks_twice() -> None:
    waiting = Waiting()
    waiting.wanted(0.0)
    waiting.bridged(3.0)
    waiting.parted(13.0)
    waiting.wanted(13.0)
    waiting.bridged(20.0)
    assert (waiting.waited_by(25.0), waiting.talked_by(25.0)) == (3.0, 15.0)


def test_a_second_search_goes_on_with_the_wait_of_the_first() -> None:
    waiting = Waiting()
    waiting.wanted(0.0)
    waiting.given_up(4.0)
    assert waiting.waited_by(9.0) == 4.0
    waiting.wanted(10.0)
    assert waiting.waited_by(12.0) == 12.0


def test_who_wanted_nobody_has_not_waited() -> None:
    assert (Waiting().waited_by(5.0), Waiting().talked_by(5.0)) == (None, 0.0)


@pytest.mark.parametrize(
    ("answered", "transfer", "waited", "expected"),
    [
        (True, TransferOutcome.COMPLETED, 1.5, False),
        (True, TransferOutcome.COMPLETED, 2.5, True),
        (True, TransferOutcome.CUSTOMER_LEFT, 1.0, False),
        (True, TransferOutcome.CUSTOMER_LEFT, 3.0, True),
        (True, TransferOutcome.NO_OPERATOR, 0.0, True),
        (True, None, None, False),
        (False, None, None, False),
    ],
)
def test_abandoned_is_a_live_answer_that_had_no_operator_in_time(
    answered: bool, transfer: TransferOutcome | None, waited: float | None, expected: bool
) -> None:
    talked = 10.0 if transfer is TransferOutcome.COMPLETED else 0.0
    result = CallResult(Result("unknown"), Cause.FLOW_ENDED, answered, transfer=transfer, waited=waited, talked=talked)
    assert abandoned(result, 2.0) is expected
