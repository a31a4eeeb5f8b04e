"""When somebody is called again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.dialer import again_at
from callengine.dialer.retries import NEVER_AGAIN
from callengine.model import Result, RetryRule

ENDED = datetime(2026, 11, 25, 12, tzinfo=UTC)
RULES = {
    Result("missed"): RetryRule(3, 3600),
    Result("failed:"): RetryRule(2, 60),
    Result("failed:record"): RetryRule(4, 600),
}


@pytest.mark.parametrize(
    ("result", "tried", "seconds"),
    [
        ("missed", 1, 3600),
        ("missed", 2, 3600),
        ("missed", 3, None),
        ("busy", 1, None),
        ("failed:record", 3, 600),
        ("failed:recording", 1, 60),
        ("failed:bug", 1, 60),
        ("failed:bug", 2, None),
    ],
)
def test_a_result_is_tried_as_often_as_its_rule_says(result: str, tried: int, seconds: float | None) -> None:
    expected = None if seconds is None else ENDED + timedelta(seconds=seconds)
    assert again_at(Result(result), tried, ENDED, RULES) == expected


@given(st.sampled_from(sorted(NEVER_AGAIN)), st.integers(0, 5))
def test_who_may_have_been_called_or_must_not_be_is_not_called_again(result: Result, tried: int) -> None:
    assert again_at(result, tried, ENDED, {result: RetryRule(9, 1), Result("failed:"): RetryRule(9, 1)}) is None
