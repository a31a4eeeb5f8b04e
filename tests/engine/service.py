"""An engine in service, and people who call it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import trio

from callengine.fsm import Scenario, load
from callengine.model import Received, Timeline
from callengine.settings import InboundSettings, LimitSettings, Settings
from callengine.simulator import HangUp, Moment, PbxConfig, People, Persona
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import OPERATORS, simulation_settings
from tests.engine.rig import Rig, rig

SETTINGS = simulation_settings(lines=1, limits=LimitSettings(concurrent=2, per_minute=0, per_day=0, per_second=0))
[LINE] = SETTINGS.dialing.outbound_numbers
CALLER = "09130000001"
NO_LINE = "02155500000"
TALKS = Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=5.0))
STAYS = Persona(hangs_up=HangUp(Moment.ANSWER, seconds=30.0))


def scenario(name: str, *, inbound: bool = True) -> Scenario:
    """One whose callers are kept until they hang up."""
    flow = "[{step: start, type: entry, next: stay}, {step: stay, type: wait}]"
    content = f"scenario: {{name: {name}, flow: {flow}{f', inbound_flow: {flow}' if inbound else ''}}}"
    loading = load(content.encode(), f"{name}.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


A, B, SILENT = scenario("a"), scenario("b"), scenario("silent", inbound=False)


def inbound(
    settings: Settings = SETTINGS, *, wait: float = 60.0, waiting_room: int = 20, refuse_unknown: bool = False
) -> Settings:
    return attrs.evolve(settings, inbound=InboundSettings(wait=wait, waiting_room=waiting_room, refuse_unknown=refuse_unknown))


@asynccontextmanager
async def in_service(
    calls: int = 0,
    *scenarios: Scenario,
    settings: Settings = SETTINGS,
    people: People | None = None,
    writer: Callable[[MemoryBook], MemoryWriter] = MemoryWriter,
    timeline: Timeline | None = None,
) -> AsyncIterator[Rig]:
    """An engine that stays; stopped at the end of the block, and judged."""
    people = people or People(dict.fromkeys(OPERATORS, TALKS), otherwise=STAYS)
    pbx = PbxConfig(inbound_patience=600.0)
    async with rig(
        calls, settings=settings, people=people, pbx=pbx, scenarios=scenarios or (A,), writer=writer, timeline=timeline
    ) as here:
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def run() -> None:
                await here.engine.run(stay=True)

            await here.pbx.wait_listened_to()
            await trio.sleep(0.5)
            yield here
            here.engine.stop()
        here.judge()
        assert here.engine.leaked.nothing


async def calls_in(
    here: Rig, count: int = 1, persona: Persona = STAYS, *, dialled: str = LINE, caller: str = CALLER
) -> tuple[Received, ...]:
    """So many people call at once; what the book says of them by the time they are served or wait."""
    known = len(here.received())
    for _ in range(count):
        here.pbx.ring_in(persona, dialled, caller)
    await trio.sleep(0.5)
    return here.received()[known:]


def results(here: Rig) -> list[str]:
    return [call.outcome.result for call in here.received() if call.outcome is not None]
