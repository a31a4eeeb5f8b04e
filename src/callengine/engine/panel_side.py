"""The panel and the engine: what it says is put into force, and what becomes of calls is told to it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import attrs
import structlog
import trio
from attrs import define, field, frozen

from callengine.dialer import Assignment, Gate, Incidents, Over, Unit
from callengine.dialer.feed import FeedRules, PanelFeed
from callengine.dialer.panel_word import Appliers, PanelWord
from callengine.engine.wiring import numbering_of
from callengine.errors import ConfigError
from callengine.fsm import Chart
from callengine.lines import LinePool
from callengine.model import Ambient, Direction, LineSpec, Operator, OperatorId, Rosters, Store, digits_of
from callengine.outbox import Outbox
from callengine.panel import PanelAgent, PanelClient, PanelConfig, PanelLine, Registrar, Reporter, open_panel
from callengine.settings import Settings, endpoint_of, line_spec, over_trunk

FLUSHED_WITHIN = 10.0
"""Seconds the panel gets to accept what waits when the engine ends; the rest leaves after the next start."""

log = structlog.get_logger()


@asynccontextmanager
async def panel_of(settings: Settings) -> AsyncIterator[PanelClient | None]:
    """The panel of these settings, if there is one, open for the time of the block.

    Raises:
        ConfigError: its address or token cannot be one.
    """
    if not settings.panel_configured:
        yield None
        return
    config = PanelConfig(
        base_url=settings.panel.base_url,
        token=settings.panel.token.get_secret_value(),
        company=settings.company,
        timeout=settings.http.timeout,
        max_connections=settings.http.max_connections,
    )
    async with open_panel(config) as client:
        yield client


@frozen
class InForce:
    """Where the panel's word is put into force.

    Attributes:
        assignment: of scenarios.
        rosters_changed: has the rosters be made anew.
    """

    lines: LinePool
    assignment: Assignment[Chart]
    rosters_changed: Callable[[], None]


@define(eq=False)
class PanelSide:
    """Everything between the panel and the engine.

    Args:
        stored: told when there are new contacts.
        incidents: pauses that the panel may end.
    """

    client: PanelClient
    settings: Settings
    store: Store
    ambient: Ambient
    here: InForce
    stored: Callable[[], None]
    incidents: Incidents
    feed: PanelFeed = field(init=False)
    outbox: Outbox = field(init=False)
    _word: PanelWord = field(init=False)
    _reporter: Reporter = field(init=False)
    _operators: dict[Direction, tuple[Operator, ...]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        panel = self.settings.panel
        self.outbox = Outbox(self.store, self.client, self.ambient)
        self._word = PanelWord(
            Appliers(
                lines=self._have_lines,
                operators=self._have_operators,
                scenarios=lambda names: void(self.here.assignment.set_active(names)),
                zone=self.here.lines.set_zone,
            )
        )
        self._reporter = Reporter(
            self.settings.company,
            self.ambient,
            known=lambda: self._word.known,
            user_message=panel.user_message,
            old_fields=panel.old_fields,
        )
        self.feed = PanelFeed(
            self.client,
            self.store,
            self.ambient,
            FeedRules(self.settings.contacts.campaign, panel.batch_size, panel.poll_seconds),
            self._word,
            self._reporter,
            numbering_of(self.settings).contact,
            posted=self.outbox.poke,
            stored=self.stored,
            resumed_by_panel=self.incidents.resumed_by_panel,
        )

    @property
    def gate(self) -> Gate:
        """Calls are placed only while the panel allows them."""
        return Gate("the panel's word", lambda: self._word.allowed, self._word.wait_allowed)

    def unit(self, over: Over) -> Unit | None:
        """The report of a call that is over."""
        return self._reporter.unit(over)

    def told(self, _: Over) -> None:
        """A report waits in the store."""
        self.outbox.poke()

    def may_give_more(self) -> bool:
        """Nobody is left to call: whether the panel may name more people."""
        self.feed.hurry()
        return not self.feed.seen_end

    def over(self, rosters: Rosters) -> Rosters:
        """The rosters of the settings and scenarios, with the panel's in place of the general ones."""
        return attrs.evolve(
            rosters,
            inbound=self._operators.get("inbound", rosters.inbound),
            outbound=self._operators.get("outbound", rosters.outbound),
        )

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Ask and tell until cancelled."""
        registrar = Registrar(self.client, self.settings.company, self.ambient, self.settings.panel.old_fields)
        async with trio.open_nursery() as nursery:
            await nursery.start(self.outbox.run)
            await nursery.start(self.feed.run)
            nursery.start_soon(registrar.lines, self._lines())
            nursery.start_soon(registrar.scenarios, self._scenarios())
            task_status.started()

    async def flush(self) -> None:
        """Give the panel a little time to accept what waits."""
        if not await self.outbox.drained(FLUSHED_WITHIN):
            waiting = await self.store.read(lambda book: book.outbox.waiting())
            log.warning("Results wait in the store for the panel; they leave after the next start", results=waiting)

    def _lines(self) -> tuple[LineSpec, ...]:
        return tuple(load.line for load in self.here.lines.snapshot().lines)

    def _scenarios(self) -> tuple[tuple[str, str], ...]:
        ready = self.here.assignment.scenarios
        return tuple((each.name, each.flow.scenario.display_name or each.name) for each in ready)

    def _have_lines(self, lines: tuple[PanelLine, ...]) -> None:
        specs: dict[str, LineSpec] = {}
        for line in lines:
            try:
                number = digits_of(line.phone_number)
            except ValueError as error:
                log.warning("The panel names a line that is none", reason=str(error))
                continue
            specs[number] = line_spec(self.settings, number, line.display_name, line.reference)
        if not specs:
            log.warning("The panel names no line: no calls leave until it does")
        try:
            self.here.lines.replace(specs.values())
        except ConfigError as error:
            log.warning("The panel's lines are not taken", reason=str(error))
            return
        log.info("Lines updated by the panel", lines=tuple(specs))
        self.here.rosters_changed()

    def _have_operators(self, direction: Direction, agents: tuple[PanelAgent, ...]) -> None:
        self._operators[direction] = tuple(self._known(agents))
        log.info(f"Updated {direction} agents", agents=[operator.id for operator in self._operators[direction]])
        self.here.rosters_changed()

    def _known(self, agents: Iterable[PanelAgent]) -> Iterable[Operator]:
        for agent in agents:
            try:
                number = digits_of(agent.phone_number)
                endpoint = endpoint_of(number, self.settings)
            except (ValueError, ConfigError) as error:
                log.warning("The panel names an agent who cannot be rung", reason=str(error))
                continue
            yield Operator(OperatorId(number), endpoint, over_trunk(number, self.settings), agent.phone_number, agent.reference)


def void(_: object) -> None:
    """For whom a result is of no use."""
