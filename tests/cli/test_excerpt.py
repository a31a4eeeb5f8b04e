"""The line of a finding, as a terminal shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from callengine.cli.excerpt import AFTER, BEFORE, TAB, excerpt, lines_of


def shown(text: str, column: int) -> tuple[str, str]:
    found = excerpt([text], 1, column)
    assert found is not None
    return found.line, found.marker


@pytest.mark.parametrize(
    ("text", "column", "line", "marker"),
    [
        ("name: x", 7, "name: x", "      ^"),
        ("name: x", 8, "name: x", "       ^"),
        ("name: x", 99, "name: x", "       ^"),
        ("\tname:\tx", 8, "    name:    x", "             ^"),
        ("名前: x", 5, "名前: x", "      ^"),
        ("e\u0301: x", 5, "e\u0301: x", "   ^"),
        ("next: پایا", 7, "next: پایا", "      ^ پایا"),
        ("یک: {نمی‌شود: x}", 6, "یک: {نمی‌شود: x}", "     ^ نمی‌شود"),
        ("a: \x1b[31m\u202e\x00b", 4, "a: \ufffd[31m\ufffd\ufffdb", "   ^"),
    ],
)
def test_the_caret_stands_below_the_place(text: str, column: int, line: str, marker: str) -> None:
    assert shown(text, column) == (line, marker)


def test_a_long_line_is_cut_around_the_caret() -> None:
    line, marker = shown("x" * 1_000_000 + "HERE" + "y" * 1_000_000, 1_000_001)
    assert line == "…" + "x" * BEFORE + "HERE" + "y" * (AFTER - 4) + "…"
    assert line[marker.index("^") :].startswith("HERE")


@pytest.mark.parametrize(("line", "column"), [(2, 1), (3, 1), (99, 7)])
def test_nothing_is_shown_where_nothing_stands(line: int, column: int) -> None:
    assert excerpt(["name: x", "  "], line, column) is None


def test_lines_are_those_that_findings_count() -> None:
    assert list(lines_of(b"\xef\xbb\xbfa\r\nb\rc\n\xff")) == ["a", "b", "c", "\ufffd"]


@given(st.text(alphabet=st.characters(exclude_characters="\r\n")), st.integers(1, 200))
def test_whatever_a_line_holds_moves_no_cursor(text: str, column: int) -> None:
    found = excerpt([text], 1, column)
    if found is not None:
        assert all(char.isprintable() or char == "\u200c" for char in found.line + found.marker)
        caret = found.marker.index("^")
        assert caret == cell_len(found.marker[:caret]) <= cell_len(found.line)
        assert len(found.line) <= (BEFORE + AFTER) * len(TAB) + 2
