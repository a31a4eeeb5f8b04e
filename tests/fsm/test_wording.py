"""Spelling variants are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.fsm.wording import normalise, words_of

ZWNJ = "\u200c"


@pytest.mark.parametrize(
    "variants",
    [
        ("نمی‌خوام", "نمیخوام", "نمی خوام", "نمي‌خوام", "نـمی‌خوام"),
        ("كتاب", "کتاب", "کِتاب"),
        ("آره", "اره", "آ‌ره"),
        ("خانهٔ من", "خانۀ من", "خانه من", "خانة من"),
        ("مسئول", "مسیول"),
        ("شماره ۱۲۳", "شماره ١٢٣", "شماره 123"),
        ("بله، حتماً!", "بله حتما", "  بله\n حتما "),
        ("Don't", "don’t", "DONT"),
        ("Café", "cafe"),
        ("I can't", "I cant", "I cannot", "i can not"),
        ("won’t", "wont", "will not"),
        ("we'll", "We will"),
        ("I'm", "I am"),
    ],
)
def test_variants_are_equal(variants: tuple[str, ...]) -> None:
    assert {normalise(variant) for variant in variants} == {normalise(variants[0])}


def test_different_words_stay_different() -> None:
    assert normalise("I'll") != normalise("ill")
    assert normalise("می‌خوام") != normalise("نمی‌خوام")
    assert normalise("हिन्दी") != normalise("हनद")
    assert words_of("بله. نه") == ("بله", "نه")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="ابپتسکیمنوهخد ", min_size=1), st.data())
def test_marks_without_a_shape_change_nothing(text: str, data: st.DataObject) -> None:
    dressed = "".join(char + data.draw(st.sampled_from(["", ZWNJ, "\u200d", "ـ", "\u064e"])) for char in text)
    assert normalise(dressed.replace("ی", "ي").replace("ک", "ك")) == normalise(text)
