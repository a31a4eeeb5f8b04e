"""Finds paths through a chart that together take every outcome that can be brought about. Pure."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs
from attrs import define, field, frozen

from callengine.fsm import Chart
from callengine.fsm.acts import Act
from callengine.testing.coverage import Edge
from callengine.testing.drives import ways_from
from callengine.testing.place import Place, Way

MOST_PLACES = 20_000
"""A chart with more is explored no further: its counters multiply."""


@frozen
class Path:
    """One call from its entry to its end.

    Attributes:
        edges: the outcomes it takes, in order.
        acts: what brings them about, without the beginning of the call.
        fields: of the contact, without which it would take others.
        at: when the call begins; None where it does not matter.
    """

    edges: tuple[Edge, ...]
    acts: tuple[Act, ...]
    fields: Mapping[str, str] = field(factory=dict)
    at: datetime | None = None


@frozen
class Plan:
    """How to explore a chart.

    Attributes:
        paths: together they take every outcome that can be brought about.
        undriven: outcomes that no path takes.
        exhausted: every place was looked at, so that nothing people or providers do leads to those.
    """

    paths: tuple[Path, ...]
    undriven: tuple[Edge, ...]
    exhausted: bool


@frozen
class _Move:
    """From one place to the next; `there` is None where the call ends."""

    here: Place
    way: Way
    there: Place | None

    @property
    def edge(self) -> Edge | None:
        return None if self.way.outcome is None else (self.here.step, self.way.outcome)


def plan_of(chart: Chart) -> Plan:
    """A few paths that cover what can be reached: for each outcome not covered yet the shortest call that takes it."""
    ground = _Ground(chart)
    ground.survey()
    covered: set[Edge] = set()
    paths: list[Path] = []
    moves = [move for move in ground.first.values() if _ends_somewhere(move, ground)]
    for move in reversed(moves):  # those furthest from the entry take many others on their way
        if move.edge not in covered:
            path = ground.path_through(move)
            covered.update(path.edges)
            paths.append(path)
    if not paths:
        paths += [ground.path_through(move) for move in ground.ends[:1]]
    undriven = (edge for edge in _edges(chart) if edge not in covered)
    return Plan(tuple(reversed(paths)), tuple(undriven), ground.exhausted)


def _ends_somewhere(move: _Move, ground: "_Ground") -> bool:
    return move.there is None or move.there in ground.onward


def _edges(chart: Chart) -> Iterator[Edge]:
    return ((step, outcome) for step, outcomes in chart.outcomes.items() for outcome in outcomes)


@define(eq=False)
class _Ground:
    """Every place a call can come to.

    Attributes:
        first: the first move found for each outcome, in the order of their distance from the entry.
        ends: moves that end the call.
        onward: from each place the next move of the shortest way to an end.
        exhausted: there is no other place.
    """

    chart: Chart
    first: dict[Edge, _Move] = field(factory=dict, init=False)
    ends: list[_Move] = field(factory=list, init=False)
    onward: dict[Place, _Move] = field(factory=dict, init=False)
    exhausted: bool = field(default=False, init=False)
    _came_by: dict[Place, _Move | None] = field(factory=dict, init=False)

    def survey(self) -> None:
        """Look at every place, nearest first, then find the ways to an end."""
        back: dict[Place, list[_Move]] = {}
        entry = Place(self.chart.entry)
        self._came_by[entry] = None
        waiting = deque([entry])
        while waiting and len(self._came_by) < MOST_PLACES:
            for move in self._moves(waiting.popleft()):
                if move.edge is not None:
                    self.first.setdefault(move.edge, move)
                if move.there is None:
                    self.ends.append(move)
                    continue
                back.setdefault(move.there, []).append(move)
                if move.there not in self._came_by:
                    self._came_by[move.there] = move
                    waiting.append(move.there)
        self.exhausted = not waiting
        self._find_ends(back)

    def path_through(self, move: _Move) -> Path:
        """The shortest call that makes this move."""
        moves = [*self._before(move.here), move]
        while (there := moves[-1].there) is not None:
            moves.append(self.onward[there])
        edges = tuple(edge for each in moves if (edge := each.edge) is not None)
        last = moves[-1].way.after
        return Path(edges, tuple(act for each in moves for act in each.way.acts), dict(last.fields), last.at)

    def _moves(self, here: Place) -> Iterator[_Move]:
        for way in ways_from(here, self.chart):
            target = None if way.outcome is None else self.chart.after(here.step, way.outcome)
            yield _Move(here, way, None if target is None else attrs.evolve(way.after, step=target))

    def _find_ends(self, back: Mapping[Place, list[_Move]]) -> None:
        waiting: deque[Place] = deque()
        for move in self.ends:
            if move.here not in self.onward:
                self.onward[move.here] = move
                waiting.append(move.here)
        while waiting:
            for move in back.get(waiting.popleft(), ()):
                if move.here not in self.onward:
                    self.onward[move.here] = move
                    waiting.append(move.here)

    def _before(self, place: Place) -> list[_Move]:
        moves: list[_Move] = []
        while (move := self._came_by[place]) is not None:
            moves.append(move)
            place = move.here
        return moves[::-1]
