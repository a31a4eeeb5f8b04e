"""What the manager's events come to: channels, the slots of lines they held, and who was bridged with whom."""

from collections.abc import Iterable, Iterator

from attrs import define, frozen


@define
class ChannelRecord:
    """One channel, as the manager's events tell of it. Times are seconds since the epoch, of Asterisk's clock.

    Attributes:
        id: the channel's id, which is the one given to `originate`.
        name: Asterisk's, for example `PJSIP/trunk-00000001`.
        inbound: somebody called us.
        line: the number of the line it uses: of an originated channel the variable `CALLENGINE_LINE`, else its caller
            number; of an inbound one the number that was called.
        dialled: whom it called, as the dial string says it; "" of an inbound one.
        caller: who called us; "" of an originated one.
        answered_at: since when it has been up; None if it never was.
        asked_to_end: when somebody first wanted it hung up; None while nobody has.
        ended: None while it lives.
        cause: why it ended: 16 normal, 17 busy, 19 no answer, 21 declined; 0 while it lives.
    """

    id: str
    name: str
    inbound: bool
    line: str
    began: float
    dialled: str = ""
    caller: str = ""
    answered_at: float | None = None
    asked_to_end: float | None = None
    ended: float | None = None
    cause: int = 0

    @property
    def party(self) -> str:
        """The number at its far end."""
        return self.caller if self.inbound else self.dialled

    @property
    def holds_slot_from(self) -> float | None:
        """When it took a slot of its line: one that calls at once, one that is called when we answer; None if we never did."""
        return self.answered_at if self.inbound else self.began


@define
class Stay:
    """A channel in a bridge, both by their ids; `left` is None while it is there."""

    bridge: str
    channel: str
    entered: float
    left: float | None = None


@frozen
class Period:
    """From when to when; `end` is None while it lasts."""

    begin: float
    end: float | None


def slots(records: Iterable[ChannelRecord]) -> tuple[tuple[float, int], ...]:
    """The slots these channels held: every moment of a change, and how many were held from then on.

    At one and the same moment what ends counts before what begins.
    """
    changes = sorted(change for record in records for change in slot_changes(record))
    held = 0
    trace = []
    for moment, change in changes:
        held += change
        trace.append((moment, held))
    return tuple(trace)


def slot_changes(record: ChannelRecord) -> Iterator[tuple[float, int]]:
    if record.holds_slot_from is not None:
        yield record.holds_slot_from, 1
        if record.ended is not None:
            yield record.ended, -1


def shared(stays: Iterable[Stay], ones: Iterable[str], others: Iterable[str]) -> tuple[Period, ...]:
    """When any of these channels was in one bridge with any of those, in the order in which it began."""
    known = list(stays)
    mine = [stay for stay in known if stay.channel in set(ones)]
    theirs = [stay for stay in known if stay.channel in set(others)]
    both = (overlap(stay, other) for stay in mine for other in theirs if stay.bridge == other.bridge)
    return tuple(sorted((period for period in both if period is not None), key=lambda period: period.begin))


def overlap(one: Stay, other: Stay) -> Period | None:
    begin = max(one.entered, other.entered)
    ends = [stay.left for stay in (one, other) if stay.left is not None]
    end = min(ends, default=None)
    return Period(begin, end) if end is None or end > begin else None
