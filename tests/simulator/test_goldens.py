"""The simulated PBX does what a real Asterisk did: the same calls, compared with the traces recorded from one."""

import msgspec
import pytest
import trio

from callengine.ari import ChannelDestroyed
from callengine.simulator import Leaks, SimulatedPbx, leaked
from callengine.testing.campaign import SIMULATED_ARI
from tests.e2e.cases import CASES, Case
from tests.e2e.connected import DEAD_TELEPHONE, INBOUND, QUEUES, TRANSFERS
from tests.e2e.engine import Campaign
from tests.e2e.greeted import GREETED
from tests.e2e.spoken import CHOICES
from tests.simulator.replay import Replay


async def played(case: Case, seed: int, nursery: trio.Nursery) -> tuple[Campaign, SimulatedPbx]:
    """The case on the simulated PBX."""
    personas = {person.digits: persona for person, persona in ((case.person, case.persona), *case.operators)}

    async def call_in(pbx: SimulatedPbx) -> None:
        if case.calls:
            pbx.ring_in(case.persona, case.calls, case.person.digits)

    replay = Replay(case.settings(SIMULATED_ARI), case.numbers, personas, case.folder, callers=call_in)
    return await replay.play(nursery, seed)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "case", (*CASES, *CHOICES, *GREETED, *TRANSFERS, *QUEUES, DEAD_TELEPHONE, *INBOUND), ids=lambda case: case.name
)
async def test_the_simulated_pbx_does_as_asterisk_did(
    case: Case, seed: int, autojump_clock: trio.abc.Clock, nursery: trio.Nursery
) -> None:
    campaign, pbx = await played(case, seed, nursery)
    assert campaign.told(case.person.digits) == case.golden.read_text(encoding="utf-8")
    assert leaked(pbx.log) == Leaks()


LEAVES_AN_OPERATOR = next(case for case in TRANSFERS if case.name == "hangs up while an operator is rung")


@pytest.mark.parametrize("case", [LEAVES_AN_OPERATOR, DEAD_TELEPHONE], ids=lambda case: case.name)
async def test_whether_our_delete_overtakes_is_not_told(
    case: Case, autojump_clock: trio.abc.Clock, nursery: trio.Nursery
) -> None:
    """Then the cause of the leg that its person left is 16. Any other cause of it is told, and any of another leg."""
    campaign, _ = await played(case, 0, nursery)
    before, trace = campaign.told(case.person.digits), campaign.trace
    places = [place for place, event in enumerate(trace.events) if isinstance(event, ChannelDestroyed)]

    def told(place: int, cause: int) -> str:
        event = trace.events[place]
        trace.events[place] = msgspec.structs.replace(event, cause=cause)
        try:
            return campaign.told(case.person.digits)
        finally:
            trace.events[place] = event

    assert sorted(told(place, 16) == before for place in places) == [True, True]
    assert sorted(told(place, 0) == before for place in places) == [False, True]
    assert not any(told(place, 38) == before for place in places)
