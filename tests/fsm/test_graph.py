"""Loops are found as a reader would find them: by walking."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from callengine.fsm.graph import components

GRAPHS = st.integers(1, 9).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=4), min_size=size, max_size=size)
)


def reachable(successors: Sequence[Sequence[int]], start: int) -> frozenset[int]:
    found, pending = {start}, [start]
    while pending:
        for target in successors[pending.pop()]:
            if target not in found:
                found.add(target)
                pending.append(target)
    return frozenset(found)


@given(GRAPHS)
def test_two_nodes_are_together_if_each_can_be_reached_from_the_other(successors: list[list[int]]) -> None:
    nodes = range(len(successors))
    together = {node: frozenset(component) for component in components(nodes, successors) for node in component}
    reach = [reachable(successors, node) for node in nodes]
    for one in nodes:
        assert together[one] == {other for other in nodes if other in reach[one] and one in reach[other]}


def test_a_long_way_needs_no_deep_stack() -> None:
    size = 20_000
    (component,) = components([0], [[(node + 1) % size] for node in range(size)])
    assert len(component) == size
