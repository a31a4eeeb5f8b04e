"""How long texts may become."""

import pytest

from callengine.calls.texts import LONGEST_REMEMBERED, MOST_FILLED_IN, filled


@pytest.mark.parametrize("places", [1, 10, 166, 5000, 100_000])
def test_what_is_filled_in_is_bounded_however_many_placeholders_there_are(places: int) -> None:
    text = filled("{a}" * places, {"a": "x" * 100_000})
    assert len(text) <= min(places * LONGEST_REMEMBERED, MOST_FILLED_IN)


def test_a_name_that_stands_for_nothing_is_empty() -> None:
    assert filled("{a}, {b}, {{a}}", {"a": "x"}) == "x, , {a}"
