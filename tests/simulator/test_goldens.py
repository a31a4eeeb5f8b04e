"""The simulated PBX does what a real Asterisk did: the same calls, compared with the traces recorded from one."""

import pytest
import trio

from callengine.model import SeededAmbient
from callengine.providers.scripted import HeardInRecording
from callengine.simulator import Leaks, PbxConfig, People, SimulatedPbx, leaked
from callengine.testing.campaign import SIMULATED_ARI
from tests.e2e.cases import CASES, Case
from tests.e2e.engine import carry_out, scenarios, set_out, settings_for
from tests.e2e.people import PROMPT_SECONDS


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_simulated_pbx_does_as_asterisk_did(
    case: Case, seed: int, autojump_clock: trio.abc.Clock, nursery: trio.Nursery
) -> None:
    ambient = SeededAmbient(seed, trio.current_time)
    people = People({person.digits: persona for person, persona in ((case.person, case.persona), *case.operators)})
    media = {uri for scenario in scenarios() for uri in scenario.prompts.values()}
    pbx = SimulatedPbx(ambient, people, PbxConfig(prompt_seconds=dict.fromkeys(media, PROMPT_SECONDS)))
    await nursery.start(pbx.run)
    settings = settings_for(SIMULATED_ARI, operators=[operator.digits for operator, _ in case.operators])
    campaign = set_out(settings, [case.person.digits], HeardInRecording(), pbx.opener, ambient)
    await carry_out(campaign, 1)
    assert campaign.told(case.person.digits) == case.golden.read_text(encoding="utf-8")
    assert leaked(pbx.log) == Leaks()
