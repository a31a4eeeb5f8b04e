"""Each invariant is judged: a call that violates it is told."""

import pytest

from callengine.model import CallResult, Cause, Leaked, Result
from callengine.simulator import Violation
from callengine.testing.invariants import violated
from callengine.testing.tape import CALLER, Happening, What

ENDED = Happening(9.0, "", What.RESULT, "hangup")
CONNECTED = Happening(8.0, "", What.TRANSFER, "completed")
FINE = CallResult(Result("hangup"), Cause.CUSTOMER_GONE, answered=True)
BUG = CallResult(Result("failed:bug"), Cause.BUG, answered=True, detail="KeyError")


def left_at(seconds: float) -> Happening:
    return Happening(seconds, CALLER, What.HANGS_UP)


def test_a_call_in_order() -> None:
    assert list(violated([left_at(8.0), ENDED], [FINE], Leaked(), (), ())) == []


def test_who_leaves_while_they_are_passed_on_is_connected_with_nobody() -> None:
    again = Happening(8.5, "", What.STEP, "again")
    assert list(violated([CONNECTED, again, ENDED], [FINE], Leaked(), (), ["connect", "again"])) == []


@pytest.mark.parametrize(
    ("happenings", "results", "left", "violations", "said"),
    [
        ([ENDED], [], Leaked(), (), "the call has 0 results in the book and 1 on its timeline, not one"),
        ([ENDED, ENDED], [FINE], Leaked(), (), "the call has 1 results in the book and 2 on its timeline, not one"),
        ([ENDED], [BUG], Leaked(), (), "a fault of the engine ended the call: KeyError"),
        ([ENDED], [FINE], Leaked(channels=1), (), "something is left over"),
        ([ENDED], [FINE], Leaked(tasks=1), (), "something is left over"),
        ([ENDED], [FINE], Leaked(), (Violation("I2", 1.0, "b", "alone"),), "I2 at 1.000 s: b: alone"),
        ([CONNECTED, ENDED], [FINE], Leaked(), (), "customer and operator were connected, but the result knows of no transfer"),
        ([left_at(1.0), ENDED], [FINE], Leaked(), (), "the call went on for 8.0 s after its caller had hung up"),
    ],
)
def test_a_violation(
    happenings: list[Happening], results: list[CallResult], left: Leaked, violations: tuple[Violation, ...], said: str
) -> None:
    [sentence] = violated(happenings, results, left, violations, ["connect"])
    assert sentence.startswith(said)
