"""Which line a caller has dialled, however trunks and settings write its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.lines import line_called
from callengine.model import LineId

A, B = LineId("02191302954"), LineId("02191302955")
spellings = st.sampled_from(["", "0", "00", "+", "+98", "0098", "98", "98-"])


@pytest.mark.parametrize(
    "dialled", ["02191302954", "2191302954", "+982191302954", "00982191302954", "021 9130-2954", "91302954", "1302954"]
)
def test_spellings_of_a_line(dialled: str) -> None:
    assert line_called(dialled, [A, B]) == A


@pytest.mark.parametrize("dialled", ["", "s", "02191302956", "302954", "0302954", "+49191302954"])
def test_numbers_of_no_line(dialled: str) -> None:
    assert line_called(dialled, [A, B]) is None


def test_who_dials_nothing_reaches_no_line_without_digits() -> None:
    assert line_called("", [LineId("reception")]) is None
    assert line_called("sales", [LineId("reception")]) is None


def test_a_line_without_digits_is_reached_by_its_name() -> None:
    assert line_called("reception", [LineId("reception"), LineId("sales")]) == "reception"


def test_a_short_number_must_be_exact() -> None:
    short = LineId("1001")
    assert line_called("1001", [short]) == short
    assert line_called("01001", [short]) is None
    assert line_called("551001", [short]) is None


def test_an_end_that_two_lines_share_is_no_ones() -> None:
    lines = [LineId("02191302954"), LineId("03191302954")]
    assert line_called("91302954", lines) is None
    assert line_called("2191302954", lines) == lines[0]


def test_an_exact_line_stands_before_those_that_are_alike() -> None:
    lines = [LineId("91302954"), LineId("02191302954")]
    assert [line_called(line, lines) for line in lines] == lines


def test_a_line_that_is_written_exactly_so_stands_before_one_with_the_same_digits() -> None:
    lines = [LineId("+982191302954"), LineId("982191302954")]
    assert [line_called(line, lines) for line in lines] == lines


@given(st.integers(10**9, 10**10 - 1), spellings, spellings)
def test_a_line_is_found_however_both_sides_write_it(number: int, settings_write: str, trunk_writes: str) -> None:
    line = LineId(f"{settings_write}{number}")
    assert line_called(f"{trunk_writes}{number}", [line]) == line


@given(st.text("0123456789+ -", max_size=14), st.lists(st.text("0123456789+", max_size=14).map(LineId), max_size=4))
def test_only_a_line_of_ours_is_ever_found_whatever_their_order(dialled: str, lines: list[LineId]) -> None:
    found = line_called(dialled, lines)
    assert found is None or found in lines
    assert line_called(dialled, lines[::-1]) == found
