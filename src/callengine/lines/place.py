"""A customer's place in the line of those who want an operator."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

import trio
from attrs import define, field

from callengine.lines.reservation import Reservation
from callengine.model import OperatorId


@define(eq=False)
class Request:
    """An operator is asked for.

    Attributes:
        served: set when there is a reservation.
    """

    served: trio.Event = field(factory=trio.Event, init=False)
    reservation: Reservation | None = field(default=None, init=False)

    def serve(self, reservation: Reservation) -> None:
        """This operator is kept for them."""
        self.reservation = reservation
        self.served.set()


@define(eq=False)
class Place:
    """Kept from the moment a customer wants an operator until they have one or give up, however many are rung meanwhile.

    Attributes:
        candidates: whom they want one of.
        patient: they wait even for those who are paused.
        request: the one that waits or is served; None before the first, and between two.
    """

    candidates: Sequence[OperatorId]
    _line: Iterable["Place"]
    patient: bool
    request: Request | None = field(default=None, init=False)

    @property
    def is_served(self) -> bool:
        """An operator is kept for them, and perhaps rung."""
        return self.request is not None and self.request.served.is_set()

    @property
    def position(self) -> int:
        """1 for who is next: behind all who came before and want one of the same operators."""
        ahead = takewhile(lambda other: other is not self, self._line)
        return 1 + sum(not set(self.candidates).isdisjoint(other.candidates) for other in ahead)

    def ask(self, candidates: Sequence[OperatorId]) -> Request:
        """Ask for one of the candidates."""
        self.candidates, self.request = candidates, Request()
        return self.request

    def over(self, request: Request) -> None:
        """This request is waited for no longer, or its operator is needed no longer."""
        if self.request is request:
            self.request = None
