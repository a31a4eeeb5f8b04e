"""Whatever the limits are, no line ever exceeds one, and nothing is left."""

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.settings import LimitSettings
from callengine.testing import simulate
from callengine.testing.campaign import simulation_settings
from tests.engine.rig import SCENARIOS

LIMITS = st.builds(
    LimitSettings,
    concurrent=st.integers(1, 4),
    per_minute=st.integers(0, 12),
    per_day=st.just(0),
    per_second=st.integers(0, 3),
    overall_per_second=st.integers(0, 4),
    outbound=st.integers(0, 5),
    operator_slots=st.none() | st.integers(0, 2),
)


@settings(max_examples=12, deadline=None)
@given(lines=st.integers(1, 3), limits=LIMITS, seed=st.integers(0, 2**32))
def test_no_limit_is_ever_exceeded(lines: int, limits: LimitSettings, seed: int) -> None:
    campaign = simulate(SCENARIOS, calls=15, seed=seed, settings=simulation_settings(lines=lines, limits=limits))
    assert not campaign.report.violations
    assert campaign.report.leaked.nothing
    assert sum(campaign.report.dispositions.values()) == campaign.report.attempts == 15


def test_a_daily_limit_holds_back_the_rest_until_the_next_day() -> None:
    limits = LimitSettings(concurrent=2, per_minute=0, per_day=5, per_second=0, overall_per_second=0)
    stay = attrs.evolve(simulation_settings(lines=1, limits=limits))
    campaign = simulate(SCENARIOS[:1], calls=8, seed=1, settings=stay)
    assert not campaign.report.violations
    assert campaign.report.attempts == 8
    assert campaign.report.virtual_seconds > 12 * 3600
