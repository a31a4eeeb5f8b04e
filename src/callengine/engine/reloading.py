"""Scenarios that change while calls run."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import structlog
import trio
from attrs import define, field

from callengine.dialer import Assignment, ReadyScenario
from callengine.engine.charts import ready
from callengine.engine.notes import transfers_over_trunk
from callengine.engine.rosters import rosters_of
from callengine.engine.wiring import reserve_of
from callengine.fsm import Chart, Scenario
from callengine.lines import LinePool, Operators
from callengine.model import Rosters
from callengine.scenarios import Reading, ScenarioFolder
from callengine.scenarios.files import Look
from callengine.settings import Settings

LOOK_EVERY = 2.0
"""Seconds between two looks at the files. Those that differ from one look to the next are being written: not read yet."""

T = TypeVar("T")

log = structlog.get_logger()


@define(eq=False)
class Reloading:
    """Takes up what the scenario files hold now; calls in progress keep the chart they began with.

    Args:
        folder: as it was loaded for this engine.
        rosters: who may be rung for these scenarios.
    """

    folder: ScenarioFolder
    settings: Settings
    assignment: Assignment[Chart]
    operators: Operators
    lines: LinePool
    rosters: Callable[[Iterable[Scenario]], Rosters]
    _charts: dict[str, ReadyScenario[Chart]] = field(init=False)
    """By the path of the file."""
    _one_at_a_time: trio.Lock = field(factory=trio.Lock, init=False)
    _thread: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False)

    @_charts.default
    def _compiled(self) -> dict[str, ReadyScenario[Chart]]:
        by_name = {scenario.name: scenario for scenario in self.assignment.scenarios}
        return {scenario.path: by_name[scenario.name] for scenario in self.folder.scenarios}

    async def reload(self) -> Reading:
        """Read the files again, and put into force what is new.

        Reading and compiling happen in a thread; then everything changes at once. A file with errors, or with an operator
        whom nobody knows, changes nothing.
        """
        async with self._one_at_a_time:
            compiled: dict[str, ReadyScenario[Chart]] = {}
            reading = await self._in_thread(partial(self.folder.reread, partial(self._make_ready, compiled)))
            self._put_into_force(reading, compiled)
        log.info(
            "Scenarios reloaded",
            loaded=reading.loaded,
            kept=reading.kept,
            removed=reading.removed,
            refused=[refusal.path for refusal in reading.refused],
        )
        if not reading.scenarios:
            log.warning("No scenario is left: nobody is called until there is one")
        return reading

    async def watch(self) -> None:
        """Reload whenever files have changed, until cancelled."""
        before: Look | None = None
        while True:
            await trio.sleep(LOOK_EVERY)
            now = await self._in_thread(self.folder.look)
            if now == before and now != self.folder.look_when_read:
                await self.reload()
            before = now

    def _make_ready(self, compiled: dict[str, ReadyScenario[Chart]], scenario: Scenario) -> None:
        """Compile a scenario that is new or has changed.

        Raises:
            ConfigError: it names an operator whom nobody knows.
            FlowError: a flow of it cannot be compiled.
        """
        rosters_of(self.settings, (scenario,))
        compiled[scenario.path] = ready(scenario)

    def _put_into_force(self, reading: Reading, compiled: dict[str, ReadyScenario[Chart]]) -> None:
        """Change everything, without a wait in between."""
        self.folder.take_up(reading)
        known = self._charts
        self._charts = {
            each.path: compiled[each.path] if each.name in reading.loaded else known[each.path] for each in reading.scenarios
        }
        rosters = self.rosters(reading.scenarios)
        over_trunk = transfers_over_trunk(reading.scenarios, rosters)
        self.assignment.load(self._charts.values())
        self.operators.replace(rosters)
        self.lines.keep_free(reserve_of(self.settings, transfers_over_trunk=over_trunk))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(work, limiter=self._thread)
