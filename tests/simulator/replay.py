"""What was done on a real Asterisk, done again on the simulated PBX: the same engine, personas for the people."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import trio
from attrs import field, frozen

from callengine.model import SeededAmbient
from callengine.providers.scripted import HeardInRecording, ScriptedSpeaker
from callengine.settings import Settings
from callengine.simulator import PbxConfig, People, Persona, SimulatedPbx
from tests.e2e.asterisk import LONGER
from tests.e2e.engine import FLOWS, Campaign, carry_out, scenarios, set_out
from tests.e2e.people import PROMPT_SECONDS


async def nobody(pbx: SimulatedPbx) -> None:
    """Calls."""


@frozen
class Replay:
    """Whom the engine calls, and who calls it.

    Attributes:
        personas: by number.
        calls: how many calls there will be.
        callers: lets people call.
    """

    settings: Settings
    numbers: tuple[str, ...]
    personas: Mapping[str, Persona]
    folder: Path = FLOWS
    calls: int = 1
    callers: Callable[[SimulatedPbx], Awaitable[None]] = field(default=nobody)

    async def play(self, nursery: trio.Nursery, seed: int) -> tuple[Campaign, SimulatedPbx]:
        """Play it to its end, in virtual time."""
        ambient = SeededAmbient(seed, trio.current_time)
        media = {uri for scenario in scenarios(self.folder) for uri in scenario.prompts.values()}
        seconds = {uri: LONGER.get(uri.removeprefix("sound:"), PROMPT_SECONDS) for uri in media}
        pbx = SimulatedPbx(ambient, People(self.personas), PbxConfig(prompt_seconds=seconds))
        await nursery.start(pbx.run)
        campaign = set_out(self.settings, self.numbers, HeardInRecording(), pbx.opener, ambient, self.folder, ScriptedSpeaker())

        async def call_in() -> None:
            await self.callers(pbx)

        await carry_out(campaign, self.calls, call_in)
        return campaign, pbx
