"""Operators: whose turn it is to be rung, and who is busy."""

import math
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import trio
from attrs import frozen

from callengine.errors import ConfigError
from callengine.lines.desk import Desk, OperatorState
from callengine.lines.place import Place, Request
from callengine.lines.reservation import Reservation
from callengine.model import Operator, OperatorId, Rosters

_READY = OperatorState.READY


@frozen
class OperatorLoad:
    """An operator at one moment.

    Attributes:
        since: when what they do with their customer began, wrap-up included, on trio's clock; for who is ready or paused,
            that of the last one.
    """

    operator: Operator
    state: OperatorState
    since: float = -math.inf


class Operators:
    """Gives operators to customers: in turn, one customer each, the first who waits served first.

    The turn is that of whoever had theirs longest ago, over all rosters: where nobody is skipped that is a round-robin, and
    it stays fair when rosters overlap, change, or people are busy.

    Args:
        wrap_up: seconds after a call in which an operator is not rung.

    Attributes:
        rosters: as of now; `replace` changes them.
    """

    rosters: Rosters

    def __init__(self, rosters: Rosters, *, wrap_up: float = 0.0) -> None:
        self._wrap_up = wrap_up
        self._listed: dict[OperatorId, Operator] = {}
        self._desks: dict[OperatorId, Desk] = {}
        self._line: dict[Place, None] = {}
        self._turns = 0
        self._alarm = trio.CancelScope()
        self._list(rosters)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the alarm clock of wrap-ups: without it, who waits for the end of one is not served. Until cancelled."""
        task_status.started()
        while True:
            with trio.CancelScope(deadline=self._next_finish()) as self._alarm:
                await trio.sleep_forever()
            self._assign()

    @contextmanager
    def in_line(self, candidates: Iterable[Operator], *, patient: bool = False) -> Iterator[Place]:
        """Stand in line for the time of the block, behind everybody who stands there already.

        Args:
            candidates: whom they want one of.
            patient: nobody is refused who has a place like this: they wait even for those who are paused.
        """
        place = self._join(candidates, patient)
        try:
            yield place
        finally:
            self._leave(place)

    @asynccontextmanager
    async def reserve(
        self, candidates: Iterable[Operator], *, wait: float = 0.0, place: Place | None = None
    ) -> AsyncIterator[Reservation | None]:
        """Keep one of the candidates for the time of the block; None if there is none to be had.

        Args:
            candidates: whom to choose among; between those who never had a turn, in this order. Who has left the rosters
                since is not rung.
            wait: seconds to wait while all of them are busy. Nobody is waited for who is paused.
            place: in line; without one, the customer comes last and has a place only while they wait.
        """
        here = self._join(candidates, patient=False) if place is None else place
        request = here.ask([operator.id for operator in candidates])
        self._assign()
        try:
            try:
                with trio.move_on_after(wait if here.patient or self._may_come(here) else 0.0):
                    await request.served.wait()
            finally:
                if request.reservation is None:
                    here.over(request)
                if place is None:
                    self._leave(here)
            yield request.reservation
        finally:
            here.over(request)
            if request.reservation is not None:
                request.reservation.close()

    def replace(self, rosters: Rosters) -> None:
        """Change the rosters. Who is in a call stays in it; who stands in no roster any more is not rung again."""
        self._list(rosters)
        self._assign()

    def pause(self, operator: OperatorId) -> None:
        """Ring this operator no longer; a call in progress goes on.

        Raises:
            ConfigError: they stand in no roster.
        """
        self._desk(operator).pause()

    def resume(self, operator: OperatorId) -> None:
        """Ring this operator again.

        Raises:
            ConfigError: they stand in no roster.
        """
        self._desk(operator).resume()
        self._assign()

    def snapshot(self) -> tuple[OperatorLoad, ...]:
        """What everybody in the rosters does at this moment, for a live view."""
        self._finish_wrap_ups()
        desks = ((operator, self._desks[name]) for name, operator in self._listed.items())
        return tuple(OperatorLoad(operator, desk.state, desk.since) for operator, desk in desks)

    def _list(self, rosters: Rosters) -> None:
        """Take up who is new; forget who is gone, but for those who are busy or paused and may come back as such."""
        self.rosters = rosters
        self._listed = {operator.id: operator for operator in rosters.everybody}
        new = {name: Desk() for name in self._listed if name not in self._desks}
        kept = {name: desk for name, desk in self._desks.items() if name in self._listed or desk.state is not _READY}
        self._desks = kept | new

    def _desk(self, operator: OperatorId) -> Desk:
        if operator not in self._listed:
            raise ConfigError(f"operator {operator} stands in no roster")
        return self._desks[operator]

    def _join(self, candidates: Iterable[Operator], patient: bool) -> Place:
        place = Place([operator.id for operator in candidates], self._line, patient)
        self._line[place] = None
        return place

    def _leave(self, place: Place) -> None:
        del self._line[place]
        self._assign()

    def _free(self, desk: Desk, rest: float) -> None:
        desk.free(trio.current_time(), self._wrap_up, rest)
        self._assign()

    def _assign(self) -> None:
        """Serve whoever can be served, and set the alarm for the others. Synchronous: nothing changes under it.

        For who stands in line and is about to ask, an operator is kept back: nobody behind them gets that one.
        """
        self._finish_wrap_ups()
        ready = {name for name in self._listed if self._desks[name].state is _READY}
        for place in tuple(self._line):
            if not ready:
                break
            wanted = [] if place.is_served else [name for name in place.candidates if name in ready]
            if wanted:
                chosen = min(wanted, key=lambda name: self._desks[name].turn)
                ready.remove(chosen)
                if place.request is not None:
                    self._give(chosen, place.request)
        self._alarm.deadline = self._next_finish()

    def _give(self, operator: OperatorId, request: Request) -> None:
        desk = self._desks[operator]
        self._turns += 1
        desk.turn = self._turns
        desk.chart.reserve()
        desk.since = trio.current_time()
        request.serve(Reservation(self._listed[operator], desk, partial(self._free, desk)))

    def _may_come(self, place: Place) -> bool:
        """Whether one of the candidates is busy, or kept back for who stands further ahead."""
        desks = [self._desks[name] for name in place.candidates if name in self._listed]
        return any(desk.will_be_ready or desk.state is _READY for desk in desks)

    def _finish_wrap_ups(self) -> None:
        now = trio.current_time()
        for desk in self._desks.values():
            desk.finish_wrap_up(now)

    def _next_finish(self) -> float:
        wrapping = (desk.wraps_up_until for desk in self._desks.values() if desk.state is OperatorState.WRAP_UP)
        return min(wrapping, default=math.inf) if self._line else math.inf
