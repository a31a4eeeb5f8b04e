"""One call: a nursery that owns everything the call has, and the only place where a call ends."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

import structlog
import trio
from attrs import define, field

from callengine.ari import EventOverflow
from callengine.calls.beside import Beside
from callengine.calls.context import CallContext, Memory, Services
from callengine.calls.estate import Estate
from callengine.calls.legs import Leg, LegState, Unconfirmed
from callengine.calls.result import Ending, result_of
from callengine.calls.steps import performer_of
from callengine.calls.talk import Talk
from callengine.calls.ways import Inbound, Outbound
from callengine.errors import AriLost, AriRefused, ConfigError, DoNotDial, innermost
from callengine.fsm import Chart
from callengine.model import (
    CallId,
    CallResult,
    Cause,
    Lease,
    Moment,
    MomentKind,
    Timeline,
    TransferOutcome,
)

CLEAN_UP = 1.5
"""Seconds a call waits for the reaper before it leaves the rest to it; short enough to be over 2 s after a hangup."""

RINGS_FIRST = 1.0
"""Seconds that a caller who must wait hears it ring before the hold audio begins: most are answered sooner."""

T = TypeVar("T")

log = structlog.get_logger()


@define(eq=False)
class Call:
    """Runs one call to its end; nothing it owns outlives it but with the reaper. Once made, it must be run."""

    id: CallId
    chart: Chart
    services: Services
    way: Outbound | Inbound
    timeline: Timeline
    cause: Cause | None = None
    error: BaseException | None = None
    memory: Memory = field(factory=Memory, init=False)
    estate: Estate = field(init=False)
    customer: Leg = field(init=False)
    _scope: trio.CancelScope = field(factory=trio.CancelScope, init=False)
    _answered_at: float | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        pbx = self.services.pbx
        self.estate = pbx.reaper.open(self.id)
        if isinstance(self.way, Inbound):
            self.customer = Leg(self.way.channel, pbx, self.estate, self._customer_is)
            self.customer.adopt()
        else:
            self.customer = Leg(self.way.channel, pbx, self.estate, self._customer_is)
            self.estate.hold(self.way.lease)

    def end(self, cause: Cause, error: BaseException | None = None) -> None:
        """End the call: the only way one ends. Synchronous; the first cause wins."""
        if self.cause is None:
            self.cause, self.error = cause, error
            self._scope.cancel()

    def turn_away(self) -> None:
        """End an unanswered call of somebody who called us: they hear that the line is busy."""
        self.customer.turn_away()
        self.end(Cause.NO_SLOT)

    async def run(self) -> CallResult:
        """Run the call; never raises an Exception."""
        try:
            with self._scope:
                async with trio.open_nursery() as tasks:
                    tasks.start_soon(self._until, self._customer, Cause.CUSTOMER_GONE)
                    await self._until(lambda: self._walk(tasks), Cause.FLOW_ENDED)
            self.end(Cause.BUDGET)  # the first cause wins: without one, it was the scope's deadline
        except Exception as error:  # a fault of ours costs one call, and no other
            log.exception("call failed", call_id=self.id)
            self.end(Cause.BUG, innermost(error))
        finally:
            buried = self.services.pbx.reaper.take(self.estate)
            result = self._result()
            self._note(MomentKind.RESULT, result.result, result.detail)
            with trio.move_on_after(CLEAN_UP, shield=True):
                await buried.wait()
        return result

    async def _until(self, part: Callable[[], Awaitable[None]], cause: Cause) -> None:
        """A part of the call whose end, however it comes, ends the call."""
        try:
            await part()
        except EventOverflow as overflow:
            self.end(Cause.OVERFLOW, overflow)
        except AriRefused as refusal:
            self.end(Cause.PBX_LOST if self.customer.up.is_set() else Cause.REFUSED, refusal)
        except Unconfirmed as unconfirmed:
            self.end(Cause.UNCONFIRMED, unconfirmed)
        except AriLost as lost:
            self.end(Cause.PBX_LOST, lost)
        except DoNotDial as refusal:
            self.end(Cause.DO_NOT_DIAL, refusal)
        else:
            self.end(cause)

    async def _customer(self) -> None:
        match self.way:
            case Outbound(placement=placement, cleared=cleared, still_clear=still_clear, lease=lease):
                await self.customer.dial(placement, lease, cleared, still_clear=still_clear)
            case Inbound():
                await self.customer.take_over()
        if self.customer.forwarded:
            self.end(Cause.FORWARDED)

    async def _walk(self, tasks: trio.Nursery) -> None:
        call = self._context(tasks)
        if isinstance(self.way, Inbound):
            await self._admit(call, self.way)
        await self.customer.up.wait()
        here = self.chart.entry
        for _ in range(self.services.rules.most_steps):
            step = self.chart.steps[here]
            self._note(MomentKind.STEP, here)
            outcome = await performer_of(step)(call, step)
            if outcome is None:
                return
            self._note(MomentKind.OUTCOME, outcome, here)
            there = self.chart.after(here, outcome)
            if there is None:
                self.memory.result = self.chart.result_at_end(here, outcome) or self.memory.result
                return
            here = there
        self.end(Cause.BUDGET)

    async def _admit(self, call: CallContext, way: Inbound) -> None:
        """Answer the customer when there is a slot for them. Until then they ring and occupy none, and hear the hold audio:
        Asterisk sends what is played to an unanswered channel as early media (seen on 22.10.1).
        """
        if way.slot is None:
            await self.customer.answer(None)
            return
        lease = None
        deadline = trio.current_time() + way.patience
        with suppress(ConfigError):  # the line was replaced meanwhile
            async with call.beside(partial(self._slot, way.slot)) as slot:
                lease = await _within(min(trio.current_time() + RINGS_FIRST, deadline), slot.result)
                if lease is None and trio.current_time() < deadline:
                    async with call.on_hold():
                        lease = await _within(deadline, slot.result)
        if lease is None:
            self.turn_away()
        else:
            await self.customer.answer(lease)

    async def _slot(self, slot: Callable[[], Awaitable[Lease]]) -> Lease:
        lease = await slot()
        self.estate.hold(lease)
        return lease

    def _context(self, tasks: trio.Nursery) -> CallContext:
        return CallContext(
            id=self.id,
            chart=self.chart,
            services=self.services,
            customer=self.customer,
            talk=Talk(self.customer, self.memory.recordings.append if self.services.rules.keep_recordings else None),
            customer_number=self.way.number,
            fields=self.way.fields,
            tasks=tasks,
            beside=Beside(tasks),
            end=self.end,
            note=self._note,
            memory=self.memory,
        )

    def _customer_is(self, state: LegState) -> None:
        if state is LegState.UP:
            self._answered_at = trio.current_time()
            self._scope.deadline = self._answered_at + self.services.rules.longest_call
        if isinstance(self.way, Outbound):
            self.way.watch(state)
        self._note(MomentKind.STATE, state.value, self.customer.farewell.text if self.customer.farewell else "")

    def _note(self, kind: MomentKind, name: str, detail: str = "") -> None:
        self.timeline.note(Moment(self.id, trio.current_time(), kind, name, detail))

    def _result(self) -> CallResult:
        cause = self.cause or Cause.SHUTDOWN
        farewell = self.customer.farewell
        now, waiting = trio.current_time(), self.memory.waiting
        left_waiting = self.memory.transferring and cause is Cause.CUSTOMER_GONE
        ending = Ending(
            cause=cause,
            answered=self.customer.up.is_set(),
            inbound=isinstance(self.way, Inbound),
            set_result=self.memory.result,
            intent=self.memory.intent,
            transferring=self.memory.transferring,
            q850=farewell.cause if farewell else None,
        )
        return CallResult(
            result=result_of(ending, self.services.rules.result_overrides),
            cause=cause,
            answered=ending.answered,
            detail=str(self.error or (farewell.text if farewell else "")),
            transcript=self.memory.transcript,
            seconds=0.0 if self._answered_at is None else now - self._answered_at,
            transfer=TransferOutcome.CUSTOMER_LEFT if left_waiting else self.memory.transfer,
            operator=self.memory.operator,
            recordings=tuple(self.memory.recordings),
            waited=waiting.waited_by(now),
            talked=waiting.talked_by(now),
        )

    def __repr__(self) -> str:
        return f"<Call {self.id[:8]} {self.customer.state.value}>"


async def _within(deadline: float, wait: Callable[[], Awaitable[T]]) -> T | None:
    with trio.move_on_at(deadline):
        return await wait()
    return None
