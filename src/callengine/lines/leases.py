"""What a holder has in hand: the right to place one call, over a line of ours or over none."""

import trio
from attrs import define, field

from callengine.lines.admission import Admission, Seat
from callengine.lines.gate import Turn
from callengine.lines.line import SECOND, Line
from callengine.lines.windows import SlidingWindow, Tokens
from callengine.model import LineSpec, Purpose


@define(eq=False)
class GatePass:
    """The right to pass the gate; see `callengine.model.Passage` for the contract.

    By itself it serves a leg over no line of ours, to an operator.
    """

    _admission: Admission
    _purpose: Purpose = Purpose.OPERATOR
    _second: SlidingWindow = field(factory=lambda: SlidingWindow(SECOND, 0))
    _tokens: Tokens = field(factory=Tokens)
    _turn: Tokens = field(factory=Tokens)

    async def turn(self) -> None:
        turn = Turn(self._purpose, self._second)
        self._admission.gate.join(turn)
        self._admission.admit()
        try:
            await turn.granted.wait()
            await trio.lowlevel.checkpoint_if_cancelled()
        except BaseException:
            self._admission.gate.withdraw(turn)
            self._admission.admit()
            raise
        self._turn.add(turn.tokens)

    def yield_turn(self) -> None:
        self._turn.give_back()
        self._admission.admit()

    def placed(self) -> None:
        self._turn.date()
        self._tokens.date()
        self._admission.admit()

    def release(self) -> None:
        self._turn.give_back()
        self._tokens.give_back()
        self._admission.admit()


class SlotLease:
    """One slot of one line; see `callengine.model.Lease` for the contract.

    An inbound lease takes a slot and counts in no window, since nothing is placed for it; its turn comes at once.
    """

    def __init__(self, admission: Admission, seat: Seat, carrier: Line) -> None:
        self._admission = admission
        self._seat = seat
        self._carrier = carrier
        self._gate_pass = GatePass(admission, seat.purpose, carrier.second, seat.tokens, seat.turn)
        self._held = True

    @property
    def line(self) -> LineSpec:
        return self._carrier.spec

    @property
    def purpose(self) -> Purpose:
        return self._seat.purpose

    async def turn(self) -> None:
        if not self._held:
            raise RuntimeError("a released lease has no turn")
        if self.purpose is Purpose.INBOUND:
            await trio.lowlevel.checkpoint()
        else:
            await self._gate_pass.turn()

    def yield_turn(self) -> None:
        self._gate_pass.yield_turn()

    def placed(self) -> None:
        self._gate_pass.placed()

    def release(self) -> None:
        if self._held:
            self._held = False
            self._admission.leave(self._seat)
