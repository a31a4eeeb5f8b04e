"""All lines together: one queue, one admission, one alarm clock.

Admission is synchronous. It looks at every limit and takes every token without an `await` in between, so nothing can
change under it. It runs again whenever something made room: a lease came back, limits changed, a waiter left, or the
alarm rang because a window opened by time alone. Nobody polls.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

import trio
from attrs import define, field, frozen

from callengine.errors import ConfigError
from callengine.lines.choice import LineLoad, least_loaded
from callengine.lines.gate import Gate, Turn
from callengine.lines.line import SECOND, Line
from callengine.lines.queues import ClassQueues
from callengine.lines.windows import OPEN, SlidingWindow, Window
from callengine.model import Ambient, LeaseRequest, LineId, LineLimits, LineSpec, Purpose


@frozen
class PoolLoad:
    """All lines at one moment: slots in use and requests waiting, by purpose."""

    lines: tuple[LineLoad, ...]
    in_use: Mapping[Purpose, int]
    waiting: Mapping[Purpose, int]


@define(eq=False)
class _Waiter:
    want: LeaseRequest
    served: trio.Event = field(factory=trio.Event, init=False)
    lease: "SlotLease | None" = field(default=None, init=False)

    @property
    def purpose(self) -> Purpose:
        return self.want.purpose


@define(eq=False)
class SlotLease:
    """One slot of one line; see `callengine.model.Lease` for the contract.

    An inbound lease takes a slot and counts in no window, since nothing is placed for it; its turn comes at once.
    """

    _pool: "LinePool"
    _carrier: Line
    purpose: Purpose
    _pending: list[Window] = field(init=False, factory=list)
    _held: bool = field(init=False, default=True)

    @property
    def line(self) -> LineSpec:
        return self._carrier.spec

    async def turn(self) -> None:
        if not self._held:
            raise RuntimeError("a released lease has no turn")
        if self.purpose is Purpose.INBOUND:
            await trio.lowlevel.checkpoint()
        else:
            self._pending += await self._pool._pass(self.purpose, self._carrier.second)

    def placed(self) -> None:
        self._pool._date(self._pending)

    def release(self) -> None:
        if self._held:
            self._held = False
            self._pool._returned(self)


@define(eq=False)
class GatePass:
    """A leg over no line of ours; see `callengine.model.Passage` for the contract."""

    _pool: "LinePool"
    _pending: list[Window] = field(init=False, factory=list)

    async def turn(self) -> None:
        self._pending += await self._pool._pass(Purpose.OPERATOR, SlidingWindow(SECOND, 0))

    def placed(self) -> None:
        self._pool._date(self._pending)

    def release(self) -> None:
        self._pool._give_back(self._pending)


class LinePool:
    """Gives out slots: to operator legs first, then to inbound callers, then to new calls.

    While a caller waits for a line, no outbound call starts on that line.

    Args:
        specs: the lines, in the order that breaks ties.
        ambient: whose wall clock says what day it is.
        overall_per_second: originate requests in any second, all lines together; 0 for no limit.
        max_outbound: outbound calls at once; 0 for no cap. Operator legs are not counted.
        max_inbound: inbound calls at once; 0 for no cap.
        reserve: slots, of all lines together, that customers' calls leave free when an outbound call starts, so that a leg
            to an operator finds one. Never the last slot: with one slot in all, outbound calls get it.
        zone: decides when a line's day ends; the ambient's own zone if absent.

    Raises:
        ConfigError: two lines bear the same id.
    """

    def __init__(
        self,
        specs: Iterable[LineSpec],
        ambient: Ambient,
        *,
        overall_per_second: int = 0,
        max_outbound: int = 0,
        max_inbound: int = 0,
        reserve: int = 0,
        zone: tzinfo | None = None,
    ) -> None:
        self._ambient = ambient
        self._zone = zone
        self._lines: dict[LineId, Line] = {}
        for spec in specs:
            if spec.id in self._lines:
                raise ConfigError(f"line {spec.id} is configured twice")
            self._lines[spec.id] = Line(spec, self._wall)
        self._caps = {Purpose.OUTBOUND: max_outbound, Purpose.INBOUND: max_inbound}
        self._reserve = reserve
        self._gate = Gate(overall_per_second)
        self._waiting: ClassQueues[_Waiter] = ClassQueues()
        self._in_use = dict.fromkeys(Purpose, 0)
        self._alarm = trio.CancelScope()

    def _wall(self) -> datetime:
        wall = self._ambient.wall()
        return wall.astimezone(self._zone) if self._zone else wall

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the alarm clock: without it, nobody who waits for a window is ever served. Runs until cancelled."""
        task_status.started()
        while True:
            with trio.CancelScope(deadline=self._next_opening()) as self._alarm:
                await trio.sleep_forever()
            self._admit()

    async def lease(self, want: LeaseRequest) -> SlotLease:
        """Wait for a slot. Cancelled while waiting, or served and cancelled at once, it holds nothing.

        Raises:
            ConfigError: the one line wanted is none of ours.
        """
        if want.line is not None and want.line not in self._lines:
            raise ConfigError(f"{want.line} is none of our lines")
        waiter = _Waiter(want)
        self._waiting.join(waiter)
        self._admit()
        try:
            await waiter.served.wait()
            await trio.lowlevel.checkpoint_if_cancelled()
        except BaseException:
            self._withdraw(waiter)
            raise
        assert waiter.lease is not None, "served without a lease"
        return waiter.lease

    def passage(self) -> GatePass:
        """The right to place a leg over no line of ours; only the overall per-second limit counts it."""
        return GatePass(self)

    def resize(self, line: LineId, limits: LineLimits) -> None:
        """Change a line's limits while it runs: calls beyond smaller ones finish, none is admitted until below.

        Raises:
            ConfigError: no such line.
        """
        if line not in self._lines:
            raise ConfigError(f"{line} is none of our lines")
        self._lines[line].resize(limits)
        self._admit()

    def snapshot(self) -> PoolLoad:
        """The figures of this moment, for a live view."""
        waiting = self._waiting.everyone()
        pinned = [waiter.want.line for waiter in waiting]
        return PoolLoad(
            lines=tuple(line.load(pinned.count(line.spec.id)) for line in self._lines.values()),
            in_use=dict(self._in_use),
            waiting={purpose: len(self._waiting.of(purpose)) for purpose in Purpose},
        )

    def _admit(self) -> None:
        for purpose in sorted(Purpose):
            self._serve(purpose)
        self._gate.admit()
        self._alarm.deadline = self._next_opening()

    def _serve(self, purpose: Purpose) -> None:
        hopeless: set[LineId | None] = set()
        for waiter in self._waiting.of(purpose):
            if waiter.want.line in hopeless:
                continue
            chosen = least_loaded(line.load() for line in self._eligible(waiter.want))
            if chosen is None:
                hopeless.add(waiter.want.line)
            else:
                self._grant(waiter, self._lines[chosen])

    def _eligible(self, want: LeaseRequest) -> Iterator[Line]:
        if not self._may_start(want.purpose):
            return
        wanted = self._lines.values() if want.line is None else (self._lines[want.line],)
        callers = {waiter.want.line for waiter in self._waiting.of(Purpose.INBOUND)}
        for line in wanted:
            kept_for_a_caller = want.purpose is Purpose.OUTBOUND and line.spec.id in callers
            in_time = want.purpose is Purpose.INBOUND or line.opens_at() == OPEN
            if line.has_slot and in_time and not kept_for_a_caller:
                yield line

    def _may_start(self, purpose: Purpose) -> bool:
        """Whether the limits over all lines let another call of this purpose start."""
        cap = self._caps.get(purpose, 0)
        if cap and self._in_use[purpose] >= cap:
            return False
        if purpose is not Purpose.OUTBOUND:
            return True
        slots = sum(line.spec.limits.concurrent for line in self._lines.values())
        customers = self._in_use[Purpose.OUTBOUND] + self._in_use[Purpose.INBOUND]
        return customers < slots - min(self._reserve, slots - 1)

    def _grant(self, waiter: _Waiter, line: Line) -> None:
        lease = SlotLease(self, line, waiter.purpose)
        line.take_slot(lease)
        self._in_use[waiter.purpose] += 1
        if waiter.purpose is not Purpose.INBOUND:
            lease._pending = [line.minute, line.day]
            for window in lease._pending:
                window.take()
        self._waiting.leave(waiter)
        waiter.lease = lease
        waiter.served.set()

    def _withdraw(self, waiter: _Waiter) -> None:
        self._waiting.leave(waiter)
        if waiter.lease is not None:
            waiter.lease.release()
        self._admit()

    def _next_opening(self) -> float:
        """When a window next opens for somebody who waits; a slot that comes back re-runs admission by itself."""
        openings = [self._gate.opens_at()]
        if self._waiting.everyone():
            openings += [line.opens_at() for line in self._lines.values() if line.has_slot]
        return min((time for time in openings if time != OPEN), default=math.inf)

    async def _pass(self, purpose: Purpose, of_line: SlidingWindow) -> tuple[Window, ...]:
        """Wait for the gate; the windows that now count the call, as pending."""
        turn = Turn(purpose, of_line)
        self._gate.join(turn)
        self._admit()
        try:
            await turn.granted.wait()
            await trio.lowlevel.checkpoint_if_cancelled()
        except BaseException:
            self._gate.withdraw(turn)
            self._admit()
            raise
        return self._gate.overall, of_line

    def _date(self, pending: list[Window]) -> None:
        for window in pending:
            window.date()
        pending.clear()
        self._admit()

    def _give_back(self, pending: list[Window]) -> None:
        for window in pending:
            window.give_back()
        pending.clear()
        self._admit()

    def _returned(self, lease: SlotLease) -> None:
        lease._carrier.return_slot(lease)
        self._in_use[lease.purpose] -= 1
        self._give_back(lease._pending)
