"""The leg to one operator: kept, rung, told whom the call is from, bridged, gone. It outlives the step that began it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog
import trio
from attrs import define, frozen

from callengine.calls.beside import Beside
from callengine.calls.context import CallContext
from callengine.calls.entered import EnteredPassage
from callengine.calls.estate import Estate
from callengine.calls.legs import Leg, LegState, Placement
from callengine.calls.whisper import Whisper, asked, is_attended
from callengine.errors import AriError
from callengine.fsm import ToOperator
from callengine.lines import Place, Reservation
from callengine.model import Cause, ChannelId, Lease, LeaseRequest, MomentKind, Operator, Passage, Purpose, TransferOutcome

_CAUSES = {
    17: TransferOutcome.BUSY,
    18: TransferOutcome.NO_ANSWER,
    19: TransferOutcome.NO_ANSWER,
    21: TransferOutcome.DECLINED,
}
"""What the Q.850 cause of a telephone that was never answered says of its operator."""

log = structlog.get_logger()


@define(eq=False)
class OperatorLeg:
    """An operator who takes the call.

    Attributes:
        bridged: with the customer; when the operator leaves now, the call ends.
    """

    operator: Operator
    leg: Leg
    _reservation: Reservation
    bridged: bool = False

    def connected(self) -> None:
        """Both are bridged."""
        self.bridged = True
        self._reservation.connected()

    def takes(self, rest: float) -> None:
        """The operator takes the call. If both are not bridged after all, they are not rung again for so many seconds."""
        self._reservation.pass_over(rest)


@frozen
class Tried:
    """What came of an operator who does not take the call.

    Attributes:
        operator: None if there was nobody to be had.
    """

    operator: Operator | None
    outcome: TransferOutcome


Answer = OperatorLeg | Tried


@frozen
class Seeking:
    """For whom operators are rung, one after the other.

    Attributes:
        whisper: what each of them hears first.
        place: of the customer in line.
        rest: seconds for which an operator who did not take the call is left in peace.
    """

    call: CallContext
    step: ToOperator
    whisper: Whisper
    place: Place
    rest: float


async def try_operator(
    seeking: Seeking,
    candidates: tuple[Operator, ...],
    wait: float,
    by: float,
    *,
    task_status: trio.TaskStatus[Answer],
) -> None:
    """Ring one of the candidates; for `start` of the call's nursery.

    Reports when the operator takes the call or will not, and in the former case goes on until they are gone, which ends the
    call if they were bridged.

    Args:
        wait: seconds to wait while all of them are busy.
        by: when the operator must have been rung, on trio's clock: the PBX may be out of reach for long.
    """
    operators = seeking.call.services.operators
    async with operators.reserve(candidates, wait=wait, place=seeking.place) as reservation:
        tried: Tried | None
        if reservation is None:
            tried = Tried(None, TransferOutcome.NO_OPERATOR)
        else:
            tried = await _try(seeking, reservation, by, task_status)
            if tried is not None:
                reservation.pass_over(seeking.rest)
    if tried is not None:
        task_status.started(tried)


async def _try(seeking: Seeking, reservation: Reservation, by: float, task_status: trio.TaskStatus[Answer]) -> Tried | None:
    """Ring the operator; None if they took the call, and all is over by now."""
    call = seeking.call
    operator, pbx = reservation.operator, call.services.pbx
    estate = pbx.reaper.open(call.id)

    def changed(state: LegState) -> None:
        if state is LegState.DIALLING:
            call.memory.operator = operator
        call.note(MomentKind.OPERATOR, state.value, operator.id)

    try:
        channel = ChannelId(pbx.ambient.new_id())
        passage, variables = await _passage(call, reservation, estate, channel)
        if passage is None:
            return Tried(operator, TransferOutcome.NO_SLOT)
        leg = Leg(channel, pbx, estate, changed)
        rules = call.services.rules
        placement = Placement(
            operator.endpoint,
            call.customer_number or rules.operator_caller_id,
            rules.operator_timeout,
            {"CALLENGINE_CALL": call.id, "CALLENGINE_CUSTOMER": call.customer.id, **variables},
        )
        taken = OperatorLeg(operator, leg, reservation)
        dial = partial(leg.dial, placement, passage, pbx.ready, by=by)
        outcome = await _ring(seeking, taken, dial, task_status)
    finally:
        pbx.reaper.take(estate)
    if taken.bridged:
        call.end(Cause.PARTNER_GONE)
    return None if outcome is None else Tried(operator, outcome)


async def _passage(
    call: CallContext, reservation: Reservation, estate: Estate, channel: ChannelId
) -> tuple[Passage | None, Mapping[str, str]]:
    """The right to ring the operator, which the estate holds, and what their channel carries of it.

    There is none where no slot became free in time, or the leg could not be written down.
    """
    services, operator = call.services, reservation.operator
    if not (operator.over_trunk and services.rules.operator_legs_count):
        occupied = reservation.occupying(services.lines.passage())
        estate.hold(occupied)
        return occupied, {}
    lease: Lease | None = None
    with trio.move_on_after(services.rules.operator_slot_wait):
        lease = await services.lines.lease(LeaseRequest(Purpose.OPERATOR))
    if lease is None:
        log.warning("no slot for an operator", operator=operator.id, seconds=services.rules.operator_slot_wait)
        return None, {}
    line = lease.line.id
    if services.writer is None:
        occupied = reservation.occupying(lease)
        estate.hold(occupied)
        return occupied, {"CALLENGINE_LINE": line}
    entered = EnteredPassage(lease, line, channel, services.writer, services.errands, services.pbx.ambient)
    occupied = reservation.occupying(entered)
    estate.hold(occupied)
    return (occupied, {"CALLENGINE_LINE": line}) if await entered.enter() else (None, {})


async def _ring(
    seeking: Seeking,
    taken: OperatorLeg,
    dial: Callable[[], Awaitable[None]],
    task_status: trio.TaskStatus[Answer],
) -> TransferOutcome | None:
    """From the first ring until the operator is gone; None if they took the call."""
    outcome: TransferOutcome | None = None
    took = False
    async with trio.open_nursery() as tasks:
        tasks.start_soon(_follow, dial, tasks.cancel_scope)
        await taken.leg.up.wait()
        outcome = await asked(seeking.call, seeking.step, taken.leg, Beside(tasks), seeking.whisper)
        if outcome is None:
            took = True
            taken.takes(seeking.rest)
            task_status.started(taken)
            await trio.sleep_forever()
        tasks.cancel_scope.cancel()
    return None if took else outcome or _fate(taken.leg, asked=is_attended(seeking.step))


async def _follow(dial: Callable[[], Awaitable[None]], scope: trio.CancelScope) -> None:
    """The operator's channel; its end is the end of whatever goes on with them."""
    try:
        await dial()
    except AriError as error:
        log.warning("operator leg failed", error=str(error))
    scope.cancel()


def _fate(leg: Leg, *, asked: bool) -> TransferOutcome:
    """What the end of a leg says of an operator who did not take the call.

    Args:
        asked: whether somebody who picks up is asked first whether they do.
    """
    if leg.up.is_set():
        return TransferOutcome.DECLINED if asked else TransferOutcome.UNREACHABLE
    if leg.forwarded:
        return TransferOutcome.UNREACHABLE
    if leg.farewell is None:
        return TransferOutcome.NO_ANSWER if leg.rang else TransferOutcome.UNREACHABLE
    return _CAUSES.get(leg.farewell.cause, TransferOutcome.UNREACHABLE)
