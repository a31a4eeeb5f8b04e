"""One call: a nursery that owns everything the call has, and the only place where a call ends."""

from collections.abc import Awaitable, Callable

import structlog
import trio
from attrs import define, field, frozen

from callengine.ari import EventOverflow
from callengine.calls.beside import Beside
from callengine.calls.context import CallContext, Memory, Services
from callengine.calls.estate import Estate
from callengine.calls.legs import Leg, LegState, Placement, Unconfirmed
from callengine.calls.result import Ending, result_of
from callengine.calls.steps import performer_of
from callengine.calls.talk import Talk
from callengine.errors import AriLost, AriRefused
from callengine.fsm import Chart
from callengine.model import CallId, CallResult, Cause, ChannelId, Lease, Moment, MomentKind, Timeline

CLEAN_UP = 1.5
"""Seconds a call waits for the reaper before it leaves the rest to it; short enough to be over 2 s after a hangup."""

log = structlog.get_logger()


@frozen
class Outbound:
    """We call the customer.

    Attributes:
        cleared: waits until the customer may be called; asked right before the originate request.
    """

    number: str
    placement: Placement
    cleared: Callable[[], Awaitable[None]]


@frozen
class Inbound:
    """The customer called us, and the channel waits in our application."""

    number: str
    channel: ChannelId


@define(eq=False)
class Call:
    """Runs one call to its end; nothing it owns outlives it but with the reaper.

    Args:
        lease: the customer's line slot; the call, and after it the reaper, own it from here on.
        watch: is told each state of the customer's leg; `dialling` right before the originate request.
    """

    id: CallId
    chart: Chart
    services: Services
    way: Outbound | Inbound
    lease: Lease
    timeline: Timeline
    watch: Callable[[LegState], None]
    cause: Cause | None = None
    error: Exception | None = None
    memory: Memory = field(factory=Memory, init=False)
    estate: Estate = field(init=False)
    customer: Leg = field(init=False)
    _scope: trio.CancelScope = field(factory=trio.CancelScope, init=False)
    _answered_at: float | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        pbx = self.services.pbx
        self.estate = pbx.reaper.open(self.id)
        self.estate.hold(self.lease)
        channel = self.way.channel if isinstance(self.way, Inbound) else ChannelId(pbx.ambient.new_id())
        self.customer = Leg(channel, pbx, self.estate, self._customer_is)

    def end(self, cause: Cause, error: Exception | None = None) -> None:
        """End the call: the only way one ends. Synchronous; the first cause wins."""
        if self.cause is None:
            self.cause, self.error = cause, error
            self._scope.cancel()

    async def run(self) -> CallResult:
        """Run the call; never raises an Exception."""
        try:
            with self._scope:
                async with trio.open_nursery() as tasks:
                    tasks.start_soon(self._until, self._customer, Cause.CUSTOMER_GONE)
                    await self._until(lambda: self._walk(tasks), Cause.FLOW_ENDED)
            self.end(Cause.BUDGET)  # the first cause wins: without one, it was the scope's deadline
        except Exception as error:  # the one border of this kind: a fault of ours costs one call
            log.exception("call failed", call_id=self.id)
            self.end(Cause.BUG, _first(error))
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
        else:
            self.end(cause)

    async def _customer(self) -> None:
        match self.way:
            case Outbound(placement=placement, cleared=cleared):
                await self.customer.dial(placement, self.lease, cleared)
            case Inbound():
                await self.customer.take_over(self.lease)
        if self.customer.forwarded:
            self.end(Cause.FORWARDED)

    async def _walk(self, tasks: trio.Nursery) -> None:
        await self.customer.up.wait()
        call = CallContext(
            id=self.id,
            chart=self.chart,
            services=self.services,
            customer=self.customer,
            talk=Talk(self.customer),
            customer_number=self.way.number,
            tasks=tasks,
            beside=Beside(tasks),
            end=self.end,
            note=self._note,
            memory=self.memory,
        )
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

    def _customer_is(self, state: LegState) -> None:
        if state is LegState.UP:
            self._answered_at = trio.current_time()
            self._scope.deadline = self._answered_at + self.services.rules.longest_call
        self.watch(state)
        self._note(MomentKind.STATE, state.value, self.customer.farewell.text if self.customer.farewell else "")

    def _note(self, kind: MomentKind, name: str, detail: str = "") -> None:
        self.timeline.note(Moment(self.id, trio.current_time(), kind, name, detail))

    def _result(self) -> CallResult:
        cause = self.cause or Cause.SHUTDOWN
        farewell = self.customer.farewell
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
            seconds=0.0 if self._answered_at is None else trio.current_time() - self._answered_at,
        )

    def __repr__(self) -> str:
        return f"<Call {self.id[:8]} {self.customer.state.value}>"


def _first(error: Exception) -> Exception:
    """The error itself, or the first of those that ended a nursery."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
