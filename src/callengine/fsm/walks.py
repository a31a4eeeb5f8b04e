"""The longest walk through a graph whose loops are bounded by counters.

Without the bounded edges the graph has no cycle, so a walk is a row of pieces, each a path of that acyclic graph, joined by
bounded edges. Components are taken in topological order. Within one, a walk begins with one piece; then, for each counter, come
at most as many pieces as the counter allows, none longer than the longest piece that begins behind one of its edges; the last
of them ends where the walk leaves the component. Pieces are measured by longest paths in acyclic graphs (dynamic programming
in topological order), so the whole is linear in the size of the graph. It is an upper bound, and the walk itself wherever the
longest pieces of a component can follow each other.
"""

from collections.abc import Collection, Iterator, Sequence
from math import inf

from attrs import define, field, frozen

from callengine.fsm.graph import components, reverse_postorder


@frozen
class Limit:
    """A counter, and how many of the edges that it counts a walk may take."""

    counter: str
    most: int


@frozen(eq=False)
class Network:
    """A graph with weights.

    Attributes:
        starts: where a walk may begin.
        weights: of the vertices, 0 or more.
        free: the successors of each vertex by edges that are not bounded; among these there is no cycle.
        limited: the successors by edges that are.
    """

    starts: tuple[int, ...]
    weights: Sequence[float]
    free: Sequence[Sequence[int]]
    limited: Sequence[Sequence[tuple[int, Limit]]]

    def successors(self) -> list[Sequence[int]]:
        """By edges of both kinds, without those that are never taken."""
        return [
            [*free, *(target for target, limit in limited if limit.most > 0)] if limited else free
            for free, limited in zip(self.free, self.limited, strict=True)
        ]


@frozen
class Walk:
    """The longest walk.

    Attributes:
        length: the sum of its weights.
        visits: the vertices in order, each with the number of times it counts; a loop stands there once.
    """

    length: float
    visits: tuple[tuple[int, int], ...]


def longest_walk(network: Network) -> Walk:
    """The longest walk from one of the starts to wherever it ends."""
    return _Search(network).run()


@frozen
class _Rounds:
    """The pieces of a component that lie between the first and the last.

    Attributes:
        source: where the first piece ends.
        targets: by counter, where the longest piece begins that has one of its edges before it.
        lengths: of these pieces.
        counts: how many of a kind there are at most, the last one included.
        onward: the vertices in the order of the free edges, each with the next one of the longest piece from there.
    """

    source: int
    targets: dict[str, int]
    lengths: dict[str, float]
    counts: dict[str, int]
    onward: dict[int, int | None]

    def visits(self, last: str) -> Iterator[tuple[int, int]]:
        """The vertices of these pieces, each with the number of its visits.

        Args:
            last: the counter of the last piece, which is not one of these.
        """
        times = dict.fromkeys(self.onward, 0)
        for counter, target in self.targets.items():
            times[target] += self.counts[counter] - (counter == last)
        for vertex, then in self.onward.items():
            if times[vertex]:
                yield vertex, times[vertex]
                if then is not None:
                    times[then] += times[vertex]


@define
class _Search:
    """Its places are the vertices, and once more, from the number of vertices on, the vertices behind a bounded edge.

    Attributes:
        count: of the vertices.
        length: of the longest walk that ends at a place, its last vertex included.
        came: the place before; or the counter of the bounded edge taken last; or None at a start.
        rounds: by vertex behind a bounded edge.
    """

    network: Network
    count: int = field(init=False)
    length: list[float] = field(init=False)
    came: list[int | str | None] = field(init=False)
    rounds: dict[int, _Rounds] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.count = len(self.network.weights)
        self.length = [-inf] * (2 * self.count)
        self.came = [None] * (2 * self.count)

    def run(self) -> Walk:
        successors = self.network.successors()
        for start in self.network.starts:
            self._reach(start, self.network.weights[start], None)
        rank: dict[int, int] = {}
        for component in reversed(components(self.network.starts, successors)):
            if len(component) > 1 or component[0] in successors[component[0]]:
                rank = rank or self._ranks()
                self._go_round(sorted(component, key=rank.__getitem__))
            self._leave(component, successors)
        longest = max(self.length)
        ends = [place for place, length in enumerate(self.length) if length == longest]
        end = next((place for place in ends if not successors[place % self.count]), ends[0])
        return Walk(self.length[end], tuple(self._visits(end)))

    def _ranks(self) -> dict[int, int]:
        """The vertices in the order of the free edges."""
        order = reverse_postorder(range(self.count), self.network.free)
        return {vertex: place for place, vertex in enumerate(order)}

    def _reach(self, place: int, length: float, came: int | str | None) -> None:
        if length > self.length[place]:
            self.length[place] = length
            self.came[place] = came

    def _leave(self, component: list[int], successors: Sequence[Sequence[int]]) -> None:
        """Go on to the components behind this one, which is measured."""
        within = set(component) if len(component) > 1 else component
        for vertex in component:
            again = vertex + self.count
            place = again if self.length[again] > self.length[vertex] else vertex
            for target in successors[vertex]:
                if target not in within:
                    self._reach(target, self.length[place] + self.network.weights[target], place)

    def _go_round(self, ordered: list[int]) -> None:
        """Measure the walks within a component that has loops; its vertices are in the order of the free edges."""
        within = set(ordered)
        inner = [
            (source, target, limit)
            for source in ordered
            for target, limit in self.network.limited[source]
            if target in within and limit.most > 0
        ]
        self._spread(ordered, within, 0)
        rounds = self._rounds(ordered, inner)
        whole = self.length[rounds.source] + sum(rounds.counts[name] * rounds.lengths[name] for name in rounds.counts)
        for _, target, limit in inner:
            length = whole - rounds.lengths[limit.counter] + self.network.weights[target]
            self._reach(target + self.count, length, limit.counter)
            self.rounds[target] = rounds
        self._spread(ordered, within, self.count)

    def _spread(self, ordered: list[int], within: set[int], layer: int) -> None:
        """Go on by the free edges of a component, from the vertices that were reached in this layer of places."""
        for vertex in ordered:
            length = self.length[vertex + layer]
            for target in self.network.free[vertex]:
                if target in within:
                    self._reach(target + layer, length + self.network.weights[target], vertex + layer)

    def _rounds(self, ordered: list[int], inner: list[tuple[int, int, Limit]]) -> _Rounds:
        sources = dict.fromkeys(source for source, _, _ in inner)
        tails, onward = self._tails(ordered, sources)
        best: dict[str, int] = {}
        counts: dict[str, int] = {}
        for _, target, limit in inner:
            if limit.counter not in best or tails[target] > tails[best[limit.counter]]:
                best[limit.counter] = target
            counts[limit.counter] = max(limit.most, counts.get(limit.counter, 0))
        return _Rounds(
            source=max(sources, key=self.length.__getitem__),
            targets=best,
            lengths={counter: tails[target] for counter, target in best.items()},
            counts=counts,
            onward=dict(reversed(onward.items())),
        )

    def _tails(self, ordered: list[int], sources: Collection[int]) -> tuple[dict[int, float], dict[int, int | None]]:
        """From each vertex, the longest path to the source of a bounded edge, and how it goes on."""
        tails: dict[int, float] = {}
        onward: dict[int, int | None] = {}
        for vertex in reversed(ordered):
            further = [target for target in self.network.free[vertex] if target in tails]
            then = max(further, key=tails.__getitem__, default=None)
            if then is not None or vertex in sources:
                tails[vertex] = self.network.weights[vertex] + (0.0 if then is None else tails[then])
                onward[vertex] = then
        return tails, onward

    def _visits(self, end: int) -> Iterator[tuple[int, int]]:
        backwards: list[tuple[int, int]] = []
        place: int | None = end
        while place is not None:
            vertex = place % self.count
            backwards.append((vertex, 1))
            came = self.came[place]
            if isinstance(came, str):
                rounds = self.rounds[vertex]
                backwards += reversed(list(rounds.visits(came)))
                place = rounds.source
            else:
                place = came
        return reversed(backwards)
