"""Operators: whose turn it is to be rung, and who is busy."""

import math
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import trio
from attrs import Factory, define, field, frozen

from callengine.errors import ConfigError
from callengine.lines.desk import Desk, OperatorState
from callengine.model import Operator, OperatorId, Passage, Rosters

_READY = OperatorState.READY


@frozen
class OperatorLoad:
    """An operator at one moment."""

    operator: Operator
    state: OperatorState


@define(eq=False)
class Reservation:
    """An operator who is kept for one customer.

    The operator is free again when the reservation is over and the channel that rang them is proven gone: until then
    their telephone would be busy to the next customer.

    Attributes:
        operator: as the rosters had them when they were reserved.
    """

    operator: Operator
    _operators: "Operators"
    _desk: Desk
    _holders: set[object] = field(default=Factory(lambda self: {self}, takes_self=True), init=False, repr=False)
    """The reservation itself, and the passage of the channel."""

    def connected(self) -> None:
        """The operator talks with the customer. Too late, when the operator is free again, it does nothing."""
        if self._holders:
            self._desk.chart.connect()

    def occupying(self, passage: Passage) -> Passage:
        """The right to place the leg to this operator, who counts as busy until it is released."""
        occupation = _Occupation(passage, self)
        self._holders.add(occupation)
        return occupation

    def close(self) -> None:
        """The customer needs the operator no longer. A second time does nothing."""
        self.let_go(self)

    def let_go(self, holder: object) -> None:
        """The last holder that lets go frees the operator; one that has let go before does nothing."""
        if holder in self._holders:
            self._holders.remove(holder)
            if not self._holders:
                self._operators.free(self._desk)


@define(eq=False)
class _Occupation:
    """A passage whose release frees the operator too; see `callengine.model.Passage` for the contract."""

    _passage: Passage
    _reservation: Reservation

    async def turn(self) -> None:
        await self._passage.turn()

    def placed(self) -> None:
        self._passage.placed()

    def release(self) -> None:
        self._passage.release()
        self._reservation.let_go(self)


@define(eq=False)
class _Waiter:
    candidates: Sequence[OperatorId]
    served: trio.Event = field(factory=trio.Event, init=False)
    reservation: Reservation | None = field(default=None, init=False)


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
        self._waiting: dict[_Waiter, None] = {}
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

    @asynccontextmanager
    async def reserve(self, candidates: Iterable[Operator], *, wait: float = 0.0) -> AsyncIterator[Reservation | None]:
        """Keep one of the candidates for the time of the block; None if there is none to be had.

        Args:
            candidates: whom to choose among; between those who never had a turn, in this order. Who has left the rosters
                since is not rung.
            wait: seconds to wait while all of them are busy. Nobody is waited for who is paused.
        """
        waiter = _Waiter([operator.id for operator in candidates])
        self._waiting[waiter] = None
        self._assign()
        try:
            with trio.move_on_after(wait if self._may_come(waiter) else 0.0):
                await waiter.served.wait()
            self._waiting.pop(waiter, None)
            yield waiter.reservation
        finally:
            self._waiting.pop(waiter, None)
            if waiter.reservation is not None:
                waiter.reservation.close()

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
        return tuple(OperatorLoad(operator, self._desks[name].state) for name, operator in self._listed.items())

    def free(self, desk: Desk) -> None:
        """A reservation is over; its to call."""
        desk.free(trio.current_time() + self._wrap_up)
        self._assign()

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

    def _assign(self) -> None:
        """Serve whoever can be served, and set the alarm for the others. Synchronous: nothing changes under it."""
        self._finish_wrap_ups()
        ready = {name for name in self._listed if self._desks[name].state is _READY}
        for waiter in tuple(self._waiting):
            if not ready:
                break
            wanted = [name for name in waiter.candidates if name in ready]
            if wanted:
                chosen = min(wanted, key=lambda name: self._desks[name].turn)
                ready.remove(chosen)
                self._give(chosen, waiter)
        self._alarm.deadline = self._next_finish()

    def _give(self, operator: OperatorId, waiter: _Waiter) -> None:
        desk = self._desks[operator]
        self._turns += 1
        desk.turn = self._turns
        desk.chart.reserve()
        del self._waiting[waiter]
        waiter.reservation = Reservation(self._listed[operator], self, desk)
        waiter.served.set()

    def _may_come(self, waiter: _Waiter) -> bool:
        return any(name in self._listed and self._desks[name].will_be_ready for name in waiter.candidates)

    def _finish_wrap_ups(self) -> None:
        now = trio.current_time()
        for desk in self._desks.values():
            desk.finish_wrap_up(now)

    def _next_finish(self) -> float:
        wrapping = (desk.wraps_up_until for desk in self._desks.values() if desk.state is OperatorState.WRAP_UP)
        return min(wrapping, default=math.inf) if self._waiting else math.inf
