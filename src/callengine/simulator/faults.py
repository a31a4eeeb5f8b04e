"""What can go wrong between a request and its answer."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from attrs import frozen


@frozen
class Fault:
    """One kind of mishap.

    Attributes:
        pattern: the requests it befalls, as a shell pattern of method and path: `POST /channels`, `DELETE /channels/*`.
        chance: of a request that matches.
        seconds: the request is carried out so much later, even if its sender has gone away meanwhile.
        status: answered with this status instead of being carried out.
        unanswered: carried out, but the connection is closed without an answer.
    """

    pattern: str
    chance: float = 1.0
    seconds: float = 0.0
    status: int | None = None
    unanswered: bool = False

    def befalls(self, request: str) -> bool:
        return fnmatchcase(request, self.pattern)


FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "slow": (Fault("*", chance=0.05, seconds=2.0),),
    "overtaking": (Fault("POST /channels", chance=0.2, seconds=1.5),),
    "failing": (Fault("*", chance=0.02, status=500),),
    "unanswered": (Fault("POST *", chance=0.02, unanswered=True),),
    "booting": (Fault("*", chance=0.1, status=503),),
}
"""Mishaps by name, for a whole campaign."""
