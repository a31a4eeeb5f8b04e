"""A line: a caller number with quotas; and the lease of one of its slots."""

from enum import IntEnum
from typing import Protocol

from attrs import field, frozen
from attrs.validators import ge

from callengine.model.ids import LineId


@frozen
class LineLimits:
    """What a line may carry. Zero means no limit of that kind, except for `concurrent`, where it means no call at all.

    Attributes:
        concurrent: calls at once, inbound and outbound together.
        per_minute: calls placed in any 60 seconds.
        per_day: calls placed on one calendar day of the line's zone.
        per_second: calls placed in any second.
    """

    concurrent: int = field(default=2, validator=ge(0))
    per_minute: int = field(default=10, validator=ge(0))
    per_day: int = field(default=200, validator=ge(0))
    per_second: int = field(default=1, validator=ge(0))


@frozen
class LineSpec:
    """A line as configured.

    Attributes:
        id: its number as configured; also what the panel knows it by.
        caller_id: the number shown to who is called.
        display_name: for people.
        reference: what the panel knows it by, as JSON text; empty where it did not name it.
    """

    id: LineId
    caller_id: str
    limits: LineLimits = field(factory=LineLimits)
    display_name: str = ""
    reference: str = ""


class Purpose(IntEnum):
    """Who wants a slot; a smaller value is served first."""

    OPERATOR = 0
    """An operator leg over the trunk, for a customer who is on the phone."""
    INBOUND = 1
    """A caller who rang us and waits."""
    OUTBOUND = 2
    """A new call of ours."""


@frozen
class LeaseRequest:
    """What is asked of the lines.

    Attributes:
        purpose: decides who is served first.
        line: the one line that will do (an inbound caller rang it), or None for the least loaded.
        transfers: an inbound call that may want a slot for an operator besides: it starts only while the reserve stays
            free, or callers could hold every slot while each of them waits for an operator's.
    """

    purpose: Purpose
    line: LineId | None = None
    transfers: bool = False


class Passage(Protocol):
    """The right to place one call.

    Its place in the windows (second, minute, day) is dated when the PBX has answered the request, which is the latest the
    PBX can have acted on it: counted from there, no window as the PBX sees it holds a call too many.
    """

    async def turn(self) -> None:
        """Wait until the per-second limits allow a call; the caller then places it at once, without another wait."""
        ...

    def yield_turn(self) -> None:
        """Leave a turn that came to others: the call cannot be placed just now. Another one may be waited for."""
        ...

    def placed(self) -> None:
        """The PBX has answered the originate request, whatever it said."""
        ...

    def release(self) -> None:
        """Give back what is held; a second time does nothing. One never placed gives its windows back too."""
        ...


class Lease(Passage, Protocol):
    """One slot of one line, held until `release`. It counts against every limit of its line from the moment it is granted."""

    @property
    def line(self) -> LineSpec: ...


class Lines(Protocol):
    """All lines together: the one place that gives out slots."""

    async def lease(self, want: LeaseRequest) -> Lease:
        """Wait for a slot. Cancelled while waiting, it holds nothing.

        Raises:
            ConfigError: the one line that will do is none of ours, or no longer.
        """
        ...

    def passage(self) -> Passage:
        """For a leg over no line of ours, such as to an operator's desk: it takes no slot, but the overall gate counts it."""
        ...
