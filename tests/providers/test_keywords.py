"""Which phrase was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.model import Intent
from callengine.providers.keywords import intent_of, meant_by

PHRASES = {
    Intent("yes"): ("بله", "آره", "می‌خوام", "yes", "interested", "ok"),
    Intent("no"): ("نه", "نمی‌خوام", "no", "not interested"),
    Intent("number_question"): ("شماره منو از کجا آوردید", "where did you get my number"),
}


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("بله", "yes"),
        ("اره دیگه", "yes"),
        ("نمی‌خوام", "no"),
        ("نمیخوام", "no"),
        ("نمی خوام ممنون", "no"),
        ("مي خوام", "yes"),
        ("خانه", None),
        ("نهایت", None),
        ("I know", None),
        ("No!", "no"),
        ("I am not interested.", "no"),
        ("yes, but where did you get my number", "number_question"),
        ("شمارهٔ منو از کجا اوردید؟", "number_question"),
        ("ok no", "yes"),
        ("", None),
        ("...", None),
    ],
)
def test_the_longest_phrase_on_word_boundaries_wins(said: str, intent: str | None) -> None:
    assert intent_of(said, PHRASES) == intent


def test_negation_is_not_its_opposite_even_where_no_phrase_says_no() -> None:
    for said in ("نمی‌خوام", "نمیخوام", "نمی خوام"):
        assert intent_of(said, {Intent("yes"): ("می‌خوام", "خوام")}) is None


@pytest.mark.parametrize("said", ["not sure", "I am not sure yet", "I'm not sure", "sure not", "I don't want to cancel"])
def test_what_not_stands_beside_is_not_meant(said: str) -> None:
    assert intent_of(said, {Intent("yes"): ("sure",), Intent("no"): ("to cancel", "cancel now")}) in {None, "no"}
    assert intent_of(said, {Intent("yes"): ("sure",)}) is None


def test_not_denies_its_neighbours_alone() -> None:
    phrases = {Intent("yes"): ("sure",), Intent("no"): ("not interested",)}
    assert intent_of("sure, not a problem", phrases) == "yes"
    assert intent_of("I'm not interested", phrases) == "no"
    assert intent_of("not sure, well, sure", phrases) == "yes"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("red", {1}),
        ("red or two", {1, 2}),
        ("one, two, red", {1, 2}),
        ("green, or one", {3}),
        ("و سبز", {3}),
        ("black", set()),
        ("", set()),
    ],
)
def test_phrases_of_the_same_length_are_told_all(said: str, meant: set[int]) -> None:
    assert set(meant_by(said, {1: ("red",), 2: ("one", "two"), 3: ("green", "سبز")})) == meant


def test_empty_phrases_match_nothing() -> None:
    assert intent_of("yes", {Intent("no"): ("", "!", "\u200c")}) is None


@given(st.text(), st.text())
def test_a_phrase_is_found_between_other_words(before: str, after: str) -> None:
    assert intent_of(f"{before} . xyzzy . {after}", {Intent("magic"): ("xyzzy",)}) in {"magic", None}
    assert intent_of(f"xyzzy {after}", {Intent("magic"): ("XYZZY",)}) == "magic"
