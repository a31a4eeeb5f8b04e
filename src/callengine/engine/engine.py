"""The composition root: event link, lines, reaper, dialler, nested in that order, so that ending an inner one ends no outer."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
import trio
from attrs import define, field

from callengine.adoption import Adoption
from callengine.ari import AriClient, AriTap, Link, Router, Transport
from callengine.calls import Kind, Pbx, Reaper, Services
from callengine.dialer import (
    Assignment,
    ContactSource,
    Dialer,
    Gate,
    Gates,
    Incidents,
    Settlement,
    StoredContacts,
)
from callengine.engine.charts import charted
from callengine.engine.do_not_dial import DoNotDialWatch
from callengine.engine.keeping import Keeping
from callengine.engine.live_calls import LiveCalls
from callengine.engine.notes import (
    notes_on_doing,
    notes_on_machines,
    notes_on_prompts,
    notes_on_texts,
    notes_on_transfers,
    transfers_over_trunk,
)
from callengine.engine.orphans import keep_clear_of_orphans
from callengine.engine.outbound import OutboundCalls, reachable
from callengine.engine.outfit import Outfit
from callengine.engine.pacing_side import PacingSide
from callengine.engine.panel_side import InForce, PanelSide
from callengine.engine.placing import Placing, placing_of
from callengine.engine.reception import Reception
from callengine.engine.reloading import Reloading
from callengine.engine.restoring import restore_counts
from callengine.engine.rosters import rosters_of
from callengine.engine.services import admin_port, closing, running
from callengine.engine.sight import Sight
from callengine.engine.timelines import Timelines
from callengine.engine.wiring import alert_rules, ari_config, call_rules, call_windows, calling_hours, line_pool, reserve_of
from callengine.errors import AriError, AriLost, ConfigError, first_of
from callengine.fsm import Chart, Scenario
from callengine.lines import LinePool, Operators
from callengine.model import (
    Ambient,
    Attempt,
    CallId,
    Figures,
    Leaked,
    Outcomes,
    Received,
    Rosters,
    ScenarioSwitch,
    Store,
    StreamOpener,
    Timeline,
)
from callengine.panel import PanelClient
from callengine.scenarios import Reading, ScenarioFolder
from callengine.settings import Settings

ADOPTED_AGAIN = 1.0
"""Seconds until the PBX is asked again what it holds, where it did not say."""

BURIED_WITHIN = 10.0
"""Seconds the reaper gets for what is left once every call has ended."""

log = structlog.get_logger()


@define(eq=False)
class Engine:
    """One PBX, its lines, the campaign on them, and whoever calls them.

    Args:
        scenarios: to begin with.
        opener: of connections to the PBX.
        event_opener: of connections to its event socket, where that is at another address.
        contacts: whom to call; None for those whom the store has for the settings' campaign, as they become due.
        store: where everything is written down.
        folder: that the scenarios were loaded from, where they are to be read again.
        panel: that contacts come from and results go to, if there is one.
        switch: says which scenarios are active, where somebody beside the files does.
    """

    settings: Settings
    scenarios: tuple[Scenario, ...]
    contacts: ContactSource | None
    store: Store
    opener: StreamOpener
    ambient: Ambient
    outfit: Outfit
    timeline: Timeline
    tap: AriTap | None = None
    event_opener: StreamOpener | None = None
    folder: ScenarioFolder | None = None
    switch: ScenarioSwitch | None = None
    panel: PanelClient | None = None
    assignment: Assignment[Chart] = field(init=False)
    link: Link = field(init=False)
    lines: LinePool = field(init=False)
    reaper: Reaper = field(init=False)
    dialer: Dialer[Chart] = field(init=False)
    operators: Operators = field(init=False)
    reception: Reception = field(init=False)
    incidents: Incidents = field(init=False)
    outcomes: Outcomes = field(factory=Outcomes, init=False)
    _sight: Sight = field(init=False)
    _pacing: PacingSide = field(init=False)
    _router: Router = field(init=False)
    _transport: Transport = field(init=False)
    _client: AriClient = field(init=False)
    _services: Services = field(init=False)
    _placing: Placing = field(init=False)
    _stored: StoredContacts = field(init=False)
    _settlement: Settlement = field(init=False)
    _keeping: Keeping = field(init=False)
    _adoption: Adoption = field(init=False)
    _watch: DoNotDialWatch = field(init=False)
    _panel: PanelSide | None = field(default=None, init=False)
    _reloading: Reloading | None = field(default=None, init=False)
    _live: LiveCalls = field(init=False)
    _stop: trio.Event = field(factory=trio.Event, init=False)
    _hurry: trio.Event = field(factory=trio.Event, init=False)
    _waiting_for_pbx: trio.CancelScope = field(factory=trio.CancelScope, init=False)

    def __attrs_post_init__(self) -> None:
        self._placing = placing_of(self.settings)
        self.assignment = charted(self.scenarios, self.ambient)
        self.incidents = Incidents(self.store, self.ambient, alert_rules(self.settings), self._alert, self.outfit.free_disk)
        self.outfit.complaints.listener = self.incidents.provider_failed
        self._man_lines()
        self._reach_pbx()
        self._stored = StoredContacts(
            self.store, self.settings.contacts.campaign, self.ambient, call_windows(self.settings, self.ambient)
        )
        if self.panel is not None:
            here = InForce(self.lines, self.assignment, self._put_rosters_into_force)
            self._panel = PanelSide(
                self.panel, self.settings, self.store, self.ambient, here, self._stored.poke, self.incidents
            )
            self._stored.more_to_come = self._panel.may_give_more
        self._arrange_ends()
        self._equip_calls()
        self._man_dialer()
        self._open_reception()
        if self.folder is not None:
            self._reloading = Reloading(self.folder, self.settings, self.assignment, self.operators, self.lines, self._rosters)

    def _man_lines(self) -> None:
        rosters = rosters_of(self.settings, self.scenarios)
        over_trunk = transfers_over_trunk(self.scenarios, rosters)
        self.lines = line_pool(self.settings, self.ambient, transfers_over_trunk=over_trunk)
        self.operators = Operators(rosters, wrap_up=self.settings.operators.wrap_up)

        self._pacing = PacingSide(self.settings, self.store, self.ambient, self.assignment, self.operators, lambda: self.dialer)

    def _reach_pbx(self) -> None:
        config, owners = ari_config(self.settings.ari), dict[str, CallId]()
        listener = Timelines((self._pacing.observer, self.timeline)) if self._pacing.active else self.timeline
        self._sight = Sight(
            self.settings,
            self.store,
            self.ambient,
            owners,
            self.lines,
            self.operators,
            listener,
            self.tap,
            self.outfit.services,
        )
        self._router = Router(tap=self._sight.taps)
        self._transport = Transport(config, self.opener)
        self._client = AriClient(self._transport, config.app, tap=self._sight.taps)
        self.link = Link(config, self.event_opener or self.opener, self._client, self._router, self.ambient)
        self.reaper = Reaper(self._client, self._router, owners=owners)

    def _arrange_ends(self) -> None:
        """How calls are settled, and those that an earlier life has left."""
        self._keeping = Keeping(self.settings.keep, self.store, self._client, self.ambient)
        panel = self._panel
        self._settlement = Settlement(
            self.ambient,
            retries=self.settings.contacts.retries,
            extras=(self.incidents.unit, self._sight.unit, self._keeping.unit, *(() if panel is None else (panel.unit,))),
            keep_transcripts=self.settings.keep.transcripts,
            begun=(self.incidents.begun, self._stored.begun),
            after=(self.outcomes.count, lambda _: self._stored.poke(), *(() if panel is None else (panel.told,))),
        )
        self._adoption = Adoption(
            self._client,
            self._router,
            self.reaper,
            self.lines,
            self.store,
            self.ambient,
            self._settle_found,
            longest=self.settings.calls.max_seconds,
            keeps_recordings=self.settings.keep.recordings,
        )

    def _equip_calls(self) -> None:
        self._live = LiveCalls(self._sight)
        self._services = Services(
            pbx=Pbx(self._client, self._router, self.reaper, self.ambient, self.link.wait_up, lambda: self.link.up),
            lines=self.lines,
            operators=self.operators,
            classifier=self.outfit.classifier,
            ears=self.outfit.ears,
            judge=self.outfit.judge,
            speaker=self.outfit.speaker,
            messenger=self.outfit.messenger,
            web=self.outfit.web,
            playable=self.outfit.playable,
            understood=self.outfit.understood,
            writer=self.store,
            opted_out=lambda number: self._watch.block(number),
            rules=call_rules(self.settings),
        )

    def _man_dialer(self) -> None:
        there = reachable(Gate("the PBX", lambda: self.link.up, self.link.wait_up), calling_hours(self.settings, self.ambient))
        pause = Gate("a pause", self.incidents.is_open, self.incidents.wait_open)
        gates = Gates((*there.each, pause, *(() if self._panel is None else (self._panel.gate,))))
        outbound = OutboundCalls(
            services=self._services,
            live=self._live,
            placing=self._placing,
            store=self.store,
            ambient=self.ambient,
            incidents=self.incidents,
            reachable=there,
            gates=gates,
        )
        self.dialer = Dialer(
            contacts=self._stored if self.contacts is None else self.contacts,
            lines=self.lines,
            writer=self.store,
            assignment=self.assignment,
            place=outbound.place,
            ambient=self.ambient,
            gates=gates,
            settlement=self._settlement,
            windows=self._stored.windows,
            pace=self._pacing.governor.ready,
            rehearsal=self.settings.test_mode.on,
        )
        self._stored.waiting = lambda: self.dialer.waiting
        self._watch = DoNotDialWatch(self.store, self.dialer, self._live.get)

    def _open_reception(self) -> None:
        self.reception = Reception(
            settings=self.settings.inbound,
            lines=lambda: self.lines.ids,
            services=self._services,
            assignment=self.assignment,
            timeline=self._sight.timelines,
            writer=self.store,
            carry=self._live.carry,
            settlement=self._settlement,
        )

    def _rosters(self, scenarios: Iterable[Scenario]) -> Rosters:
        """Who may be rung: as the settings and the scenarios say, or the panel."""
        rosters = rosters_of(self.settings, scenarios)
        return rosters if self._panel is None else self._panel.over(rosters)

    def _put_rosters_into_force(self) -> None:
        scenarios = self.scenarios if self.folder is None else self.folder.scenarios
        rosters = self._rosters(scenarios)
        over_trunk = transfers_over_trunk(scenarios, rosters)
        self.operators.replace(rosters)
        self.lines.keep_free(reserve_of(self.settings, transfers_over_trunk=over_trunk))

    async def figures(self) -> Figures:
        """What the engine does at this moment.

        Raises:
            StoreError: the store cannot be read.
        """
        return await self._sight.figures(len(self.dialer.waiting))

    async def run(self, *, stay: bool = False) -> None:
        """Call everybody once and serve who calls us meanwhile, then return; earlier when stopped.

        A PBX that cannot be reached is waited for.

        Args:
            stay: remain in service when everybody has been called, until stopped.

        Raises:
            AriRefused: the PBX does not know our credentials.
            AriLost: another engine took our application over.
            ConfigError: the contacts cannot be read, or the HTTP port is taken.
            StoreError: an intent could not be written.
        """
        self.lines.shut()
        for note in self._notes():
            log.warning(note)
        try:
            async with (
                closing(self._transport),
                running(self._link),
                running(self.lines.run),
                running(self.operators.run),
                running(self.reaper.run),
                running(self._services.errands.run),
                running(self._watch.run),
                running(self._keeping.run),
                running(self.incidents.run),
                running(self._sight.statistics.run),
                running(self._pacing.run),
                self._with_panel(),
                self._burying(),
                running(self._adoption.run),
                admin_port(self, self.settings.admin, self.outfit.served),
                trio.open_nursery() as nursery,
            ):
                if self._reloading is not None and self.settings.scenarios.watch:
                    nursery.start_soon(self._reloading.watch)
                for chore in self.outfit.chores:
                    nursery.start_soon(chore)
                nursery.start_soon(self.reception.run, self._router.arrivals)
                nursery.start_soon(self._stop_when_told)
                if self.switch is not None:
                    nursery.start_soon(_heed, self.switch, self.assignment)
                self._stored.stay = stay
                await self._campaign(nursery, stay=stay)
                nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise first_of(group) from None

    def _notes(self) -> Iterator[str]:
        """What to say once at start about the scenarios."""
        yield from notes_on_transfers(self.scenarios, self.operators.rosters, self.lines.slots, self.outfit.speaker)
        yield from notes_on_texts(self.scenarios, self.outfit.speaker)
        yield from notes_on_machines(self.scenarios, self.outfit.judge)
        yield from notes_on_doing(self.scenarios, self.outfit)
        yield from notes_on_prompts(self.scenarios, self.settings)

    async def _campaign(self, beside: trio.Nursery, *, stay: bool) -> None:
        await restore_counts(self.store, self.lines, self.assignment, self.ambient)
        with self._waiting_for_pbx:
            await self._adopted()
            beside.start_soon(keep_clear_of_orphans, self.link, self._client, self.reaper)
        await self.dialer.run()
        if stay:
            await self._stop.wait()
        await self.reception.finish()
        await self._adoption.finish()
        if self._panel is not None:
            await self._panel.flush()
        if self.link.replaced:
            raise AriLost(self.link.why_down)

    @asynccontextmanager
    async def _with_panel(self) -> AsyncIterator[None]:
        if self._panel is None:
            yield
            return
        async with running(self._panel.run):
            yield

    async def _adopted(self) -> None:
        """Settle what an earlier life of ours has left at the PBX, as soon as it is in reach: nobody is dialled before."""
        while True:
            await self.link.wait_up()
            try:
                await self._adoption.settled()
            except AriError as error:
                log.warning("What the PBX holds of an earlier run is not known yet", error=str(error))
                await trio.sleep(ADOPTED_AGAIN)
            else:
                self.lines.open_up()
                return

    async def _settle_found(self, over: Attempt | Received) -> None:
        unit = self._settlement.attempt(over) if isinstance(over, Attempt) else self._settlement.received(over)
        await self.store.write(unit)
        self._settlement.written(over)

    async def _alert(self, text: str) -> None:
        """Tell each of the admins by a short message, if there is a messenger."""
        messenger = self.outfit.messenger
        if messenger is None:
            return
        for admin in self.settings.sms.admins:
            await self._services.errands.carry_out("alert", partial(messenger.send, admin, text))

    @asynccontextmanager
    async def _burying(self) -> AsyncIterator[None]:
        """Whatever ends the block, the reaper gets the time to bury what its calls have left, and callers who come too late;
        and what calls have asked for is carried out.
        """
        try:
            yield
        finally:
            with trio.move_on_after(BURIED_WITHIN, shield=True):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self.reception.turn_away, self._router.arrivals)
                    await self.reaper.drained()
                    await self._services.errands.drained()
                    nursery.cancel_scope.cancel()

    async def _link(self, task_status: trio.TaskStatus[None]) -> None:
        """The event link; in service from the start, whether or not the PBX can be reached."""
        task_status.started()
        await self.link.run()
        # It ends by itself only when another engine serves our application: that one hears of our calls from now on, not we.
        log.error("Another engine has taken our application over: calls are hung up", app=self.settings.ari.app)
        self.stop()
        self.stop()

    async def reload(self) -> Reading:
        """Read the scenario files again; what is new is in force for calls that begin from then on.

        Raises:
            ConfigError: the engine was given no folder of them.
        """
        if self._reloading is None:
            raise ConfigError("the scenarios of this engine come from no folder: there is nothing to read again")
        return await self._reloading.reload()

    def stop(self) -> None:
        """No new calls; those in progress get `drain_seconds`, then they are hung up. A second time hangs up at once."""
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    @property
    def leaked(self) -> Leaked:
        """What the engine itself knows to be left over."""
        kinds = [entry.kind for entry in self.reaper.left]
        return Leaked(
            channels=kinds.count(Kind.CHANNEL),
            bridges=kinds.count(Kind.BRIDGE),
            recordings=kinds.count(Kind.RECORDING),
            slots=sum(self.lines.snapshot().in_use.values()),
        )

    @property
    def max_concurrent(self) -> dict[str, int]:
        """The most slots of each line that were ever held at once."""
        return {load.line.id: load.peak for load in self.lines.snapshot().lines}

    async def _stop_when_told(self) -> None:
        await self._stop.wait()
        log.info("Stopping: no new calls", calls=len(self._live), drain_seconds=self.settings.calls.drain_seconds)
        self._waiting_for_pbx.cancel()
        self.dialer.stop()
        self.reception.stop()
        with trio.move_on_after(self.settings.calls.drain_seconds):
            await self._hurry.wait()
        self._adoption.hang_up()
        await self._live.end()


async def _heed(switch: ScenarioSwitch, assignment: Assignment[Chart]) -> None:
    async for names in switch:
        assignment.set_active(names)
