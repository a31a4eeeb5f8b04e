"""What must hold of every call, whatever its flow, its caller and its operators do."""

from collections.abc import Collection, Iterator, Sequence

from callengine.model import CallResult, Cause, Leaked, TransferOutcome
from callengine.simulator import Violation
from callengine.testing.tape import CALLER, Happening, What

OVER_WITHIN = 2.0
"""Seconds after a hangup by the caller within which the call is over."""

_FAULTS = {
    Cause.BUG: "a fault of the engine ended the call",
    Cause.OVERFLOW: "the call was flooded with events",
    Cause.PBX_LOST: "the PBX was lost",
    Cause.BUDGET: "nobody ended the call: it lasted as long, or took as many steps, as a call may",
}


def violated(
    happenings: Sequence[Happening],
    results: Sequence[CallResult],
    left: Leaked,
    violations: Sequence[Violation],
    transfers: Collection[str],
) -> Iterator[str]:
    """A sentence for each invariant that a finished call has violated.

    Args:
        left: over when everything had ended.
        violations: what the audit of the PBX's log found.
        transfers: the steps of the flow that connect the caller to an operator.
    """
    told = [happening for happening in happenings if happening.what is What.RESULT]
    if len(results) != 1 or len(told) != 1:
        yield f"the call has {len(results)} results in the book and {len(told)} on its timeline, not one"
    for result in results:
        if result.cause in _FAULTS:
            yield f"{_FAULTS[result.cause]}: {result.detail}" if result.detail else _FAULTS[result.cause]
        yield from _transfer(happenings, result, transfers)
    if not left.nothing:
        yield f"something is left over: {left}"
    yield from map(str, violations)
    gone = next((each.at for each in happenings if each.who == CALLER and each.what is What.HANGS_UP), None)
    if gone is not None and told and told[-1].at - gone > OVER_WITHIN:
        yield f"the call went on for {told[-1].at - gone:.1f} s after its caller had hung up"


def _transfer(happenings: Sequence[Happening], result: CallResult, transfers: Collection[str]) -> Iterator[str]:
    """The result tells of the last transfer; one that began and came to nothing yet has none."""
    connected = False
    for each in happenings:
        if each.what is What.STEP and each.text in transfers:
            connected = False
        elif each.what is What.TRANSFER:
            connected = each.text == TransferOutcome.COMPLETED.value
    if connected and result.transfer is None:
        yield "customer and operator were connected, but the result knows of no transfer"
