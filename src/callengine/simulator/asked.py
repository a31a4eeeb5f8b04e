"""What a request handler gets, and how it says no."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from attrs import frozen

from callengine.simulator.exchange import Exchange
from callengine.simulator.http import Request, Response


@frozen
class Asked:
    """A request at the place it is carried out.

    Attributes:
        ids: the path's segments that name something, in order.
    """

    exchange: Exchange
    request: Request
    ids: tuple[str, ...]


Handler: TypeAlias = Callable[[Asked], Awaitable[Response]]


class Refused(Exception):
    """A request cannot be carried out; `response` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response
