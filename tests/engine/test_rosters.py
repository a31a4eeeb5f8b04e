"""Who may be rung for whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.engine.rosters import rosters_of
from callengine.errors import ConfigError
from callengine.fsm import Scenario, load
from callengine.model import Operator, OperatorId
from callengine.settings import DialingSettings, OperatorSettings, Settings, TestModeSettings

SARA = Operator(OperatorId("Sara"), "PJSIP/09121234567@trunk", over_trunk=True, phone_number="09121234567")
DESK = Operator(OperatorId("PJSIP/200@desk"), "PJSIP/200@desk", over_trunk=False)
ALI = Operator(OperatorId("Ali"), "PJSIP/0913@trunk", over_trunk=True)


def settings(operators: OperatorSettings, *, test_mode: bool = False) -> Settings:
    return Settings(
        dialing=DialingSettings(trunk="trunk"),
        operators=operators,
        test_mode=TestModeSettings(on=test_mode, redirect_number="0999"),
    )


def scenario(operators: str) -> Scenario:
    content = f"""scenario:
  name: demo
  operators: {operators}
  flow:
    - {{step: start, type: entry, next: end}}
    - {{step: end, type: hangup}}
"""
    loading = load(content.encode(), "flows/demo.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


def test_rosters_keep_their_order_and_tell_how_each_telephone_is_reached() -> None:
    rosters = rosters_of(
        settings(OperatorSettings(inbound="PJSIP/200@desk,Sara=09121234567", outbound="Ali=PJSIP/0913@trunk")), ()
    )
    assert rosters.roster("inbound", "demo") == (DESK, SARA)
    assert rosters.roster("outbound", "demo") == (ALI,)
    assert rosters.everybody == (DESK, SARA, ALI)


def test_in_test_mode_nobody_takes_a_slot() -> None:
    operators = OperatorSettings(inbound="Sara=09121234567", outbound="PJSIP/0913@trunk", mobile_numbers="0914")
    assert not any(each.over_trunk for each in rosters_of(settings(operators, test_mode=True), ()).everybody)


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        (
            OperatorSettings(mobile_numbers="0914,0915", endpoint="PJSIP/200", extension="7000", trunk="pbx"),
            [("0914", "PJSIP/0914@trunk", True), ("0915", "PJSIP/0915@trunk", True)],
        ),
        (
            OperatorSettings(endpoint="PJSIP/200", extension="7000", trunk="pbx"),
            [("PJSIP/200", "PJSIP/200", False)],
        ),
        (OperatorSettings(endpoint="PJSIP/200@trunk"), [("PJSIP/200@trunk", "PJSIP/200@trunk", True)]),
        (OperatorSettings(extension="7000", trunk="pbx"), [("PJSIP/7000@pbx", "PJSIP/7000@pbx", False)]),
        (OperatorSettings(extension="7000", trunk="trunk"), [("PJSIP/7000@trunk", "PJSIP/7000@trunk", True)]),
        (OperatorSettings(extension="7000"), []),
    ],
)
def test_who_is_rung_where_no_roster_says_anybody(operators: OperatorSettings, expected: list[tuple[str, str, bool]]) -> None:
    rosters = rosters_of(settings(operators), [scenario("{}")])
    assert [(each.id, each.endpoint, each.over_trunk) for each in rosters.roster("inbound", "demo")] == expected
    assert rosters.roster("outbound", "demo") == rosters.roster("inbound", "demo")


@pytest.mark.parametrize(
    "operators",
    [
        OperatorSettings(inbound="09121234567", outbound="Sara=09121234567"),
        OperatorSettings(inbound="Sara=09121234567", outbound="PJSIP/09121234567@trunk"),
        OperatorSettings(inbound="Sara=09121234567", outbound="Reception=09121234567"),
        OperatorSettings(inbound="Sara=09121234567", mobile_numbers="09121234567"),
        OperatorSettings(inbound="Sara=09121234567", extension="09121234567", trunk="trunk"),
        OperatorSettings(inbound="Sara=09121234567,09121234567,PJSIP/09121234567@trunk"),
    ],
)
def test_one_telephone_is_one_operator_under_the_first_name_it_has(operators: OperatorSettings) -> None:
    rosters = rosters_of(settings(operators), [scenario("{outbound: [09121234567, PJSIP/09121234567@trunk]}")])
    assert rosters.everybody == (SARA,)


def test_a_scenario_s_own_rosters_stand_before_the_others() -> None:
    operators = OperatorSettings(inbound="Sara=09121234567", outbound="Sara=09121234567,Ali=PJSIP/0913@trunk")
    rosters = rosters_of(settings(operators), [scenario("{outbound: [Ali, 7001, PJSIP/200@desk]}")])
    plain = Operator(OperatorId("7001"), "PJSIP/7001@trunk", over_trunk=True, phone_number="7001")
    assert rosters.roster("outbound", "demo") == (ALI, plain, DESK)
    assert rosters.roster("outbound", "another") == (SARA, ALI)
    assert rosters.roster("inbound", "demo") == (SARA,)


def test_a_name_that_looks_like_a_number_is_that_operator_s() -> None:
    operators = OperatorSettings(inbound="7001=PJSIP/200@desk")
    [operator] = rosters_of(settings(operators), [scenario("{outbound: [7001]}")]).roster("outbound", "demo")
    assert (operator.id, operator.endpoint) == ("7001", "PJSIP/200@desk")


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("Sarah", "; did you mean 'Sara'?"),
        ("nobody", "; give a telephone number, or an endpoint such as PJSIP/200@desk, or a name from INBOUND_OPERATORS or"),
    ],
)
def test_an_operator_nobody_knows_is_named_with_their_place(word: str, advice: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rosters_of(settings(OperatorSettings(inbound="Sara=09121234567")), [scenario(f"{{inbound: [Sara, {word}]}}")])
    assert str(caught.value).startswith(f"flows/demo.yaml:3:31: `operators.inbound` has '{word}', who is no operator{advice}")


TELEPHONES = st.sampled_from(["0912", "0913", "PJSIP/0912@trunk", "PJSIP/0913@pbx", "PJSIP/200"])
NAMED = TELEPHONES.map(lambda target: f"office of {target.replace('/', ' ')}={target}")
ROSTER = st.lists(TELEPHONES | NAMED, max_size=5)


@given(inbound=ROSTER, outbound=ROSTER, mobile=st.lists(st.sampled_from(["0912", "0914"])), own=st.lists(TELEPHONES))
def test_ids_and_telephones_belong_to_each_other(
    inbound: list[str], outbound: list[str], mobile: list[str], own: list[str]
) -> None:
    operators = OperatorSettings(inbound=inbound, outbound=outbound, mobile_numbers=mobile)
    everybody = rosters_of(settings(operators), [scenario(f"{{inbound: [{', '.join(own)}]}}")])
    rosters = (everybody.inbound, everybody.outbound, everybody.fallback, *everybody.of_scenarios.values())
    rung = [operator for roster in rosters for operator in roster]
    assert len({each.id for each in rung}) == len({each.endpoint for each in rung}) == len(set(rung))
    assert all(len(set(roster)) == len(roster) for roster in rosters)
