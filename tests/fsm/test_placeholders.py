"""Placeholders and literal braces."""

from hypothesis import given
from hypothesis import strategies as st

from callengine.fsm.placeholders import fill, names_in

TEXTS = st.text(st.sampled_from("{}ab "), max_size=30)
NAMES = st.text(st.sampled_from("ab "), min_size=1, max_size=2)


def doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


@given(TEXTS)
def test_doubled_braces_are_meant_as_they_stand(text: str) -> None:
    assert list(names_in(doubled(text))) == []
    assert fill(doubled(text), {"a": "filled", "b": "filled"}) == text


@given(TEXTS, NAMES, TEXTS, TEXTS)
def test_a_placeholder_is_filled_once_whatever_surrounds_it(before: str, name: str, after: str, value: str) -> None:
    template = f"{doubled(before)}{{{name}}}{doubled(after)}"
    assert list(names_in(template)) == [name]
    assert fill(template, {name: value}) == before + value + after


@given(TEXTS)
def test_what_is_filled_is_what_is_named(template: str) -> None:
    names = list(names_in(template))
    filled = fill(template, dict.fromkeys(names, "*"))
    assert filled.count("*") == len(names)
    assert fill(template, {}).count("{") >= len(names), "a placeholder without a value stays"


def test_single_braces_stay() -> None:
    assert fill('{"intent": {a}} { }', {"a": "1"}) == '{"intent": 1} { }'
