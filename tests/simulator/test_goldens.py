"""The simulated PBX does what a real Asterisk did: the same calls, compared with the traces recorded from one."""

import pytest
import trio

from callengine.simulator import Leaks, SimulatedPbx, leaked
from callengine.testing.campaign import SIMULATED_ARI
from tests.e2e.cases import CASES, Case
from tests.e2e.connected import DEAD_TELEPHONE, INBOUND, QUEUES, TRANSFERS
from tests.simulator.replay import Replay


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", (*CASES, *TRANSFERS, *QUEUES, DEAD_TELEPHONE, *INBOUND), ids=lambda case: case.name)
async def test_the_simulated_pbx_does_as_asterisk_did(
    case: Case, seed: int, autojump_clock: trio.abc.Clock, nursery: trio.Nursery
) -> None:
    personas = {person.digits: persona for person, persona in ((case.person, case.persona), *case.operators)}

    async def call_in(pbx: SimulatedPbx) -> None:
        if case.calls:
            pbx.ring_in(case.persona, case.calls, case.person.digits)

    replay = Replay(case.settings(SIMULATED_ARI), case.numbers, personas, case.folder, callers=call_in)
    campaign, pbx = await replay.play(nursery, seed)
    assert campaign.told(case.person.digits) == case.golden.read_text(encoding="utf-8")
    assert leaked(pbx.log) == Leaks()
