"""Judging by the PBX's log that nobody is left alone: not in a bridge, not on a telephone that rings for nobody."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from callengine.simulator.log import Kind, Record
from callengine.simulator.violation import Violation


def left_alone(log: Sequence[Record], longest: float) -> Iterator[Violation]:
    """Every violation of I2 that is about company.

    Args:
        longest: seconds somebody may be alone while the application is listened to: nobody else can know of it.
    """
    listened = _listened(log)
    for bridge, since, until in _alone_in_bridges(log):
        if _heard(listened, since, until) > longest:
            yield Violation("I2", since, bridge, f"one channel was alone in this bridge for {until - since:.1f} s")
    for leg, since, until in _legs_for_nobody(log):
        if _heard(listened, since, until) > longest:
            yield Violation("I2", since, leg, f"this operator's leg outlived its customer by {until - since:.1f} s")


def _listened(log: Sequence[Record]) -> Sequence[tuple[float, float]]:
    """When a socket listened, from and until: all the time where the log does not say otherwise."""
    stretches: list[tuple[float, float]] = []
    began: float | None = -math.inf
    for record in log:
        if record.kind is Kind.APP_DOWN and began is not None:
            stretches.append((began, record.at))
            began = None
        elif record.kind is Kind.APP_UP and began is None:
            began = record.at
    return stretches if began is None else [*stretches, (began, math.inf)]


def _heard(listened: Sequence[tuple[float, float]], since: float, until: float) -> float:
    """The most seconds on end, of those from `since` to `until`, in which somebody listened."""
    return max((min(end, until) - max(begin, since) for begin, end in listened), default=0.0)


def _alone_in_bridges(log: Sequence[Record]) -> Iterator[tuple[str, float, float]]:
    """Each time one channel stays behind in a bridge: which bridge, from when, until when.

    Who enters a bridge first waits there for the other, and is not alone.
    """
    members: dict[str, set[str]] = defaultdict(set)
    since: dict[str, float] = {}
    for record in log:
        if record.kind not in (Kind.BRIDGE_ENTERED, Kind.BRIDGE_LEFT):
            continue
        if record.id in since:
            yield record.id, since.pop(record.id), record.at
        if record.kind is Kind.BRIDGE_ENTERED:
            members[record.id].add(record.detail["channel"])
            continue
        members[record.id].discard(record.detail["channel"])
        if len(members[record.id]) == 1:
            since[record.id] = record.at
    for bridge, began in since.items():
        yield bridge, began, log[-1].at


def _legs_for_nobody(log: Sequence[Record]) -> Iterator[tuple[str, float, float]]:
    """Each operator's leg whose customer hung up: its id, when they did, and when the leg was gone.

    An operator's leg bears the id of the customer's channel.
    """
    gone = {record.id: record.at for record in log if record.kind in (Kind.DESTROYED, Kind.REFUSED)}
    operators: dict[str, list[str]] = defaultdict(list)
    for record in log:
        if record.kind is Kind.ORIGINATE and (customer := record.detail.get("customer")):
            operators[customer].append(record.id)
        elif record.kind is Kind.HANGUP and record.detail["by"] == "person":
            yield from ((leg, record.at, gone.get(leg, log[-1].at)) for leg in operators[record.id])
