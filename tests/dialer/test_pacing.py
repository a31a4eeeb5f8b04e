"""How many calls are placed for what there is."""

from collections.abc import Sequence
from math import inf, nan
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.dialer.pacing import DIALS_EACH, MOST, Figures, History, Pacer, excess, power, predictive, progressive, worse
from callengine.model import AbandonRate
from callengine.settings.choices import PacingMode

MODES: tuple[PacingMode, ...] = ("agentless", "progressive", "power", "predictive")
counts = st.integers(0, 60)
some_figures = st.builds(
    Figures,
    idle=counts,
    busy=st.lists(st.floats(0.0, 2_000.0), max_size=40).map(tuple),
    ringing=counts,
    waiting=st.integers(0, 5),
    slots=st.integers(0, 2_000),
)
handling = st.integers(0, 2**32).map(lambda seed: [Random(seed).expovariate(0.01) for _ in range(400)])


def pacer_that_knows(mode: PacingMode, times: Sequence[float], answered: Sequence[bool] = (), completed: int = 10_000) -> Pacer:
    pacer = Pacer(mode)
    pacer.history.completed = completed
    for seconds in times:
        pacer.history.handled(seconds)
    for one in answered:
        if one:
            pacer.history.answered(12.0)
        else:
            pacer.history.not_answered()
    return pacer


def with_abandons(history: History, answers: int, abandoned: int) -> None:
    for _ in range(answers):
        history.answered(12.0)
    for _ in range(abandoned):
        history.abandoned()


@given(figures=some_figures, mode=st.sampled_from(MODES), times=handling)
def test_no_mode_places_more_than_the_slots(figures: Figures, mode: PacingMode, times: list[float]) -> None:
    assert 0 <= pacer_that_knows(mode, times).calls(figures) <= figures.slots


@given(
    figures=some_figures,
    mode=st.sampled_from(MODES),
    times=handling,
    answered=st.lists(st.booleans(), max_size=19),
    more=st.integers(1, 5),
)
def test_more_ready_operators_never_mean_fewer_calls(
    figures: Figures, mode: PacingMode, times: list[float], answered: list[bool], more: int
) -> None:
    pacer = pacer_that_knows(mode, times, answered)
    assert pacer.calls(attrs.evolve(figures, idle=figures.idle + more)) >= pacer.calls(figures)


@given(figures=some_figures, times=handling, answered=st.lists(st.booleans(), max_size=100))
def test_predictive_places_the_largest_number_that_the_rule_permits(
    figures: Figures, times: list[float], answered: list[bool]
) -> None:
    history = pacer_that_knows("predictive", times, answered).history
    p, alpha = history.answer_rate, history.alpha
    weights = history.frees(figures.busy)
    mu, v = figures.idle + sum(weights), sum(w * (1 - w) for w in weights)

    def fits(calls: int) -> bool:
        if figures.waiting + figures.ringing + calls <= figures.idle:
            return True  # whoever answers is served at once
        k = figures.ringing + calls
        m = figures.waiting + k * p
        return excess(m - mu, (k * p * (1 - p) + v) ** 0.5) <= alpha * m

    calls = predictive(figures, history)
    assert calls == max((n for n in range(1, MOST + 1) if fits(n)), default=0)


@given(figures=some_figures)
def test_agentless_leaves_it_to_the_lines(figures: Figures) -> None:
    pacer = Pacer("agentless")
    with_abandons(pacer.history, 100, 100)
    assert pacer.calls(figures) == figures.slots


@given(figures=some_figures, mode=st.sampled_from(("power", "predictive")), times=handling)
def test_the_gate_leaves_one_call_for_each_ready_operator(figures: Figures, mode: PacingMode, times: list[float]) -> None:
    only = min(max(0, figures.idle - figures.waiting - figures.ringing), figures.slots)
    pacer = pacer_that_knows(mode, times)
    assert pacer.calls(attrs.evolve(figures, abandons=AbandonRate(1_000, 29))) == only, "by the ledger"
    with_abandons(pacer.history, 50, 2)
    assert pacer.calls(figures) == only, "by the run"


def test_the_gate_needs_fifty_answers_and_its_ratio() -> None:
    pacer = pacer_that_knows("predictive", [100.0] * 100)
    free = Figures(idle=5, busy=(90.0,) * 5)
    closed = pacer.calls(attrs.evolve(free, abandons=AbandonRate(50, 2)))
    assert closed == 5
    assert pacer.calls(attrs.evolve(free, abandons=AbandonRate(49, 2))) > closed
    assert pacer.calls(attrs.evolve(free, abandons=AbandonRate(1_000, 28))) > closed


def test_predictive_calls_for_operators_who_will_be_ready() -> None:
    pacer = pacer_that_knows("predictive", [100.0] * 100)
    assert pacer.calls(Figures(idle=0, busy=(95.0,) * 10)) > 0, "all end within the time to an answer"
    assert pacer.calls(Figures(idle=0, busy=(10.0,) * 10)) == 0
    assert pacer.calls(Figures(idle=0, busy=(300.0,) * 10)) == 0, "nobody ever took so long: nobody knows"


def test_slots_cut_the_number_and_do_not_change_the_rule() -> None:
    pacer = pacer_that_knows("predictive", [100.0] * 100)
    figures = Figures(idle=0, busy=(60.0, 95.0, 95.0))
    assert pacer.calls(figures) > 2
    assert [pacer.calls(attrs.evolve(figures, slots=slots)) for slots in (0, 1, 2)] == [0, 1, 2]


@given(figures=some_figures, times=handling)
def test_predictive_calls_for_ready_operators_at_least(figures: Figures, times: list[float]) -> None:
    assert pacer_that_knows("predictive", times).calls(figures) >= Pacer("progressive").calls(figures)


def test_predictive_is_progressive_until_it_knows_how_many_answer() -> None:
    figures = Figures(idle=20, busy=(5.0,) * 30)
    pacer = pacer_that_knows("predictive", [], [False] * (50 * DIALS_EACH - 1), completed=0)
    assert pacer.calls(figures) == progressive(figures) == 20
    pacer.history.not_answered()
    assert pacer.calls(figures) == predictive(figures, pacer.history) > 20


def test_nobody_is_expected_back_before_anybody_was() -> None:
    assert History().frees((1.0, 50.0, 50.0)) == [0.0, 0.0, 0.0]


def test_the_first_to_be_over_do_not_speak_for_all() -> None:
    history = History()
    history.handled(20.0)
    ten_more = (25.0,) * 9
    assert history.frees((15.0, *ten_more)) == pytest.approx([0.1] + [0.0] * 9), "one of ten who were busy for 20 s"


@given(
    times=st.lists(st.integers(0, 60).map(float), max_size=40),
    busy=st.lists(st.integers(0, 80).map(float), max_size=15),
)
def test_survival_is_the_product_over_those_still_busy_at_each_handling_time(times: list[float], busy: list[float]) -> None:
    history = History()
    for seconds in times:
        history.handled(seconds)

    def stays(age: float) -> float:
        product = 1.0
        for ended in sorted({each for each in times if age < each <= age + history.tau}):
            busy_then = sum(each >= ended for each in times) + sum(each >= ended for each in busy)
            product *= 1.0 - times.count(ended) / busy_then
        return product

    assert history.frees(busy) == pytest.approx([1.0 - stays(age) for age in sorted(busy)], abs=1e-9)


@pytest.mark.parametrize(
    ("idle", "waiting", "ringing", "level", "calls"),
    [(4, 0, 0, 1.5, 6), (4, 1, 2, 1.5, 2), (1, 0, 0, 1.5, 1), (1, 0, 0, 0.5, 1), (0, 0, 0, 3.0, 0), (2, 2, 0, 3.0, 0)],
)
def test_power_places_its_level_for_each_free_operator(idle: int, waiting: int, ringing: int, level: float, calls: int) -> None:
    assert power(Figures(idle=idle, waiting=waiting, ringing=ringing), level) == calls


def test_alpha_follows_the_latest_answers() -> None:
    history, expected = History(target=0.025), 0.025
    for abandoned, factor in ((0, 1.06), (1, 1.0), (1, 0.8), (0, 1.0), (0, 1.06)):
        for _ in range(abandoned):
            history.abandoned()
        with_abandons(history, 20, 0)
        expected *= factor
        assert history.alpha == pytest.approx(expected)


@given(st.lists(st.booleans(), max_size=300))
def test_alpha_stays_in_its_bounds(found_nobody: list[bool]) -> None:
    history = History()
    for lost in found_nobody:
        with_abandons(history, 20, 20 if lost else 0)
        assert 0.001 <= history.alpha <= 0.5


def test_the_answer_rate_begins_at_two_in_ten_and_follows_the_calls() -> None:
    history = History()
    assert history.answer_rate == 0.2
    for _ in range(5_000):
        history.not_answered()
    assert 0.0 < history.answer_rate < 0.01
    for _ in range(5_000):
        history.answered(9.0)
    assert history.answer_rate > 0.99
    assert history.tau == pytest.approx(9.0)


def test_only_the_latest_handling_times_count() -> None:
    history = History()
    for _ in range(1_000):
        history.handled(10.0)
    assert history.frees([5.0]) == [1.0]
    for _ in range(1_000):
        history.handled(500.0)
    assert history.frees([5.0]) == [0.0]


@pytest.mark.parametrize("mode", MODES)
def test_odd_figures_do_no_harm(mode: PacingMode) -> None:
    pacer = pacer_that_knows(mode, [nan, inf, -5.0, *range(1, 400)], [False] * 10_000)
    pacer.history.answered(nan)
    pacer.history.answered(-inf)
    for figures in (
        Figures(idle=-3, busy=(nan, inf, -inf, -7.0), ringing=-4, waiting=-2, slots=-1),
        Figures(idle=10**9, busy=(nan,), ringing=-4, waiting=-2, slots=10**9),
        Figures(idle=0, ringing=10**9, waiting=10**9),
    ):
        assert 0 <= pacer.calls(figures) <= max(MOST, figures.slots)


def test_the_worse_rate_is_the_higher_of_those_that_can_be_judged() -> None:
    few, low, high = AbandonRate(10, 5), AbandonRate(60, 0), AbandonRate(500, 12)
    assert worse(few, low, high) == high
    assert worse(few, AbandonRate(20, 0)) == AbandonRate(20, 0)
