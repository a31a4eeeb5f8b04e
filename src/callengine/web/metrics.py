"""The figures of an engine in the exposition format of Prometheus."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from attrs import frozen
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from callengine.model import RESPONSES, ContactState, Figures, LineFigures, ServiceFigures, Spread

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_PAUSES = ("operator", "failures", "balance", "disk")
_STATES = ("ready", "reserved", "in_call", "wrap_up", "paused")


class Measured(Protocol):
    """The engine, as this room sees it."""

    async def figures(self) -> Figures:
        """As of now.

        Raises:
            StoreError: the store cannot be read.
        """
        ...


def exposition(figures: Figures) -> bytes:
    """The figures as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(figures))
    return generate_latest(registry)


@frozen(eq=False)
class _Snapshot(Collector):
    """One scrape."""

    figures: Figures

    def collect(self) -> Iterator[Metric]:
        yield from _calls(self.figures)
        yield from _lines(self.figures.lines)
        yield from _operators(self.figures)
        yield from _book(self.figures)
        yield from _services(self.figures.services)
        yield from _inside(self.figures)


def _calls(figures: Figures) -> Iterator[Metric]:
    yield _count("attempts", "Outbound calls asked of the PBX", figures.attempts)
    yield _count("answers", "Outbound calls answered", figures.answers)
    yield _count("received_calls", "Calls that came in", figures.received)
    results = CounterMetricFamily("callengine_results", "Calls that are over, by result", labels=("direction", "result"))
    for (direction, result), count in sorted(figures.results.items()):
        results.add_metric((direction, result), count)
    yield results
    yield _gauge("asr_ratio", "Answers / attempts", _ratio(figures.answers, figures.attempts))
    yield _gauge("acd_seconds", "Mean duration of answered outbound calls", _ratio(figures.answered_seconds, figures.answered))
    yield _count("answered_calls_over", "Answered outbound calls that are over", figures.answered)
    yield _count("answered_seconds", "Seconds from answer to end of answered outbound calls", figures.answered_seconds)
    yield _gauge("live_calls", "Calls under way", figures.live)
    yield _labelled("waiting_for_slot", "Requests that wait for a slot of a line", "purpose", figures.waiting.items())


def _lines(lines: tuple[LineFigures, ...]) -> Iterator[Metric]:
    for name, text, values in (
        ("slots", "Slots of a line", [line.slots for line in lines]),
        ("slots_in_use", "Slots in use", [line.in_use for line in lines]),
        ("minute_calls", "Calls placed in the last minute", [line.minute for line in lines]),
        ("minute_limit", "Calls a minute at most; 0 for no limit", [line.per_minute for line in lines]),
        ("day_calls", "Calls placed today", [line.day for line in lines]),
        ("day_limit", "Calls a day at most; 0 for no limit", [line.per_day for line in lines]),
    ):
        pairs = zip((str(line.line) for line in lines), values, strict=True)
        yield _labelled(f"line_{name}", text, "line", pairs)


def _operators(figures: Figures) -> Iterator[Metric]:
    total = figures.operator_totals
    states = ((state, figures.operators.get(state, 0)) for state in _STATES)
    yield _labelled("operators", "Operators in the rosters, by state", "state", states)
    yield _count("operator_calls", "Calls connected to operators", total.calls)
    yield _count("operator_talk_seconds", "Seconds of conversation", total.talk)
    yield _count("operator_wrap_up_seconds", "Seconds of wrap-up", total.wrap_up)
    yield _count("operator_available_seconds", "Seconds in a roster and not paused", total.available)
    yield _gauge("aht_seconds", "Mean of talk and wrap-up of a connected call", _ratio(total.talk + total.wrap_up, total.calls))
    yield _gauge("occupancy_ratio", "(Talk + wrap-up) / available time", _ratio(total.talk + total.wrap_up, total.available))


def _book(figures: Figures) -> Iterator[Metric]:
    book = figures.book
    states = ((state.value, book.contacts.get(state, 0)) for state in ContactState)
    yield _labelled("contacts", "Contacts in the store, by state", "state", states)
    yield _gauge("hopper_contacts", "Contacts taken out of the store and not called yet", figures.hopper)
    yield _gauge("outbox_messages", "Messages that the panel has not accepted yet", book.outbox)
    pauses = ((kind, float(kind in book.pauses)) for kind in _PAUSES)
    yield _labelled("paused", "1 while no calls are placed, by reason", "kind", pauses)
    for name, text in (("ratio", "Abandoned / live answers"), ("answers", "Live answers in the ledger of abandoned calls")):
        values = ((span, rate.ratio if name == "ratio" else rate.answers) for span, rate in book.abandons.items())
        yield _labelled(f"abandon_{name}", text, "span", values)


def _services(services: tuple[ServiceFigures, ...]) -> Iterator[Metric]:
    uses = CounterMetricFamily("callengine_provider_uses", "Uses of a provider that are over", labels=("service", "outcome"))
    took = HistogramMetricFamily(
        "callengine_provider_seconds", "Uses of a provider, waits and further tries included", labels=("service",)
    )
    for each in services:
        for outcome, count in sorted(each.uses.items()):
            uses.add_metric((each.service, outcome), count)
        took.add_metric((each.service,), _buckets(each.took), each.took.seconds)
    yield from (uses, took)
    for name, text, values in (
        ("in_use", "Uses of a provider under way", [each.in_use for each in services]),
        ("waiting", "Uses that wait for a place", [each.waiting for each in services]),
        ("resting", "1 while a provider that failed too often is left alone", [each.resting for each in services]),
    ):
        pairs = zip((each.service for each in services), map(float, values), strict=True)
        yield _labelled(f"provider_{name}", text, "service", pairs)


def _inside(figures: Figures) -> Iterator[Metric]:
    requests = HistogramMetricFamily(
        "callengine_ari_request_seconds", "Requests to the PBX; status 0: no answer", labels=("verb", "status")
    )
    for (verb, status), spread in sorted(figures.requests.items()):
        requests.add_metric((verb, str(status)), _buckets(spread), spread.seconds)
    yield requests
    for name, text, spread in (
        ("event_lag_seconds", "From an event's timestamp to its delivery", figures.event_lag),
        ("store_commit_seconds", "Transactions of the store, the wait for their turn included", figures.commits),
    ):
        family = HistogramMetricFamily(f"callengine_{name}", text)
        family.add_metric((), _buckets(spread), spread.seconds)
        yield family


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _count(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"callengine_{name}", text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"callengine_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"callengine_{name}", text, labels=(label,))
    for each, value in values:
        family.add_metric((each,), value)
    return family


def _buckets(spread: Spread) -> list[tuple[str, float]]:
    """Cumulated, as the format wants them."""
    bounds = (*(str(bound) for bound in RESPONSES), "+Inf")
    sums = (sum(spread.buckets[: place + 1]) for place in range(len(bounds)))
    return [(bound, float(count)) for bound, count in zip(bounds, sums, strict=True)]
