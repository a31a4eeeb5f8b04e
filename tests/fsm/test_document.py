"""Hostile and broken files are refused with a place, early, and without building what they describe."""

import tracemalloc
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.fsm import lint
from callengine.fsm.document import MOST_BYTES, MOST_FAULTS, MOST_FOR_EXACT_PARSER, read_document
from callengine.fsm.lint import MOST_FINDINGS
from tests.fsm.files import data, findings, places, with_flow

HOSTILE = {
    "50 MB": b"a: b\n" * 10_000_000,
    "deep sequences": b"[" * MOST_BYTES,
    "deep mappings": b"{a: " * (MOST_BYTES // 4),
    "deep blocks": "".join(" " * level + "a:\n" for level in range(1500)).encode(),
    "many values": b"[" + b"1," * (MOST_BYTES // 2 - 2) + b"]",
    "alias bomb": b"a: &a [x]\n" + b"".join(b"k%d: &k%d [*a,*a,*a,*a,*a,*a,*a]\n" % (n, n) for n in range(9000)),
    "many controls": b"\x01" * MOST_BYTES,
    "long word": b"a: " + b"x" * (MOST_BYTES - 3),
    "long key": b"scenario: {" + b"x" * (MOST_BYTES - 100) + b": 1}",
    "many keys": b"scenario: {" + b"".join(b"k%d: 1," % n for n in range(80_000)) + b"}",
    "slow for the exact parser": b"[a?," + b"1," * (MOST_FOR_EXACT_PARSER // 2 - 10) + b"]",
    "many tags": b"[" + b"!a x," * (MOST_BYTES // 5 - 2) + b"]",
    "a million keys": b"scenario: {" + b"".join(b"k%d: 1," % n for n in range(1_000_000)) + b"}",
    "many faulty steps": b"scenario: {flow: [" + b"1," * 150_000 + b"]}",
    "many faulty prompts": b"scenario: {prompts: {" + b"".join(b"k%d: 1," % n for n in range(70_000)) + b"}}",
}

MANY_FINDINGS = {
    "many placeholders": b'{prompt_template: "' + b"".join(b"{p%d}" % n for n in range(200_000)) + b'"}',
    "many tokens": b"{fallback_tokens: {" + b"".join(b"k%d: []," % n for n in range(70_000)) + b"}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_soon_and_in_few_words(name: str) -> None:
    """Each takes less than a second on a machine of its own; the bound leaves room for a loaded one."""
    began = process_time()
    found = lint(HOSTILE[name], "x.yaml")
    assert process_time() - began < 5
    assert 1 <= len(found) <= MOST_FAULTS + 2


@pytest.mark.parametrize("name", MANY_FINDINGS)
def test_a_file_that_can_be_read_is_not_talked_about_for_ever(name: str) -> None:
    steps = ["step: a, type: entry, next: b", "step: b, type: hangup"]
    began = process_time()
    found = findings(with_flow(*steps, llm=MANY_FINDINGS[name].decode()))
    assert process_time() - began < 5
    assert len(found) == MOST_FINDINGS


@pytest.mark.parametrize("name", ["50 MB", "alias bomb", "a million keys", "many keys", "many faulty steps"])
def test_a_hostile_file_takes_bounded_memory(name: str) -> None:
    """Tracing makes it some five times slower."""
    tracemalloc.start()
    lint(HOSTILE[name], "x.yaml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 1024 * 1024


def test_each_fault_of_a_file_is_told_at_its_place() -> None:
    content = b"""scenario:
  name: &n demo
  name: other
  company: *n
  prompts: {1: !!str x}
  flow: []
"""
    assert places(content) == [
        (2, 9, "F009"),
        (3, 3, "F011"),
        (4, 12, "F009"),
        (4, 12, "F015"),
        (5, 13, "F012"),
        (5, 16, "F010"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(1, 1, "F007")]),
        (b"# nothing\n", [(1, 1, "F007")]),
        (b"---\n", [(1, 1, "F007")]),
        (b"~", [(1, 1, "F007")]),
        (b"word", [(1, 1, "F015")]),
        (b"- a\n- b\n", [(1, 1, "F015")]),
        (b"a: [b\nc: d\n", [(2, 2, "F005")]),
        (b"a: 'b\n", [(2, 1, "F005")]),
        (b"\ta: b\n", [(1, 1, "F005")]),
        (b"a: b\xff", [(1, 5, "F001")]),
        ("a: b".encode("utf-16"), [(1, 1, "F001")]),
        ("نام: \u202eب".encode(), [(1, 6, "F003")]),
        (b"a: b\r\nc:\0 d", [(2, 3, "F003")]),
        (b'a: "\\0"', [(1, 4, "F003")]),
        (b"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", [(1, 17, "F008")]),
    ],
)
def test_what_is_no_scenario_at_all(content: bytes, expected: list[tuple[int, int, str]]) -> None:
    found = places(content)
    assert set(expected) <= set(found)


@pytest.mark.parametrize("value", ["{hello: sound:hello}", "{hello: sound:really?}"])
def test_yaml_1_2_is_read_where_the_fast_parser_knows_only_1_1(value: str) -> None:
    assert places(with_flow("step: a, type: entry, next: b", "step: b, type: hangup", prompts=value)) == []


def test_a_second_document_is_refused_where_it_begins() -> None:
    content = data("new_scenario.yaml")
    assert places(content + b"---\nscenario: {}\n") == [(content.count(b"\n") + 1, 1, "F006")]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(content: bytes) -> None:
    read_document(content)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-? []{}\n\t \"'|>&*!%@`#,\\\x00\u200c\u202e\ufeffش1"), max_size=80))
def test_no_text_of_yaml_s_own_signs_raises(text: str) -> None:
    for fault in read_document(text.encode()).faults:
        assert fault.position.line >= 1
        assert fault.position.column >= 1
