"""Whether a contact is called again, and when."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from callengine.dialer.call_windows import NEVER_OPEN, UNKNOWN_ZONE
from callengine.model import FAILED, Result, RetryRule

NEVER_AGAIN = frozenset(
    map(Result, ("failed:unconfirmed", "failed:do_not_dial", "failed:invalid_number", UNKNOWN_ZONE, NEVER_OPEN))
)
"""Another attempt could ring somebody twice, is forbidden, or would come to the same."""


def again_at(result: Result, tried: int, ended_at: datetime, rules: Mapping[Result, RetryRule]) -> datetime | None:
    """When a contact is due again whose attempt is over; None if it is not called again.

    A rule for `failed:` alone holds for every failure that has no rule of its own.

    Args:
        result: of the attempt.
        tried: attempts so far that were placed, this one included.
        ended_at: when it ended.
    """
    if result in NEVER_AGAIN:
        return None
    rule = rules.get(result)
    if rule is None and result.startswith(FAILED):
        rule = rules.get(Result(FAILED))
    if rule is None or tried >= rule.attempts:
        return None
    return ended_at + timedelta(seconds=rule.delay)
