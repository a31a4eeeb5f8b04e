"""Turns by weight, for any weights."""

from collections import Counter
from itertools import cycle, islice

from hypothesis import given
from hypothesis import strategies as st

from callengine.dialer.rotation import Rotation

NAMES = "abcdefgh"
weights = st.floats(min_value=0.001, max_value=1_000_000) | st.integers(1, 5).map(float)
several = st.lists(weights, min_size=1, max_size=len(NAMES)).map(lambda each: dict(zip(NAMES, each, strict=False)))


def filled(shares: dict[str, float]) -> Rotation:
    rotation = Rotation()
    rotation.fill(shares)
    return rotation


@given(several, st.integers(1, 200))
def test_nobody_is_a_turn_ahead_of_its_share_or_behind_it(shares: dict[str, float], turns: int) -> None:
    rotation, had, whole = filled(shares), Counter[str](), sum(shares.values())
    for turn in range(1, turns + 1):
        had[rotation.next(shares) or ""] += 1
        assert all(abs(had[name] - turn * weight / whole) < 1 + 1e-6 for name, weight in shares.items())


@given(st.integers(1, len(NAMES)), weights)
def test_equal_weights_are_a_round_robin(count: int, weight: float) -> None:
    shares = dict.fromkeys(NAMES[:count], weight)
    rotation = filled(shares)
    assert [rotation.next(shares) for _ in range(50)] == list(islice(cycle(shares), 50))


@given(several, st.data())
def test_nobody_starves_whoever_else_is_a_candidate(shares: dict[str, float], data: st.DataObject) -> None:
    """Candidates change from turn to turn: each gets its share of the turns it is a candidate for, but for a few."""
    groups = data.draw(st.lists(st.sets(st.sampled_from(sorted(shares)), min_size=1), min_size=1, max_size=5))
    turns = data.draw(st.lists(st.sampled_from(groups), max_size=150))
    rotation, had, due = filled(shares), Counter[str](), dict.fromkeys(shares, 0.0)
    for candidates in turns:
        whole = sum(shares[name] for name in candidates)
        for name in candidates:
            due[name] += shares[name] / whole
        chosen = rotation.next(candidates)
        assert chosen in candidates
        had[chosen] += 1
    assert all(had[name] > due[name] - len(shares) - 1 for name in shares)


def test_an_uneven_share_is_spread_evenly() -> None:
    rotation = filled({"a": 3.0, "b": 1.0})
    assert "".join(rotation.next("ab") or "" for _ in range(8)) == "aaabaaab"


def test_nobody_is_none() -> None:
    assert filled({}).next([]) is None
    assert filled({"a": 1.0}).next(["b"]) is None


def test_one_that_leaves_takes_no_turns_along() -> None:
    rotation = filled({"a": 1.0, "b": 1.0, "c": 1.0})
    assert [rotation.next("abc") for _ in range(2)] == ["a", "b"]
    rotation.fill({"b": 1.0, "c": 1.0, "d": 1.0})
    assert [rotation.next("bcd") for _ in range(3)] == ["c", "d", "b"]
