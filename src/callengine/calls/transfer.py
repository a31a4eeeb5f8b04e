"""A transfer: operators are tried in turn, each of them once, while the customer hears the hold audio."""

from contextlib import AbstractAsyncContextManager

import structlog
import trio
from attrs import define, field

from callengine.calls.context import CallContext
from callengine.calls.operator_leg import OperatorLeg, Seeking
from callengine.calls.search import Search, connect, roster_of
from callengine.fsm import TransferToOperator
from callengine.fsm.steps import LONGEST_TRANSFER
from callengine.model import Operator, TransferOutcome

log = structlog.get_logger()


async def transfer(call: CallContext, step: TransferToOperator) -> TransferOutcome:
    """Connect the customer to the first operator who takes the call and can be bridged; see `connect`.

    Returns:
        `COMPLETED` when both are bridged; otherwise what came of the last operator tried, after every one was, or
        `LONGEST_TRANSFER` was over before the next.

    Raises:
        AriLost: the PBX did not answer.
    """
    roster = roster_of(call, step)
    wait = call.services.rules.operator_wait if step.wait is None else step.wait
    with call.services.operators.in_line(roster) as place:
        outcome = await connect(_InTurn(call, step, roster, place, wait))
    if outcome is not TransferOutcome.COMPLETED:
        log.warning("No available agents", outcome=outcome.value)
    return outcome


@define
class _InTurn(Search[TransferToOperator]):
    """Every operator once.

    Attributes:
        wait: seconds to wait for an operator while all are busy.
    """

    wait: float
    _untried: tuple[Operator, ...] = field(init=False)
    _deadline: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._untried = self.roster
        self._deadline = trio.current_time() + LONGEST_TRANSFER

    async def next(self, seeking: Seeking) -> OperatorLeg | None:
        while self._untried and (left := self._deadline - trio.current_time()) > 0.0:
            rung = await self.ring(seeking, self._untried, min(self.wait, left), self._deadline)
            if rung is None or isinstance(rung, OperatorLeg):
                return rung
        return None

    def company(self) -> AbstractAsyncContextManager[None]:
        return self.call.on_hold()

    def failed(self, operator: Operator, outcome: TransferOutcome) -> None:
        super().failed(operator, outcome)
        without_slot = outcome is TransferOutcome.NO_SLOT  # nor is there one for the next: waiting again would only take longer
        self._untried = tuple(
            other for other in self._untried if other.id != operator.id and not (without_slot and other.over_trunk)
        )
