"""Admission: who gets a slot, who passes the gate, and when to look again.

It is synchronous. It looks at every limit and takes every token without an `await` in between, so nothing can change under
it. It runs again whenever something made room: a lease came back, limits changed, a waiter left, or the alarm rang because
a window opened by time alone.
"""

import math
from collections.abc import Iterator, Mapping

import trio
from attrs import define, field

from callengine.lines.choice import least_loaded
from callengine.lines.gate import Gate
from callengine.lines.line import Line
from callengine.lines.queues import ClassQueues
from callengine.lines.windows import OPEN, Tokens
from callengine.model import LeaseRequest, LineId, Purpose

RANKS = tuple(sorted(Purpose))
"""The purposes in the order of service."""

LOOK_AGAIN = 60.0
"""Seconds after which a wall clock that was set is noticed at the latest."""


@define(eq=False)
class Seat:
    """A wish for a slot; once served, the slot and the tokens that came with it, or nothing where its one line is gone.

    Attributes:
        turn: the tokens of the gate.
    """

    want: LeaseRequest
    served: trio.Event = field(factory=trio.Event, init=False)
    line: Line | None = field(default=None, init=False)
    tokens: Tokens = field(factory=Tokens, init=False)
    turn: Tokens = field(factory=Tokens, init=False)

    @property
    def purpose(self) -> Purpose:
        return self.want.purpose


@define(eq=False)
class Admission:
    """What is held, who waits, and the rules of service.

    Attributes:
        lines: in force, in the order that breaks ties.
        gate: the per-second limits.
        caps: calls at once by purpose, over all lines; 0 or absent for no cap.
        reserve: slots that customers' calls leave free when an outbound call starts, or an inbound one that may want an
            operator's; never the last one.
        shut: nobody is served until it is known what is held already.
        alarm: its deadline is when time alone makes room; whoever sleeps in it then calls `admit`.
    """

    lines: Mapping[LineId, Line]
    gate: Gate
    caps: Mapping[Purpose, int]
    reserve: int
    shut: bool = field(default=False, init=False)
    alarm: trio.CancelScope = field(factory=trio.CancelScope, init=False)
    waiting: ClassQueues[Seat] = field(factory=ClassQueues, init=False)
    in_use: dict[Purpose, int] = field(factory=lambda: dict.fromkeys(Purpose, 0), init=False)

    def join(self, seat: Seat) -> None:
        self.waiting.join(seat)
        self.admit()

    def leave(self, seat: Seat) -> None:
        """Forget a wish, or take back what it was given."""
        self.waiting.leave(seat)
        if seat.line is not None:
            seat.line.return_slot(seat, seat.purpose)
            self.in_use[seat.purpose] -= 1
        seat.turn.give_back()
        seat.tokens.give_back()
        self.admit()

    def occupy(self, seat: Seat, line: Line) -> None:
        """Give somebody a slot that they use already, past every limit; it counts in no window."""
        line.occupy(seat, seat.purpose)
        self.in_use[seat.purpose] += 1
        seat.line = line
        seat.served.set()

    def dismiss(self) -> None:
        """Send away who waits for a line that is in force no longer: served with nothing."""
        for seat in self.waiting.everyone():
            if seat.want.line is not None and seat.want.line not in self.lines:
                self.waiting.leave(seat)
                seat.served.set()

    def admit(self) -> None:
        """Serve whoever can be served now, and set the alarm for the others."""
        if self.shut:
            return
        for purpose in RANKS:
            self._serve(purpose)
        self.gate.admit()
        self.alarm.deadline = self._next_opening()

    def _serve(self, purpose: Purpose) -> None:
        hopeless: set[LeaseRequest] = set()
        for seat in self.waiting.of(purpose):
            if seat.want in hopeless:
                continue
            chosen = least_loaded(line.load() for line in self._eligible(seat.want))
            if chosen is None:
                hopeless.add(seat.want)
            else:
                self._grant(seat, self.lines[chosen])

    def _eligible(self, want: LeaseRequest) -> Iterator[Line]:
        if not self._may_start(want):
            return
        wanted = self.lines.values() if want.line is None else (self.lines[want.line],)
        outbound = want.purpose is Purpose.OUTBOUND
        callers = {seat.want.line for seat in self.waiting.of(Purpose.INBOUND)} if outbound else ()
        for line in wanted:
            kept_for_a_caller = line.spec.id in callers
            in_time = want.purpose is Purpose.INBOUND or line.opens_at() == OPEN
            if line.has_slot and in_time and not kept_for_a_caller:
                yield line

    def _may_start(self, want: LeaseRequest) -> bool:
        """Whether the limits over all lines let another call of this kind start."""
        cap = self.caps.get(want.purpose, 0)
        if cap and self.in_use[want.purpose] >= cap:
            return False
        if want.purpose is not Purpose.OUTBOUND and not want.transfers:
            return True
        slots = sum(line.spec.limits.concurrent for line in self.lines.values())
        customers = sum(line.customers for line in self.lines.values())
        return customers < slots - min(self.reserve, slots - 1)

    def _grant(self, seat: Seat, line: Line) -> None:
        line.take_slot(seat, seat.purpose)
        self.in_use[seat.purpose] += 1
        if seat.purpose is not Purpose.INBOUND:
            seat.tokens.take(line.minute, line.day)
        self.waiting.leave(seat)
        seat.line = line
        seat.served.set()

    def _next_opening(self) -> float:
        """When a window next opens for somebody who waits; a slot that comes back re-runs admission by itself.

        Whoever waits for midnight is looked at earlier, too: a wall clock that is set tells nobody.
        """
        openings = [self.gate.opens_at()]
        if self.waiting.everyone():
            openings += [line.opens_at() for line in self.lines.values() if line.has_slot]
        soonest = min((time for time in openings if time != OPEN), default=math.inf)
        return soonest if soonest == math.inf else min(soonest, trio.current_time() + LOOK_AGAIN)
