"""Callers: who is let in, on which line, and what serves them."""

import re
from collections.abc import AsyncIterable, Awaitable, Callable
from functools import partial

import attrs
import structlog
import trio
from attrs import define, field

from callengine.ari import Channel, StasisStart
from callengine.calls import Call, Inbound, Kind, Services
from callengine.dialer import Assignment, Settlement
from callengine.errors import StoreError
from callengine.fsm import Chart, ToOperator, compile_flow, load
from callengine.fsm.steps import LONGEST_TRANSFER
from callengine.lines import line_called
from callengine.model import (
    Book,
    CallId,
    CallResult,
    Cause,
    ChannelId,
    Lease,
    LeaseRequest,
    LineId,
    Purpose,
    Received,
    Result,
    Timeline,
    Writer,
)
from callengine.settings import InboundSettings

AT_ONCE = 0.1
"""Seconds a caller waits for a slot when the waiting room is full: long enough to be given one that is free."""

TELLS_WITHIN = 0.3
"""Seconds in which Asterisk tells of the redirect that a channel came of: one time in 20 it does so after (seen on 22.10.1)."""

STORE_PATIENCE = 10.0
"""Seconds a write may take; callers are served all the same."""

_TELEPHONE = re.compile(r"\+?[0-9]{1,20}")
_DIALLED = re.compile(r"[0-9A-Za-z+*#._-]{1,64}")
_OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The id of a channel that we asked for; the PBX's own are the second and a serial number."""

_STRAIGHT_TO_OPERATOR = """
scenario:
  name: straight_to_operator
  flow:
    - {{step: start, type: entry, next: connect}}
    - {{step: connect, type: transfer_to_operator, agent_type: inbound, wait: {wait}, on_success: connected, on_failure: end}}
    - {{step: connected, type: set_result, result: inbound_call, next: talk}}
    - {{step: talk, type: wait}}
    - {{step: end, type: hangup}}
"""
"""What serves callers where no scenario does."""

log = structlog.get_logger()


def straight_to_operator(wait: float) -> Chart:
    """The chart of a call that is connected to an operator without another word.

    Args:
        wait: seconds to wait while all of them are busy.
    """
    loading = load(_STRAIGHT_TO_OPERATOR.format(wait=min(wait, LONGEST_TRANSFER)).encode(), "straight_to_operator")
    assert loading.scenario is not None, loading.findings
    return compile_flow(loading.scenario, loading.scenario.flow)


@define(eq=False)
class Reception:
    """Takes the calls that come in. It holds each channel as soon as it hears of it, so that none is taken for an orphan.

    Args:
        lines: the numbers that are ours.
        carry: runs a call to its end.
        settlement: how the ends of calls are written down.
    """

    settings: InboundSettings
    lines: Callable[[], tuple[LineId, ...]]
    services: Services
    assignment: Assignment[Chart]
    timeline: Timeline
    writer: Writer
    carry: Callable[[Call], Awaitable[CallResult]]
    settlement: Settlement
    _straight: Chart = field(init=False)
    _open: bool = field(default=True, init=False)
    _waiting: set[CallId] = field(factory=set, init=False)
    _calls: dict[CallId, Call] = field(factory=dict, init=False)
    _idle: trio.Event = field(factory=trio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self._straight = straight_to_operator(self.settings.wait)

    async def run(self, arrivals: AsyncIterable[StasisStart]) -> None:
        """Serve whoever calls, until cancelled."""
        async with trio.open_nursery() as calls:
            async for arrival in arrivals:
                calls.start_soon(self._receive, arrival, calls)

    async def turn_away(self, arrivals: AsyncIterable[StasisStart]) -> None:
        """Let nobody in, until cancelled."""
        async for arrival in arrivals:
            self._turn_away(arrival.channel.id)

    def close(self) -> None:
        """Let nobody in from now on; calls in progress go on, and who waits for a slot still gets one."""
        self._open = False

    def stop(self) -> None:
        """Close, and turn away whoever waits unanswered: they would be answered only to be hung up on soon after."""
        self.close()
        for call in tuple(self._calls.values()):
            if not call.customer.up.is_set():
                call.turn_away()

    async def finish(self) -> None:
        """Close, and wait until the calls in progress are over."""
        self.close()
        while self._calls:
            self._idle = trio.Event()
            await self._idle.wait()

    async def _receive(self, arrival: StasisStart, calls: trio.Nursery) -> None:
        channel = arrival.channel
        if not arrival.args and _OURS.fullmatch(channel.id):
            log.warning("answered after the call was given up", channel=channel.id)
            self._turn_away(channel.id)
        elif await self._is_forward(channel):
            log.warning("call forwarded to one of our own numbers refused", channel=channel.id)
            self._turn_away(channel.id)
        else:
            self._let_in(arrival, calls)

    async def _is_forward(self, channel: Channel) -> bool:
        """Whether a called party's redirect leads here: its other half is known by the same name but for the end."""
        if not channel.name.startswith("Local/"):
            return False
        try:
            await trio.sleep(TELLS_WITHIN)
        except trio.Cancelled:
            self._turn_away(channel.id)
            raise
        return f"{channel.name[:-1]}1" in self.services.pbx.router.forwards

    def _let_in(self, arrival: StasisStart, calls: trio.Nursery) -> None:
        """Hold the channel and start what serves it, without a wait in between."""
        channel = arrival.channel
        dialled = arrival.args[1] if arrival.args[:1] == ("inbound",) and len(arrival.args) > 1 else channel.dialplan.exten
        line = line_called(dialled, self.lines())
        if not self._open or (line is None and self.settings.refuse_unknown):
            log.warning("inbound call turned away", caller=channel.caller.number, dialled=dialled, channel=channel.id)
            self._turn_away(channel.id)
            return
        if line is None:
            log.warning("inbound call to a number that is no line of ours", dialled=dialled, channel=channel.id)
        caller = channel.caller.number if _TELEPHONE.fullmatch(channel.caller.number) else ""
        dialled = dialled if _DIALLED.fullmatch(dialled) else ""  # the caller's to choose: nothing odd gets past here
        received, chart = self._assign(caller, dialled, line, ChannelId(channel.id))
        self.timeline.receive(received)
        self._calls[received.call] = call = self._call(received, chart)
        calls.start_soon(self._serve, received, call)

    def _turn_away(self, channel: str) -> None:
        reaper = self.services.pbx.reaper
        estate = reaper.open(CallId(self.services.pbx.ambient.new_id()))
        estate.adopt(Kind.CHANNEL, channel).reason = "busy"
        reaper.take(estate)

    def _assign(self, caller: str, dialled: str, line: LineId | None, channel: ChannelId) -> tuple[Received, Chart]:
        scenario = self.assignment.inbound(caller) if line is not None else None
        flow = scenario.inbound_flow if scenario is not None else None
        chart = flow or self._straight
        ambient = self.services.pbx.ambient
        received = Received(
            call=CallId(ambient.new_id()),
            caller=caller,
            dialled=dialled,
            line=line,
            scenario=scenario.name if scenario is not None else "",
            chart=chart.id,
            arrived_at=ambient.wall(),
            channel=channel,
        )
        return received, chart

    def _call(self, received: Received, chart: Chart) -> Call:
        slot, patience, channel = None, AT_ONCE, received.channel
        assert channel is not None, "whoever is let in has one"
        if received.line is not None:
            want = LeaseRequest(Purpose.INBOUND, received.line, transfers=self._transfers_over_trunk(chart))
            slot = partial(self._slot, received.call, want)
            if len(self._waiting) < self.settings.waiting_room:
                self._waiting.add(received.call)
                patience = self.settings.wait
        return Call(
            id=received.call,
            chart=chart,
            services=self.services,
            way=Inbound(received.caller, channel, slot, patience),
            timeline=self.timeline,
        )

    def _transfers_over_trunk(self, chart: Chart) -> bool:
        steps = [step for step in chart.steps.values() if isinstance(step, ToOperator)]
        rosters = [self.services.operators.rosters.roster(step.agent_type, chart.scenario.name) for step in steps]
        return any(operator.over_trunk for roster in rosters for operator in roster)

    async def _slot(self, call: CallId, want: LeaseRequest) -> Lease:
        lease = await self.services.lines.lease(want)
        self._waiting.discard(call)
        return lease

    async def _serve(self, received: Received, call: Call) -> None:
        outcome: CallResult | None = None
        try:
            async with trio.open_nursery() as beside:
                beside.start_soon(self._write, received.call, partial(_written_down, received))
                outcome = await self.carry(call)
        finally:
            self._waiting.discard(call.id)
            interrupted = CallResult(Result("failed:shutdown"), Cause.SHUTDOWN, call.customer.up.is_set())
            over = attrs.evolve(received, outcome=outcome or interrupted)
            await self._write(over.call, self.settlement.received(over))
            self.settlement.written(over)
            del self._calls[received.call]
            if not self._calls:
                self._idle.set()

    async def _write(self, call: CallId, unit: Callable[[Book], None]) -> None:
        try:
            with trio.fail_after(STORE_PATIENCE, shield=True):
                await self.writer.write(unit)
        except (StoreError, trio.TooSlowError) as error:
            log.error("an inbound call was not written down", call_id=call, reason=str(error))


def _written_down(received: Received, book: Book) -> None:
    book.receive(received)
