"""What became of a call, in the panel's words: one table of causes, one rule for who left when."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from callengine.model import Cause, Intent, Result

MISSED = Result("missed")

Q850_RESULTS: Mapping[int, Result] = MappingProxyType(
    {
        cause: Result(result)
        for result, causes in {
            "hangup": (16, 31, 32),
            "busy": (17,),
            "power_off": (0, 1, 3, 18, 20, 22, 27, 38),
            "missed": (19,),
            "banned": (21, 34, 41, 42),
        }.items()
        for cause in causes
    }
)
"""Result of a call that was never answered, by the Q.850 cause of its end; other causes mean `missed`.

Users override single rows. The field's earlier habit reads 19 as `power_off`; it is a plain no-answer.
"""


@frozen
class Ending:
    """All that the result of a call depends on.

    Attributes:
        set_result: what the flow set last, or the default of the route it ended by.
        transferring: an operator was being sought, and not yet bridged.
        q850: of the customer's channel; None when the PBX gave none.
    """

    cause: Cause
    answered: bool
    inbound: bool = False
    set_result: Result | None = None
    intent: Intent | None = None
    transferring: bool = False
    q850: int | None = None


_WITHOUT_FLOW = {
    Cause.REFUSED: Result("failed:refused"),
    Cause.UNCONFIRMED: Result("failed:unconfirmed"),
    Cause.FORWARDED: Result("forwarded"),
    Cause.NO_SLOT: MISSED,
    Cause.DO_NOT_DIAL: Result("failed:do_not_dial"),
    Cause.BUDGET: Result("failed:budget"),
    Cause.OVERFLOW: Result("failed:overflow"),
    Cause.PBX_LOST: Result("pbx_lost"),
    Cause.SHUTDOWN: Result("failed:shutdown"),
    Cause.BUG: Result("failed:bug"),
}

_LEFT_AFTER = {Intent("yes"): Result("disconnected"), Intent("no"): Result("not_interested")}


def result_of(ending: Ending, overrides: Mapping[int, Result] = MappingProxyType({})) -> Result:
    """The one result of a call.

    Args:
        overrides: rows that replace those of `Q850_RESULTS`.
    """
    if not ending.answered and ending.cause is Cause.CUSTOMER_GONE:
        if ending.inbound or ending.q850 is None:
            return MISSED
        return overrides.get(ending.q850, Q850_RESULTS.get(ending.q850, MISSED))
    if ending.cause is Cause.CUSTOMER_GONE:
        return _result_of_leaving(ending)
    if ending.set_result is not None and ending.cause is not Cause.BUG:
        return ending.set_result
    if ending.cause in (Cause.FLOW_ENDED, Cause.PARTNER_GONE):
        return Result("inbound_call") if ending.inbound else Result("unknown")
    return _WITHOUT_FLOW[ending.cause]


def _result_of_leaving(ending: Ending) -> Result:
    if ending.transferring:
        return Result("disconnected")
    if ending.set_result is not None:
        return ending.set_result
    if ending.inbound:
        return Result("inbound_call")
    if ending.intent is None:
        return Result("hangup")
    return _LEFT_AFTER.get(ending.intent, Result("hangup"))
