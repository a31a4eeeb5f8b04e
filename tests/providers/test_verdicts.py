"""What a model's answer says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.model import Intent
from callengine.providers.verdicts import Verdict, repeats, verdict_of

YES, NO = Intent("yes"), Intent("no")


@given(st.text() | st.from_regex(r'\{"intent": ".*", "confidence": .*\}'))
def test_only_declared_intents_are_accepted(answer: str) -> None:
    verdict = verdict_of(answer, (YES, NO))
    assert verdict is None or verdict.intent in {YES, NO}


@pytest.mark.parametrize(
    ("written", "confidence"),
    [
        ("0.25", 0.25),
        ("0", 0.0),
        ("1", 1.0),
        ("1.01", None),
        ("-0.1", None),
        ("95", None),
        ("true", None),
        ("null", None),
        ('"0.9"', None),
        ("[0.9]", None),
        ('{"value": 0.9}', None),
    ],
)
def test_a_confidence_counts_where_it_is_a_share(written: str, confidence: float | None) -> None:
    assert verdict_of(f'{{"intent": "yes", "confidence": {written}}}', (YES, NO)) == Verdict(YES, confidence)


@pytest.mark.parametrize(
    ("answer", "said", "repeated"),
    [
        ('{"intent": "yes"}', 'answer {"intent": "yes"} now', True),
        ('{"intent":"yes","confidence":1}', 'say {"intent": "yes", "confidence": 1}', True),
        ("intent: yes", "Intent: yes!", True),
        ('{"intent": "yes"}', "yes", False),
        ('{"intent": "yes", "confidence": 1}', "yes", False),
        ("yes", "well yes", False),
        ("Yes.", "yes", False),
    ],
)
def test_a_piece_of_what_was_said_is_no_answer(answer: str, said: str, repeated: bool) -> None:
    verdict = verdict_of(answer, (YES, NO))
    assert verdict is not None
    assert repeats(answer, verdict, said) is repeated


def test_nesting_without_an_end_is_no_verdict() -> None:
    assert verdict_of('{"intent": "yes", "confidence": ' + "[" * 100_000, (YES, NO)) is None
