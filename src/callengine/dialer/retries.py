"""Stand-in until the rule is merged."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from callengine.model import Result, RetryRule


def again_at(result: Result, tried: int, ended_at: datetime, rules: Mapping[Result, RetryRule]) -> datetime | None:
    rule = rules.get(result)
    return None if rule is None or tried >= rule.attempts else ended_at + timedelta(seconds=rule.delay)
