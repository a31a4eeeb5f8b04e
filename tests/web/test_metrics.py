"""The figures as Prometheus reads them."""

from math import inf

from prometheus_client.parser import text_string_to_metric_families

from callengine.model import (
    AbandonRate,
    BookFigures,
    ContactState,
    Figures,
    LineFigures,
    LineId,
    OperatorTotals,
    Result,
    ServiceFigures,
    Spread,
)
from callengine.web.metrics import exposition

FIGURES = Figures(
    attempts=10,
    answers=4,
    results={("outbound", Result("busy")): 3, ("inbound", Result("inbound_call")): 1},
    answered=4,
    answered_seconds=100.0,
    lines=(LineFigures(LineId("02191302000"), slots=2, in_use=1, minute=3, per_minute=10, day=7, per_day=200),),
    operators={"ready": 2},
    operator_totals=OperatorTotals(calls=2, talk=60.0, wrap_up=20.0, available=160.0),
    requests={("POST", 200): Spread(0.03, (2, 0, 0, 1, *(0,) * 10)), ("GET", 0): Spread(11.0, (*(0,) * 13, 1))},
    services=(
        ServiceFigures("Vira", {"ok": 5, "throttled": 1}, Spread(2.0, (*(0,) * 13, 6)), in_use=2, waiting=1, resting=True),
    ),
    book=BookFigures({ContactState.PENDING: 5}, 2, frozenset({"balance"}), {"24h": AbandonRate(100, 2)}),
)


def samples(figures: Figures) -> dict[tuple[str, tuple[str, ...]], float]:
    """By name and values of labels."""
    families = text_string_to_metric_families(exposition(figures).decode())
    return {(each.name, tuple(each.labels.values())): each.value for family in families for each in family.samples}


def test_figures_are_told_in_the_words_of_the_field() -> None:
    told = samples(FIGURES)
    assert told["callengine_attempts_total", ()] == 10
    assert told["callengine_asr_ratio", ()] == 0.4
    assert told["callengine_acd_seconds", ()] == 25.0
    assert told["callengine_aht_seconds", ()] == 40.0
    assert told["callengine_occupancy_ratio", ()] == 0.5
    assert told["callengine_results_total", ("outbound", "busy")] == 3
    assert told["callengine_line_slots_in_use", ("02191302000",)] == 1
    assert told["callengine_operators", ("ready",)] == 2
    assert told["callengine_contacts", ("pending",)] == 5
    assert told["callengine_provider_uses_total", ("throttled", "Vira")] == 1
    assert told["callengine_provider_seconds_count", ("Vira",)] == 6
    assert [told[f"callengine_provider_{name}", ("Vira",)] for name in ("in_use", "waiting", "resting")] == [2, 1, 1]
    assert told["callengine_abandon_ratio", ("24h",)] == 0.02
    assert (told["callengine_paused", ("balance",)], told["callengine_paused", ("disk",)]) == (1, 0)


def test_times_are_told_in_cumulated_buckets() -> None:
    told = samples(FIGURES)
    families = text_string_to_metric_families(exposition(FIGURES).decode())
    posts = [each for family in families for each in family.samples if each.labels.get("verb") == "POST"]
    buckets = {float(each.labels["le"]): each.value for each in posts if each.name.endswith("_bucket")}
    assert (buckets[0.001], buckets[0.005], buckets[0.01], buckets[inf]) == (2, 2, 3, 3)
    assert told["callengine_ari_request_seconds_sum", ("0", "GET")] == 11.0


def test_an_engine_that_has_done_nothing_yet_has_figures_too() -> None:
    assert samples(Figures())["callengine_asr_ratio", ()] == 0.0
