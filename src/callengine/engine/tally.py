"""Counts what an engine does, for those who watch it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import attrs
from attrs import define, field

from callengine.ari import Event
from callengine.lines import OperatorLoad, PoolLoad
from callengine.model import (
    Ambient,
    Attempt,
    Book,
    BookFigures,
    CallId,
    Figures,
    LineFigures,
    Moment,
    MomentKind,
    OperatorFigures,
    OperatorTotals,
    Received,
    Result,
    Times,
)

T = TypeVar("T")

DAY, MONTH = timedelta(hours=24), timedelta(days=30)


@define
class _Live:
    """A call under way."""

    direction: str
    answered_at: float | None = None


@define(eq=False)
class Tally:
    """A timeline and a tap that keep counts only."""

    ambient: Ambient
    attempts: int = field(default=0, init=False)
    answers: int = field(default=0, init=False)
    received: int = field(default=0, init=False)
    answered: int = field(default=0, init=False)
    answered_seconds: float = field(default=0.0, init=False)
    results: Counter[tuple[str, Result]] = field(factory=Counter, init=False)
    commits: Times = field(factory=Times, init=False)
    _live: dict[CallId, _Live] = field(factory=dict, init=False)
    _requests: dict[tuple[str, int], Times] = field(factory=dict, init=False)
    _lag: Times = field(factory=Times, init=False)

    def begin(self, attempt: Attempt) -> None:
        self._live[attempt.call] = _Live("outbound")

    def receive(self, received: Received) -> None:
        self.received += 1
        self._live[received.call] = _Live("inbound")

    def note(self, moment: Moment) -> None:
        """Count attempts, answers and results."""
        live = self._live.get(moment.call)
        if live is None:
            return
        if moment.kind is MomentKind.STATE:
            self._customer_is(moment, live)
        elif moment.kind is MomentKind.RESULT:
            del self._live[moment.call]
            self.results[live.direction, Result(moment.name)] += 1
            if live.answered_at is not None and live.direction == "outbound":
                self.answered += 1
                self.answered_seconds += moment.at - live.answered_at

    def _customer_is(self, moment: Moment, live: _Live) -> None:
        outbound = live.direction == "outbound"
        if moment.name == "dialling" and outbound:
            self.attempts += 1
        elif moment.name == "up":
            live.answered_at = moment.at
            self.answers += outbound

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:  # noqa: ARG002  AriTap's
        key = method, status or 0
        times = self._requests.get(key)
        if times is None:
            times = self._requests[key] = Times()
        times.add(seconds)

    def event(self, event: Event) -> None:
        if event.timestamp is not None:
            self._lag.add(max(0.0, (self.ambient.wall() - event.timestamp).total_seconds()))

    def figures(
        self,
        pool: PoolLoad,
        operators: Iterable[OperatorLoad],
        done: Iterable[OperatorFigures],
        book: BookFigures,
        hopper: int = 0,
    ) -> Figures:
        """Everything together, as of now.

        Args:
            done: what operators did since the engine began.
            hopper: contacts taken out of the store and not called yet.
        """
        return Figures(
            attempts=self.attempts,
            answers=self.answers,
            received=self.received,
            results=dict(self.results),
            answered=self.answered,
            answered_seconds=self.answered_seconds,
            live=len(self._live),
            waiting={purpose.name.lower(): count for purpose, count in pool.waiting.items()},
            lines=_lines(pool),
            operators=Counter(load.state.value for load in operators),
            operator_totals=_together(done),
            hopper=hopper,
            requests={key: times.spread() for key, times in self._requests.items()},
            event_lag=self._lag.spread(),
            commits=self.commits.spread(),
            book=book,
        )


def _lines(pool: PoolLoad) -> tuple[LineFigures, ...]:
    loads = ((load, load.line.limits) for load in pool.lines)
    return tuple(
        LineFigures(
            line=load.line.id,
            slots=limits.concurrent,
            in_use=load.in_use,
            minute=load.minute,
            per_minute=limits.per_minute,
            day=load.day,
            per_day=limits.per_day,
        )
        for load, limits in loads
    )


def _together(figures: Iterable[OperatorFigures]) -> OperatorTotals:
    total = OperatorTotals()
    for each in figures:
        total = attrs.evolve(
            total,
            calls=total.calls + each.calls,
            talk=total.talk + each.talk,
            wrap_up=total.wrap_up + each.wrap_up,
            available=total.available + each.available,
        )
    return total


def book_figures(book: Book, campaign: str, began_at: datetime, now: datetime) -> BookFigures:
    """What the store says, for `Store.read`.

    Args:
        campaign: whose abandoned calls are counted.
        began_at: when the engine began.
    """
    spans = {"run": began_at, "24h": now - DAY, "30d": now - MONTH}
    return BookFigures(
        contacts=book.contacts.counts(),
        outbox=book.outbox.waiting(),
        pauses=frozenset(pause.kind for pause in book.pauses.in_force()),
        abandons={name: book.ledger.rate(campaign, since) for name, since in spans.items()},
    )
