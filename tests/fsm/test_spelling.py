"""A misspelt name is recognised, a foreign one is not."""

import pytest

from callengine.fsm.spelling import Names

NAMES = Names(["on_failure", "on_empty", "next", "پرسش"])


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("on_failur", "on_failure"),
        ("on_failuree", "on_failure"),
        ("on_fialure", "on_failure"),
        ("on_fail", "on_failure"),
        ("ON_EMPTY", "on_empty"),
        ("nest", "next"),
        ("پرسس", "پرسش"),
        ("otherwise", None),
        ("on", None),
        ("n" * 100_000, None),
    ],
)
def test_nearest(word: str, meant: str | None) -> None:
    assert NAMES.nearest(word) == meant


def test_a_hint_ends_a_message() -> None:
    assert NAMES.hint("nxt") == "; did you mean 'next'?"
    assert NAMES.hint("otherwise") == ""
