"""The composition root: event link, lines, reaper, dialler, nested in that order, so that ending an inner one ends no outer."""

import math
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
import trio
from attrs import define, field

from callengine import logs
from callengine.ari import AriClient, AriTap, Link, Router, Transport
from callengine.calls import Call, Kind, LegState, Outbound, Pbx, Reaper, Services
from callengine.dialer import Assignment, AttemptLife, CallingHours, ContactSource, Dialer
from callengine.engine.charts import transfers
from callengine.engine.orphans import clear_orphans
from callengine.engine.outfit import Outfit
from callengine.engine.placing import Placing, placing_of
from callengine.engine.wiring import ari_config, call_rules, line_pool
from callengine.errors import AriError, AriLost, first_of
from callengine.fsm import Chart
from callengine.lines import LinePool
from callengine.model import Ambient, Attempt, CallId, CallResult, Cause, Leaked, Lease, StreamOpener, Timeline, Writer
from callengine.settings import Settings

BURIED_WITHIN = 10.0
"""Seconds the reaper gets for what is left once every call has ended."""

TURNED_AWAY_AT_ONCE = 4
"""Callers hung up on at a time: as many as the PBX's reserved connections carry."""

ORPHANS_AGAIN = 10.0
"""Seconds until orphans that could not be cleared are tried again."""

CLOSED_WITHIN = 1.0
"""Seconds that closing idle connections may take."""


class Service(Protocol):
    """Something that runs for as long as the engine does."""

    def __call__(self, task_status: trio.TaskStatus[None]) -> Awaitable[None]: ...


log = structlog.get_logger()


@define(eq=False)
class Engine:
    """One PBX, its lines, and a campaign on them.

    Args:
        opener: of connections to the PBX.
        event_opener: of connections to its event socket, where that is at another address.
    """

    settings: Settings
    assignment: Assignment[Chart]
    contacts: ContactSource
    writer: Writer
    opener: StreamOpener
    ambient: Ambient
    outfit: Outfit
    timeline: Timeline
    tap: AriTap | None = None
    event_opener: StreamOpener | None = None
    link: Link = field(init=False)
    lines: LinePool = field(init=False)
    reaper: Reaper = field(init=False)
    dialer: Dialer[Chart] = field(init=False)
    _router: Router = field(init=False)
    _transport: Transport = field(init=False)
    _client: AriClient = field(init=False)
    _services: Services = field(init=False)
    _placing: Placing = field(init=False)
    _hours: CallingHours = field(init=False)
    _live: dict[CallId, Call] = field(factory=dict, init=False)
    _stop: trio.Event = field(factory=trio.Event, init=False)
    _hurry: trio.Event = field(factory=trio.Event, init=False)
    _waiting_for_pbx: trio.CancelScope = field(factory=trio.CancelScope, init=False)

    def __attrs_post_init__(self) -> None:
        config = ari_config(self.settings.ari)
        self._router = Router(tap=self.tap)
        self._transport = Transport(config, self.opener)
        self._client = AriClient(self._transport, config.app, tap=self.tap)
        self._placing = placing_of(self.settings)
        self.link = Link(config, self.event_opener or self.opener, self._client, self._router, self.ambient)
        self.reaper = Reaper(self._client, self._router)
        self.lines = line_pool(self.settings, self.ambient, transfers=transfers(self.assignment))
        self._hours = CallingHours(self.ambient, self.settings.dialing.window_start, self.settings.dialing.window_end)
        self.dialer = Dialer(
            contacts=self.contacts,
            lines=self.lines,
            writer=self.writer,
            assignment=self.assignment,
            place=self._place,
            ambient=self.ambient,
            hours=self._hours,
            ready=self.link.wait_up,
        )
        self._services = Services(
            pbx=Pbx(self._client, self._router, self.reaper, self.ambient, self.link.wait_up),
            lines=self.lines,
            classifier=self.outfit.classifier,
            ears=self.outfit.ears,
            rules=call_rules(self.settings),
        )

    async def run(self, *, stay: bool = False) -> None:
        """Call everybody once, then return; earlier when stopped. A PBX that cannot be reached is waited for.

        Args:
            stay: remain in service when everybody has been called, until stopped.

        Raises:
            AriRefused: the PBX does not know our credentials.
            AriLost: another engine took our application over.
            ConfigError: the contacts cannot be read.
            StoreError: an intent could not be written.
        """
        try:
            async with (
                _closing(self._transport),
                _running(self._link),
                _running(self.lines.run),
                _running(self.reaper.run),
                self._burying(),
                trio.open_nursery() as nursery,
            ):
                for _ in range(TURNED_AWAY_AT_ONCE):
                    nursery.start_soon(self._turn_callers_away)
                nursery.start_soon(self._clear_orphans)
                nursery.start_soon(self._stop_when_told)
                await self._campaign(stay=stay)
                nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise first_of(group) from None

    async def _campaign(self, *, stay: bool) -> None:
        with self._waiting_for_pbx:
            await self.link.wait_up()
        await self.dialer.run()
        if stay:
            await self._stop.wait()
        if self.link.replaced:
            raise AriLost(self.link.why_down)

    @asynccontextmanager
    async def _burying(self) -> AsyncIterator[None]:
        """Whatever ends the block, the reaper gets the time to bury what its calls have left."""
        try:
            yield
        finally:
            with trio.move_on_after(BURIED_WITHIN, shield=True):
                await self.reaper.drained()

    async def _link(self, task_status: trio.TaskStatus[None]) -> None:
        """The event link; in service from the start, whether or not the PBX can be reached."""
        task_status.started()
        await self.link.run()
        # It ends by itself only when another engine serves our application: that one hears of our calls from now on, not we.
        log.error("Another engine has taken our application over: calls are hung up", app=self.settings.ari.app)
        self.stop()
        self.stop()

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
        with trio.move_on_after(self.settings.calls.drain_seconds):
            await self._hurry.wait()
        for call in tuple(self._live.values()):
            call.end(Cause.SHUTDOWN)
            await trio.lowlevel.checkpoint()  # all at once would stall the loop for longer than Asterisk bears with

    async def _cleared(self) -> None:
        """Until a contact may be called: the PBX is there, and it is the hour. An outage may have lasted past it."""
        await self.link.wait_up()
        while self._hours.closed_for:
            await self._hours.wait_open()
            await self.link.wait_up()

    async def _place(self, attempt: Attempt, lease: Lease, chart: Chart, life: AttemptLife) -> CallResult:
        call = Call(
            id=attempt.call,
            chart=chart,
            services=self._services,
            way=Outbound(attempt.contact.number, self._placing.of(attempt, lease.line), self._cleared),
            lease=lease,
            timeline=self.timeline,
            watch=lambda state: _follow(life, state),
        )
        self._live[call.id] = call
        self.timeline.begin(attempt)
        try:
            with logs.context(call_id=call.id, attempt_id=attempt.id):
                result = await call.run()
        finally:
            del self._live[call.id]
        if result.cause is Cause.UNCONFIRMED:
            life.unknown()
        return result

    async def _clear_orphans(self) -> None:
        """Each time the PBX is reached: what an earlier life of ours, or an event we missed, has left there."""
        while not self.link.replaced:
            patience = ORPHANS_AGAIN
            try:
                await self.link.wait_up()
                await clear_orphans(self._client, self.reaper)
                patience = math.inf
            except AriError as error:
                log.warning("orphans are left", error=str(error))
            with trio.move_on_after(patience):
                await self.link.wait_down()

    async def _turn_callers_away(self) -> None:
        """Hang up whoever calls in, and channels of calls that were given up: no flow serves them."""
        async for arrival in self._router.arrivals:
            log.warning("inbound call turned away", caller=arrival.channel.caller.number, channel=arrival.channel.id)
            try:
                await self._client.hangup(arrival.channel.id)
            except AriError as error:
                log.warning("inbound call not hung up", error=str(error))


@asynccontextmanager
async def _running(service: Service) -> AsyncIterator[None]:
    """Run a service for the time of the block, and until whatever cancels the block has unwound it."""
    scope = trio.CancelScope(shield=True)

    async def within(task_status: trio.TaskStatus[None]) -> None:
        with scope:
            await service(task_status)

    async with trio.open_nursery() as nursery:
        with trio.CancelScope(shield=True):  # cancelled while it starts, a shielded service would never end
            await nursery.start(within)
        try:
            yield
        finally:
            scope.cancel()


@asynccontextmanager
async def _closing(transport: Transport) -> AsyncIterator[None]:
    """Leave no connection open."""
    try:
        yield
    finally:
        with trio.move_on_after(CLOSED_WITHIN, shield=True):
            await transport.close_idle()


def _follow(life: AttemptLife, state: LegState) -> None:
    """Tell an attempt what its customer's leg does."""
    match state:
        case LegState.DIALLING:
            life.placed()
        case LegState.RINGING:
            life.ringing()
        case LegState.UP:
            life.answered()
