"""The figures of a running engine, in the field's words, as of one moment."""

from bisect import bisect_left
from collections.abc import Mapping

from attrs import define, field, frozen

from callengine.model.contact import ContactState
from callengine.model.history import AbandonRate
from callengine.model.ids import LineId, Result
from callengine.model.office import PauseKind

RESPONSES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets that times are counted in, in seconds."""


@frozen
class Spread:
    """How long something takes.

    Attributes:
        seconds: all together.
        buckets: how many took at most as long as each of `RESPONSES` and longer than the one before, then those beyond.
    """

    seconds: float = 0.0
    buckets: tuple[int, ...] = (0,) * (len(RESPONSES) + 1)

    @property
    def count(self) -> int:
        return sum(self.buckets)


@define
class Times:
    """Durations as they come in."""

    seconds: float = 0.0
    buckets: list[int] = field(factory=lambda: [0] * (len(RESPONSES) + 1))

    def add(self, seconds: float) -> None:
        self.seconds += seconds
        self.buckets[bisect_left(RESPONSES, seconds)] += 1

    def spread(self) -> Spread:
        """As of now."""
        return Spread(self.seconds, tuple(self.buckets))


@frozen
class ServiceFigures:
    """A speech, language, message or web service.

    Attributes:
        service: its name, as messages have it.
        uses: that are over, by how: `ok`, `unavailable`, `refused`, `throttled`, `balance`, `nothing_heard`, `cancelled`.
        took: how long they lasted, the wait for a place and further tries included.
        in_use: places taken.
        waiting: uses that wait for a place.
        resting: whether it is left alone because it failed too often.
    """

    service: str
    uses: Mapping[str, int]
    took: Spread
    in_use: int
    waiting: int
    resting: bool


@frozen
class LineFigures:
    """A line: its slots, and the calls placed on it in the last minute and today. A limit of 0 is none."""

    line: LineId
    slots: int
    in_use: int
    minute: int
    per_minute: int
    day: int
    per_day: int


@frozen
class OperatorTotals:
    """All operators together, since the engine began; see `OperatorFigures`."""

    calls: int = 0
    talk: float = 0.0
    wrap_up: float = 0.0
    available: float = 0.0


@frozen
class BookFigures:
    """What the store says.

    Attributes:
        contacts: by state.
        outbox: messages to the panel that wait.
        pauses: why no calls are placed.
        abandons: by span of time: `run`, `24h`, `30d`.
    """

    contacts: Mapping[ContactState, int] = field(factory=dict)
    outbox: int = 0
    pauses: frozenset[PauseKind] = frozenset()
    abandons: Mapping[str, AbandonRate] = field(factory=dict)


@frozen
class Figures:
    """Everything that is measured. Counts are since the engine began.

    Attributes:
        attempts: outbound calls that were asked of the PBX.
        answers: of these.
        received: calls that came in.
        results: of calls that are over, by direction (`outbound`, `inbound`) and result.
        answered: outbound calls that were answered and are over.
        live: calls under way.
        waiting: requests for a slot, by purpose.
        operators: how many are in each state.
        hopper: contacts taken out of the store and not called yet.
        requests: to the PBX, by verb and status; status 0 where no answer came.
        event_lag: from an event's timestamp to its delivery.
        commits: to the store.
        services: that calls listen, think and speak with.
    """

    attempts: int = 0
    answers: int = 0
    received: int = 0
    results: Mapping[tuple[str, Result], int] = field(factory=dict)
    answered: int = 0
    answered_seconds: float = 0.0
    live: int = 0
    waiting: Mapping[str, int] = field(factory=dict)
    lines: tuple[LineFigures, ...] = ()
    operators: Mapping[str, int] = field(factory=dict)
    operator_totals: OperatorTotals = field(factory=OperatorTotals)
    hopper: int = 0
    requests: Mapping[tuple[str, int], Spread] = field(factory=dict)
    event_lag: Spread = field(factory=Spread)
    commits: Spread = field(factory=Spread)
    services: tuple[ServiceFigures, ...] = ()
    book: BookFigures = field(factory=BookFigures)
