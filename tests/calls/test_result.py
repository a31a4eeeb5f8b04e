import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.calls.result import Ending, result_of
from callengine.model import Cause, Intent, Result


@pytest.mark.parametrize(
    ("cause", "result"),
    [
        (16, "hangup"),
        (31, "hangup"),
        (32, "hangup"),
        (17, "busy"),
        (18, "power_off"),
        (19, "missed"),
        (20, "power_off"),
        (0, "power_off"),
        (1, "power_off"),
        (3, "power_off"),
        (22, "power_off"),
        (27, "power_off"),
        (38, "power_off"),
        (21, "banned"),
        (34, "banned"),
        (41, "banned"),
        (42, "banned"),
        (99, "missed"),
        (None, "missed"),
    ],
)
def test_a_call_that_was_never_answered_is_judged_by_its_cause(cause: int | None, result: str) -> None:
    assert result_of(Ending(Cause.CUSTOMER_GONE, answered=False, q850=cause)) == result


def test_users_override_single_causes() -> None:
    overrides = {19: Result("power_off")}
    assert result_of(Ending(Cause.CUSTOMER_GONE, answered=False, q850=19), overrides) == "power_off"
    assert result_of(Ending(Cause.CUSTOMER_GONE, answered=False, q850=17), overrides) == "busy"


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        (Ending(Cause.CUSTOMER_GONE, answered=True), "hangup"),
        (Ending(Cause.CUSTOMER_GONE, answered=True, intent=Intent("yes")), "disconnected"),
        (Ending(Cause.CUSTOMER_GONE, answered=True, intent=Intent("no")), "not_interested"),
        (Ending(Cause.CUSTOMER_GONE, answered=True, intent=Intent("number_question")), "hangup"),
        (Ending(Cause.CUSTOMER_GONE, answered=True, set_result=Result("unknown"), intent=Intent("yes")), "unknown"),
        (
            Ending(Cause.CUSTOMER_GONE, answered=True, set_result=Result("connected_to_operator"), transferring=True),
            "disconnected",
        ),
        (Ending(Cause.CUSTOMER_GONE, answered=True, inbound=True), "inbound_call"),
        (Ending(Cause.PARTNER_GONE, answered=True, set_result=Result("connected_to_operator")), "connected_to_operator"),
        (Ending(Cause.FLOW_ENDED, answered=True, set_result=Result("failed:record")), "failed:record"),
        (Ending(Cause.FLOW_ENDED, answered=True), "unknown"),
        (Ending(Cause.FLOW_ENDED, answered=True, inbound=True), "inbound_call"),
        (Ending(Cause.REFUSED, answered=False), "failed:refused"),
        (Ending(Cause.UNCONFIRMED, answered=False), "failed:unconfirmed"),
        (Ending(Cause.FORWARDED, answered=False), "forwarded"),
        (Ending(Cause.BUG, answered=True, set_result=Result("connected_to_operator")), "failed:bug"),
    ],
)
def test_who_left_when_decides(ending: Ending, result: str) -> None:
    assert result_of(ending) == result


@given(
    cause=st.sampled_from(Cause),
    answered=st.booleans(),
    inbound=st.booleans(),
    set_result=st.none() | st.just(Result("busy")),
    intent=st.none() | st.sampled_from([Intent("yes"), Intent("no"), Intent("other")]),
    transferring=st.booleans(),
    q850=st.none() | st.integers(0, 127),
)
def test_every_ending_has_a_result(
    cause: Cause,
    answered: bool,
    inbound: bool,
    set_result: Result | None,
    intent: Intent | None,
    transferring: bool,
    q850: int | None,
) -> None:
    ending = Ending(cause, answered, inbound, set_result, intent, transferring, q850)
    assert result_of(ending)
