"""An operator who is kept for one customer, until nobody needs them any more."""

from collections.abc import Callable

import trio
from attrs import Factory, define, field

from callengine.lines.desk import Desk
from callengine.model import Operator, Passage


@define(eq=False)
class Reservation:
    """An operator who is kept for one customer.

    The operator is free again when the reservation is over and the channel that rang them is proven gone: until then
    their telephone would be busy to the next customer.

    Attributes:
        operator: as the rosters had them when they were reserved.
    """

    operator: Operator
    _desk: Desk
    _free: Callable[[float], None]
    """Told that it is over, and for how many seconds the operator is to be left in peace if they did not talk."""
    _rest: float = field(default=0.0, init=False)
    _holders: set[object] = field(default=Factory(lambda self: {self}, takes_self=True), init=False, repr=False)
    """The reservation itself, and the passage of the channel."""

    def connected(self) -> None:
        """The operator talks with the customer. Too late, when the operator is free again, it does nothing."""
        if self._holders:
            self._desk.connect(trio.current_time())

    def pass_over(self, rest: float) -> None:
        """When the operator is free again and has not talked, they are not rung for so many seconds."""
        self._rest = rest

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
                self._free(self._rest)


@define(eq=False)
class _Occupation:
    """A passage whose release frees the operator too; see `callengine.model.Passage` for the contract."""

    _passage: Passage
    _reservation: Reservation

    async def turn(self) -> None:
        await self._passage.turn()

    def yield_turn(self) -> None:
        self._passage.yield_turn()

    def placed(self) -> None:
        self._passage.placed()

    def release(self) -> None:
        self._passage.release()
        self._reservation.let_go(self)
