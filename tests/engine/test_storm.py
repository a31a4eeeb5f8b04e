"""Everything at once: calls, callers, transfers and mishaps leave nothing, exceed nothing, and keep nobody alone."""

from random import Random

import attrs
import pytest
import trio

from callengine.fsm import Scenario, load
from callengine.model import TransferOutcome
from callengine.settings import InboundSettings, LimitSettings, OperatorSettings, Settings
from callengine.simulator import FAULTS, KeyPress, PbxConfig, People, Persona, random_operators, random_people, run_virtually
from callengine.testing.callers import random_callers, ring_in
from callengine.testing.campaign import numbers, simulation_settings
from callengine.testing.expected import phrases_of
from tests.engine.rig import Rig, rig

CALLS, CALLERS = 40, 40
LASTS = 200.0
"""Seconds within which everybody calls us."""

OPERATORS = ("09350000001", "09350000002", "PJSIP/201@desk", "PJSIP/202@desk")

FLOW = """
scenario:
  name: {name}
  prompts: {{hello: "sound:hello", onhold: "sound:onhold"}}
  llm: {{prompt_template: "{{transcript}}", intent_categories: [yes, unknown], fallback_tokens: {{yes: [yes please]}}}}
  flow:
    - {{step: start, type: entry, next: hello}}
    - {{step: hello, type: play_prompt, prompt: hello, next: listen}}
    - {{step: listen, type: record, next: think, on_empty: connect, on_failure: end}}
    - {{step: think, type: classify_intent, next: connect, on_failure: connect}}
{connect}
  inbound_flow:
    - {{step: start, type: entry, next: connect}}
{connect}
"""
CONNECT = """
    - {{step: connect, type: transfer_to_operator, agent_type: outbound, on_success: talk, on_failure: end, {keys}}}
    - {{step: talk, type: wait}}
    - {{step: end, type: hangup}}
"""


def scenario(name: str, keys: str) -> Scenario:
    """A scenario that connects everybody to operators."""
    connect = CONNECT.format(keys=keys).strip("\n")
    loading = load(FLOW.format(name=name, connect=connect).encode(), f"{name}.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


SCENARIOS = (scenario("plain", "wait: 0"), scenario("attended", "wait: 30, whisper: hello, accept_key: 1"))


def settings() -> Settings:
    limits = LimitSettings(concurrent=3, per_minute=20, per_day=0, per_second=1, overall_per_second=3)
    return attrs.evolve(
        simulation_settings(lines=3, limits=limits),
        operators=OperatorSettings(inbound=OPERATORS, outbound=OPERATORS, timeout=15.0, wrap_up=5.0, slot_wait=5.0),
        inbound=InboundSettings(wait=20.0, waiting_room=4),
    )


def people(rng: Random) -> People:
    """Anybody, and operators of whom most press the key."""
    phones = [name.partition("/")[2].partition("@")[0] or name for name in OPERATORS]
    operators = random_operators(rng, phones).by_number
    keys = {phone: (KeyPress(rng.choice("1112"), round(rng.uniform(0.0, 8.0), 3)),) for phone in phones}
    press: dict[str, Persona] = {phone: attrs.evolve(each, presses=keys[phone]) for phone, each in operators.items()}
    return People({**random_people(rng, numbers(CALLS), phrases_of(SCENARIOS)).by_number, **press})


@pytest.mark.parametrize("mishaps", [0, 2])
@pytest.mark.parametrize("latency", [0.002, 0.3])
def test_it_leaves_nothing_and_exceeds_nothing(latency: float, mishaps: int, seed: int) -> None:
    run_virtually(seed, _storm, latency, mishaps, seed)


async def _storm(latency: float, mishaps: int, seed: int) -> None:
    rng = Random(seed)
    lines = settings().dialing.outbound_numbers
    callers = random_callers(rng, CALLERS, within=LASTS, lines=lines, phrases=phrases_of(SCENARIOS))
    pbx = PbxConfig(latency=latency)
    async with rig(CALLS, settings=settings(), people=people(rng), pbx=pbx, seed=seed, scenarios=SCENARIOS) as here:
        here.pbx.faults += [fault for name in rng.sample(sorted(FAULTS), mishaps) for fault in FAULTS[name]]
        async with trio.open_nursery() as nursery:
            calling = await nursery.start(ring_in, here.pbx, callers)
            if mishaps:
                nursery.start_soon(_drop, here, rng)
            await here.engine.run()
            calling.cancel()
            nursery.cancel_scope.cancel()
        await trio.sleep(1)
        here.judge()
        assert len(here.received()) > CALLERS / 4
        if not mishaps:
            assert here.engine.leaked.nothing
            assert {load.state.value for load in here.engine.operators.snapshot()} <= {"ready", "wrap_up"}
            outcomes = [*(each.outcome for each in here.attempts()), *(each.outcome for each in here.received())]
            assert TransferOutcome.COMPLETED in {outcome.transfer for outcome in outcomes if outcome is not None}


async def _drop(here: Rig, rng: Random) -> None:
    while True:
        await trio.sleep(rng.uniform(1, 60))
        here.pbx.cut_event_sockets()
