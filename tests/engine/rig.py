"""An engine on a simulated PBX, with a hand on the PBX and on the book."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from attrs import define, field

from callengine.dialer import ContactList
from callengine.engine import Engine, Outfit, Timelines
from callengine.fsm import Scenario
from callengine.model import Attempt, LineLimits, Received, SeededAmbient, Store, Timeline
from callengine.providers import IntentClassifier
from callengine.providers.scripted import HeardInRecording
from callengine.scenarios import ScenarioFolder, load_scenarios
from callengine.settings import Settings, line_specs
from callengine.simulator import LONGEST_ALONE, Kind, PbxConfig, People, Persona, Record, SimulatedPbx, audit
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing import campaign

ALONE_AMID_MISHAPS = 20.0
"""Seconds; requests that are slow, fail and are made again hang up late."""

_EXAMPLES = load_scenarios(Path(__file__).parents[2] / "flows")
SCENARIOS = tuple(each for each in _EXAMPLES if each.name in ("appointment", "course_offer"))
"""Those that any contact may get, and that are over when somebody says no."""


@define(eq=False)
class Rig:
    """One engine and its world.

    Attributes:
        world: outlives the engine.
        power: of the PBX; cancelled, it is off.
    """

    settings: Settings
    pbx: SimulatedPbx
    engine: Engine
    book: MemoryBook
    world: trio.Nursery
    power: trio.CancelScope = field(factory=trio.CancelScope)

    async def power_on(self) -> None:
        self.power = await self.world.start(_serve, self.pbx)

    def another_engine(self) -> Engine:
        """One that serves the same application and calls nobody."""
        return engine_on(self.pbx, self.settings, MemoryWriter(MemoryBook()), ())

    def records(self, kind: Kind) -> list[Record]:
        return [record for record in self.pbx.log if record.kind is kind]

    def attempts(self) -> tuple[Attempt, ...]:
        return self.book.attempts()

    def received(self) -> tuple[Received, ...]:
        return self.book.received()

    def results(self) -> list[str]:
        return [attempt.outcome.result for attempt in self.attempts() if attempt.outcome is not None]

    def judge(self) -> None:
        """Every call has an outcome, no limit was exceeded, nothing is left on the PBX."""
        limits: dict[str, LineLimits] = {spec.id: spec.limits for spec in line_specs(self.settings)}
        overall = self.settings.limits.overall_per_second
        alone = ALONE_AMID_MISHAPS if self.pbx.faults else LONGEST_ALONE
        assert not audit(self.pbx.log, limits, overall_per_second=overall, longest_alone=alone)
        assert len(self.results()) == len(self.attempts())
        assert all(received.outcome is not None for received in self.received())
        assert "failed:bug" not in (*self.results(), *(call.outcome.result for call in self.received() if call.outcome))


async def _serve(pbx: SimulatedPbx, task_status: trio.TaskStatus[trio.CancelScope]) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(pbx.run)
        task_status.started(nursery.cancel_scope)


def engine_on(
    pbx: SimulatedPbx,
    settings: Settings,
    store: Store,
    contacts: tuple[str, ...] | None,
    scenarios: tuple[Scenario, ...] = SCENARIOS,
    timeline: Timeline | None = None,
    folder: ScenarioFolder | None = None,
) -> Engine:
    """An engine that has not begun.

    Args:
        contacts: numbers to call; None for whom the store has.
    """
    return Engine(
        settings=settings,
        scenarios=scenarios if folder is None else folder.scenarios,
        folder=folder,
        contacts=None if contacts is None else ContactList(contacts, pbx.ambient),
        store=store,
        opener=pbx.opener,
        ambient=pbx.ambient,
        outfit=Outfit(ears=HeardInRecording(), classifier=IntentClassifier()),
        timeline=timeline or Timelines(()),
    )


@asynccontextmanager
async def rig(
    calls: int,
    *,
    settings: Settings | None = None,
    people: People | None = None,
    pbx: PbxConfig | None = None,
    seed: int = 1,
    scenarios: tuple[Scenario, ...] = SCENARIOS,
    writer: Callable[[MemoryBook], Store] = MemoryWriter,
    timeline: Timeline | None = None,
    folder: ScenarioFolder | None = None,
) -> AsyncIterator[Rig]:
    """A PBX in service and an engine that has not begun, with so many contacts.

    Args:
        folder: whose scenarios are used instead of `scenarios`.
    """
    settings = settings or campaign.simulation_settings()
    ambient = SeededAmbient(seed, trio.current_time)
    there = SimulatedPbx(ambient, people or People(otherwise=TALKS), pbx or PbxConfig())
    book = MemoryBook()
    engine = engine_on(there, settings, writer(book), campaign.numbers(calls), scenarios, timeline, folder)
    async with trio.open_nursery() as world:
        here = Rig(settings, there, engine, book, world)
        await here.power_on()
        yield here
        world.cancel_scope.cancel()


TALKS = Persona(answers_after=4.0, says=("cancel", "نه"))
"""Says no to either scenario."""
