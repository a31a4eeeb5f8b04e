"""Several calls at once, which no trace can tell: on the simulated PBX they come to the same as on Asterisk."""

from collections.abc import Mapping, Sequence

import pytest
import trio
from trio.testing import MockClock

from callengine.lines import OperatorState
from callengine.model import LineLimits
from callengine.settings import Settings, line_specs
from callengine.simulator import (
    Instead,
    Kind,
    Leaks,
    Moment,
    Persona,
    SimulatedPbx,
    audit,
    leaked,
    max_concurrent,
)
from callengine.testing.campaign import SIMULATED_ARI
from tests.e2e import people
from tests.e2e.cases import answers, leaves, refuses
from tests.e2e.connected import OPERATOR
from tests.e2e.engine import DESK, LINES, OFFICE, STRAIGHT, THREE_LINES, Campaign, settings_for
from tests.e2e.people import AT_THE_DESK, CALLER, COLLEAGUES, CUSTOMERS, LEAVING, Person
from tests.simulator.replay import Replay


def judge(pbx: SimulatedPbx, campaign: Campaign, settings: Settings) -> None:
    """No limit was exceeded, nobody was left alone, nothing is left, and every operator may be rung again."""
    limits: dict[str, LineLimits] = {spec.id: spec.limits for spec in line_specs(settings)}
    assert audit(pbx.log, limits) == ()
    assert leaked(pbx.log) == Leaks()
    assert campaign.engine.leaked.nothing
    assert {load.state for load in campaign.engine.operators.snapshot()} <= {OperatorState.READY}


def alike(some: Sequence[Person], persona: Persona) -> Mapping[str, Persona]:
    return {person.digits: persona for person in some}


@pytest.mark.parametrize("seed", range(3))
async def test_ten_transfers_at_once_over_three_lines(seed: int, autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    settings = settings_for(SIMULATED_ARI, lines=THREE_LINES, slots=6, operators=[person.digits for person in COLLEAGUES])
    customers = tuple(person.digits for person in CUSTOMERS)
    personas = {**alike(CUSTOMERS, answers()), **alike(COLLEAGUES, OPERATOR[1])}
    campaign, pbx = await Replay(settings, customers, personas, STRAIGHT, calls=10).play(nursery, seed)
    assert {campaign.outcome(number).result for number in customers} == {"connected_to_operator"}
    assert len({campaign.outcome(number).operator for number in customers}) == len(COLLEAGUES)
    assert max_concurrent(pbx.log) == dict.fromkeys(THREE_LINES, 6)
    judge(pbx, campaign, settings)


@pytest.mark.parametrize("seed", range(3))
async def test_customers_leave_around_the_moment_of_the_answer(
    seed: int, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    settings = settings_for(SIMULATED_ARI, slots=20, operators=[person.digits for person in COLLEAGUES])
    customers = {person.digits: answers(hangs_up=leaves(Moment.ANSWER, seconds=person.hangs_up or 0.0)) for person in LEAVING}
    personas = {**customers, **alike(COLLEAGUES, OPERATOR[1])}
    campaign, pbx = await Replay(settings, tuple(customers), personas, STRAIGHT, calls=10).play(nursery, seed)
    bridged = {record.detail["channel"] for record in pbx.log if record.kind is Kind.BRIDGE_ENTERED}
    assert 0 < len(bridged) < 2 * len(LEAVING)
    judge(pbx, campaign, settings)


@pytest.mark.parametrize("seed", range(3))
async def test_a_caller_goes_before_a_new_call(seed: int, autojump_clock: MockClock, nursery: trio.Nursery) -> None:
    settings = settings_for(SIMULATED_ARI, slots=1, desk=True)
    called, waiting = people.SAYS_NO.digits, people.BUSY.digits
    personas = {called: answers("no"), waiting: refuses(Instead.BUSY), AT_THE_DESK.digits: answers()}

    async def call_in(pbx: SimulatedPbx) -> None:
        await trio.sleep(1.0)
        pbx.ring_in(answers(hangs_up=leaves(Moment.ANSWER, seconds=7.0)), LINES[0], CALLER.digits)

    replay = Replay(settings, (called, waiting), personas, OFFICE, calls=3, callers=call_in)
    campaign, pbx = await replay.play(nursery, seed)
    results = [campaign.outcome(number).result for number in (called, CALLER.digits, waiting)]
    assert results == ["not_interested", "inbound_call", "busy"]
    rung = [record.detail["endpoint"] for record in pbx.log if record.kind is Kind.ORIGINATE]
    assert rung == [f"PJSIP/{called}@trunk", DESK, f"PJSIP/{waiting}@trunk"]
    judge(pbx, campaign, settings)


@pytest.mark.parametrize("seed", range(3))
async def test_an_operator_whose_telephone_is_forwarded_is_passed_over(
    seed: int, autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    forwards = Persona(answers_after=0.3, instead=Instead.FORWARD, forwards_to="10099")
    customer, forwarded = people.SAYS_NOTHING.digits, people.REDIRECTS.digits
    settings = settings_for(SIMULATED_ARI, operators=[forwarded, people.OPERATOR.digits])
    personas = {customer: answers(), forwarded: forwards, people.OPERATOR.digits: OPERATOR[1]}
    campaign, pbx = await Replay(settings, (customer,), personas, STRAIGHT).play(nursery, seed)
    outcome = campaign.outcome(customer)
    assert (outcome.result, outcome.operator and outcome.operator.phone_number) == (
        "connected_to_operator",
        people.OPERATOR.digits,
    )
    judge(pbx, campaign, settings)
