"""Pacing in the engine: who is watched, how things stand, and what the ledger says."""

from collections.abc import Callable
from datetime import timedelta

import structlog
import trio
from attrs import define, field

from callengine.dialer import Assignment, Dialer
from callengine.dialer.governor import Governor
from callengine.dialer.observer import Observer
from callengine.dialer.pacing import NOTHING, Figures, Pacer, worse
from callengine.errors import StoreError
from callengine.fsm import Chart, ToOperator
from callengine.lines import OperatorLoad, Operators
from callengine.model import AbandonRate, Ambient, StepId, Store
from callengine.settings import Settings

LEDGER_EVERY = 30.0
"""Seconds between two looks at the ledger."""

DAY, MONTH = timedelta(hours=24), timedelta(days=30)

log = structlog.get_logger()


@define(eq=False)
class PacingSide:
    """Holds calls back for the operators there are; in mode agentless it does nothing.

    Args:
        dialer: whose calls they are; asked once calls are placed.
    """

    settings: Settings
    store: Store
    ambient: Ambient
    assignment: Assignment[Chart]
    operators: Operators
    dialer: Callable[[], Dialer[Chart]]
    observer: Observer = field(init=False)
    governor: Governor = field(init=False)
    _pacer: Pacer = field(init=False)
    _ledger: AbandonRate = field(default=NOTHING, init=False)

    def __attrs_post_init__(self) -> None:
        pacing = self.settings.pacing
        self._pacer = Pacer(pacing.mode, dial_level=pacing.dial_level, target=pacing.abandon_target)
        self.governor = Governor(self._pacer, self._figures)
        self.observer = Observer(
            self._pacer.history,
            self._wants_operator,
            wrap_up=self.settings.operators.wrap_up,
            abandon_after=pacing.abandon_after,
            changed=self.governor.poke,
        )

    @property
    def active(self) -> bool:
        """Whether operators are paced for at all."""
        return self._pacer.mode != "agentless"

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Follow the ledger until cancelled: its rates outlive a restart, and may close the gate."""
        await self._look()
        task_status.started()
        while self.active:
            await trio.sleep(LEDGER_EVERY)
            await self._look()

    async def _look(self) -> None:
        if not self.active:
            return
        campaign, now = self.settings.contacts.campaign, self.ambient.wall()
        try:
            rates = await self.store.read(lambda book: [book.ledger.rate(campaign, now - span) for span in (DAY, MONTH)])
        except StoreError as error:
            log.warning("The ledger of abandoned calls cannot be read", reason=str(error))
            return
        self._ledger = worse(*rates)
        self.governor.poke()

    def _figures(self) -> Figures:
        live = (attempt.call for attempt in self.dialer().live)
        return self.observer.figures(trio.current_time(), self._for_outbound(), live, ledger=self._ledger)

    def _for_outbound(self) -> tuple[OperatorLoad, ...]:
        """Those whom customers that we call may be connected to."""
        rosters = self.operators.rosters
        names = {each.id for each in rosters.roster("outbound", "")}
        names |= {
            each.id for (_, direction), roster in rosters.of_scenarios.items() if direction == "outbound" for each in roster
        }
        return tuple(load for load in self.operators.snapshot() if load.operator.id in names)

    def _wants_operator(self, scenario: str, step: StepId) -> bool:
        found = next((each for each in self.assignment.scenarios if each.name == scenario), None)
        return found is not None and isinstance(found.flow.steps.get(step), ToOperator)
