"""Answers of panels, new and old, and those that are none."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import WrongShape
from callengine.panel import PanelNumber, PanelScenario, announcement_of
from callengine.panel.shapes import LONGEST_RETRY

NEWER = {
    "call_allowed": True,
    "retry_after_seconds": 5,
    "batch": {"batch_id": "b1", "numbers": [{"id": 1, "phone_number": "0912"}, {"id": "1", "phone_number": "0913"}]},
    "active_scenarios": ["a", {"id": 7, "name": "b", "display_name": "B"}],
    "outbound_lines": [{"id": 3, "phone_number": "0211", "display_name": "Main"}],
    "inbound_agents": [{"id": 4, "phone_number": "0914"}],
    "outbound_agents": [],
    "active_agents": [{"id": 9, "phone_number": "0919"}],
    "timezone": "+0330",
    "schedule_version": 12,
}


def test_a_newer_answer_is_read() -> None:
    answer = announcement_of(json.dumps(NEWER).encode())
    assert answer.batch is not None
    assert answer.batch.id == '"b1"'
    assert answer.batch.numbers == (PanelNumber("1", "0912"), PanelNumber('"1"', "0913"))
    assert answer.metadata.active_scenarios == (PanelScenario("a"), PanelScenario("b", "7"))
    assert answer.metadata.outbound_agents == ()
    assert answer.metadata.zone is not None
    assert answer.metadata.zone.utcoffset(None) == timedelta(hours=3, minutes=30)
    assert answer.retry_after == 5.0


def test_an_older_answer_is_read() -> None:
    answer = announcement_of(
        b'{"call_allowed": false, "batch": {"numbers": []}, "active_agents": [{"id": 9, "phone_number": "1"}]}'
    )
    assert answer.batch is None
    assert answer.metadata.active_scenarios is None
    assert answer.metadata.inbound_agents is None
    assert answer.metadata.outbound_agents is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Welcome</html>",
        b'{"call_allowed": true',
        b"[]",
        b"{}",
        b'{"call_allowed": 1}',
        b'{"call_allowed": "true"}',
        b'{"call_allowed": true, "call_allowed": false}',
        b'{"call_allowed": true, "retry_after_seconds": NaN}',
        b'{"call_allowed": true, "retry_after_seconds": 1e999}',
        b'{"call_allowed": true, "retry_after_seconds": true}',
        b'{"call_allowed": true, "retry_after_seconds": ' + b"9" * 5000 + b"}",
        b'{"call_allowed": true, "batch": []}',
        b'{"call_allowed": true, "batch": {"batch_id": 1}}',
        b'{"call_allowed": true, "batch": {"batch_id": 1, "numbers": {}}}',
        b'{"call_allowed": true, "batch": {"numbers": [{"id": 1, "phone_number": "0912"}]}}',
        b'{"call_allowed": true, "batch": {"batch_id": 1, "numbers": [{"id": true, "phone_number": "0912"}]}}',
        b'{"call_allowed": true, "batch": {"batch_id": 1, "numbers": [{"id": 1.5, "phone_number": "0912"}]}}',
        b'{"call_allowed": true, "batch": {"batch_id": 1, "numbers": [{"id": 1, "phone_number": 912}]}}',
        b'{"call_allowed": true, "batch": {"batch_id": 1, "numbers": [{"id": 1}]}}',
        b'{"call_allowed": true, "active_scenarios": "all"}',
        b'{"call_allowed": true, "extra": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"call_allowed": true, "reason": "\xff"}',
    ],
)
def test_whatever_is_wrong_in_one_place_is_refused_whole(body: bytes) -> None:
    with pytest.raises(WrongShape) as raised:
        announcement_of(body)
    assert raised.value.reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*NEWER, "active_agents", "reason", "server_time"]), json_values)
def test_any_value_in_any_place_is_read_or_refused(name: str, value: object) -> None:
    try:
        answer = announcement_of(json.dumps({**NEWER, name: value}).encode())
    except WrongShape:
        return
    assert answer.retry_after is None or 0.0 <= answer.retry_after <= LONGEST_RETRY


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(WrongShape):
        announcement_of(body)


@given(st.integers(-(10**30), 10**30) | st.text(min_size=1, max_size=20))
def test_ids_go_back_as_they_came(name: int | str) -> None:
    batch = {"batch_id": name, "numbers": [{"id": name, "phone_number": "0912"}]}
    answer = announcement_of(json.dumps({"call_allowed": True, "batch": batch}).encode())
    assert answer.batch is not None
    [number] = answer.batch.numbers
    assert json.loads(number.reference) == name
    assert number.reference.isascii()


def test_what_is_kept_for_a_restart_says_the_same_without_the_batch() -> None:
    answer = announcement_of(json.dumps(NEWER).encode())
    again = announcement_of(answer.kept.encode())
    assert again.metadata == answer.metadata
    assert again.batch is None
