"""`callengine run`: the engine, on a PBX or on the simulated one."""

import gc
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import attrs
import structlog
import trio
from attrs import define, frozen
from cyclopts import Parameter
from rich.console import Console

from callengine import logs
from callengine.ari import tcp_opener
from callengine.cli import demo, summary
from callengine.cli.complaint import complain
from callengine.cli.live import LiveView
from callengine.cli.opened import DEFAULT_STORE, where_of
from callengine.dialer import ContactList, Intake
from callengine.dialer.importing import RefusedRow, import_contacts
from callengine.engine import Engine, FlowCounter, LoggedTimeline, Timelines, outfit_of
from callengine.engine.panel_side import panel_of
from callengine.engine.sound import prompts_at_start
from callengine.engine.wiring import numbering_of
from callengine.errors import CallEngineError, ConfigError, first_of
from callengine.model import Ambient, ContactState, Report, Store, SystemAmbient, asked_for, report_of
from callengine.scenarios import ScenarioFolder
from callengine.settings import Settings, load_settings, notes_on, secrets_of
from callengine.store import MemoryBook, MemoryWriter, free_mib, open_store
from callengine.testing.campaign import play

YOUNG_OBJECTS = 20_000
"""Objects made between two looks of the garbage collector at the young ones; what a call leaves is collected without it."""

Flag = Annotated[bool, Parameter(negative=())]

log = structlog.get_logger()


async def run(
    *,
    config: Path | None = None,
    simulate: Flag = False,
    contacts: Path | None = None,
    until_done: Flag = False,
    report: Path | None = None,
    strict: Flag = False,
) -> int:
    """Call contacts over the configured lines. Without a PBX configured, run the demo campaign on the simulated one.

    SIGHUP: the scenario files are read again. SIGTERM and Ctrl-C: no new calls; those in progress get DRAIN_SECONDS and
    are then hung up. A second one hangs up at once. The exit code is 0 then too, 1 if the engine cannot go on, 2 if a
    setting or a file is wrong.

    Parameters
    ----------
    config
        The configuration file, instead of callengine.toml in the working folder.
    simulate
        Run on the simulated PBX though a real one is configured.
    contacts
        A CSV file of contacts, with a column `phone_number`.
    until_done
        End when everybody has been called, instead of remaining in service.
    report
        Where to write the figures as JSON at the end; `draw --counts` draws those of the flows.
    strict
        Refuse scenario files with warnings too.
    """
    code = 0
    async with trio.open_nursery() as nursery:
        signals = _Signals(nursery.cancel_scope)
        await nursery.start(signals.listen)
        code = await _run(
            signals,
            config=config,
            simulate=simulate,
            contacts=contacts,
            until_done=until_done,
            report=report,
            strict=strict,
        )
        nursery.cancel_scope.cancel()
    return code


@define(eq=False)
class _Signals:
    """What the command is told from its first step to its last.

    Ctrl-C and SIGTERM stop the engine, or the start before there is one. SIGHUP has the engine read its scenarios again;
    before there is one they are yet to be read.
    """

    start: trio.CancelScope
    engine: Engine | None = None

    async def listen(self, task_status: trio.TaskStatus[None]) -> None:
        """Heed signals until cancelled."""
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
            async with trio.open_nursery() as reloads:
                task_status.started()
                async for sign in signals:
                    if sign == signal.SIGHUP:
                        reloads.start_soon(self._reload)
                    elif self.engine is None:
                        self.start.cancel()
                    else:
                        self.engine.stop()

    async def _reload(self) -> None:
        if self.engine is None:
            return
        try:
            await self.engine.reload()
        except ConfigError as error:
            log.warning("The scenarios are not read again", reason=str(error))


async def _run(
    signals: _Signals,
    *,
    config: Path | None,
    simulate: bool,
    contacts: Path | None,
    until_done: bool,
    report: Path | None,
    strict: bool,
) -> int:
    console = Console(stderr=True)
    try:
        if report is not None:
            summary.reserve(report)
        settings = load_settings(config=config, overrides={"contacts.file": contacts})
        logs.configure(settings.logs, secrets_of(settings))
        for note in notes_on(settings):
            log.info(note)
        view = LiveView(console, _title(settings)) if console.is_terminal else None
        simulated = simulate or not settings.pbx_configured
        async with _store(settings, simulated=simulated) as store:
            on = _on_simulated_pbx if simulated else _on_pbx
            ending = await on(settings, store, signals, view, stay=not until_done, strict=strict)
        summary.show(ending.figures, Console(), judged=ending.judged)
        if report is not None:
            summary.write(ending.figures, report)
        if ending.error is not None:
            raise ending.error
    except CallEngineError as error:
        complain(str(error))
        return 2 if isinstance(error, ConfigError) else 1
    return 0


@frozen
class _Ending:
    """How a campaign ended.

    Attributes:
        judged: whether a PBX's log was there to judge it by.
        error: why the engine could not go on, if calls had been made by then: what came of them is told all the same.
    """

    figures: Report
    judged: bool
    error: CallEngineError | None = None


@asynccontextmanager
async def _store(settings: Settings, *, simulated: bool) -> AsyncIterator[Store]:
    """The store of these settings, for us alone; the bare demo keeps everything in memory.

    Raises:
        ConfigError: it cannot be used: by another engine, or for calls of the other kind.
        StoreError: it cannot be read or written.
    """
    if simulated and _is_bare_demo(settings):
        log.info("No contacts, no panel, no STORE_URL: the demo's calls are kept in memory alone")
        yield MemoryWriter(MemoryBook())
        return
    url = where_of(settings, simulated=simulated)
    async with open_store(url, SystemAmbient(), exclusive=True) as store:
        await store.stamp(simulated=simulated)
        yield store


def _is_bare_demo(settings: Settings) -> bool:
    named = settings.contacts.static or settings.contacts.file or settings.panel_configured or settings.store.url
    return not named and not DEFAULT_STORE.exists()


async def _on_simulated_pbx(
    settings: Settings, store: Store, signals: _Signals, view: LiveView | None, *, stay: bool, strict: bool
) -> _Ending:
    """The demo lends what the settings leave open: scenarios, lines, contacts."""
    folder = settings.scenarios.dir
    if folder is None or not folder.is_dir():
        log.info("There is no folder of scenarios: the demo's own are used", folder=str(folder))
        folder = demo.demo_folder()
    scenarios = _scenarios(folder, settings, strict=strict)
    demo_alone = isinstance(store, MemoryWriter)
    if not demo_alone:
        await _take_in(settings, store, SystemAmbient(), stay=stay, callers_alone=True)
    async with panel_of(settings) as panel:
        campaign = await play(
            attrs.evolve(demo.stage(settings, scenarios.scenarios, ()), folder=scenarios),
            SystemAmbient,
            timeline=_timeline(view),
            over_tcp=True,
            around=partial(_attended, signals=signals, view=view),
            store=None if demo_alone else store,
            panel=panel,
            stay=stay and panel is not None,
        )
    return _Ending(campaign.report, judged=True)


async def _on_pbx(
    settings: Settings, store: Store, signals: _Signals, view: LiveView | None, *, stay: bool, strict: bool
) -> _Ending:
    spare_pauses()
    ambient, counter, began = SystemAmbient(), FlowCounter(), time.monotonic()
    folder = _scenarios(settings.scenarios.dir or Path(), settings, strict=strict)
    serves_callers = bool(settings.operators.inbound) or any(scenario.inbound_flow for scenario in folder.scenarios)
    await _take_in(settings, store, ambient, stay=stay, callers_alone=stay and serves_callers)
    before = await store.read(asked_for)
    async with outfit_of(settings) as outfit, panel_of(settings) as panel:
        await prompts_at_start(settings, outfit.shelf)
        engine = Engine(
            settings=settings,
            scenarios=folder.scenarios,
            contacts=None,
            store=store,
            opener=tcp_opener(settings.ari.base_url),
            event_opener=tcp_opener(settings.ari.ws_url),
            folder=folder,
            ambient=ambient,
            outfit=attrs.evolve(outfit, free_disk=partial(_free, where_of(settings))),
            timeline=Timelines((counter, _timeline(view))),
            panel=panel,
        )
        error = await _ended(engine, signals, view, stay=stay)
    if error is not None and not engine.outcomes.attempts and not engine.outcomes.inbound:
        raise error
    seconds = time.monotonic() - began
    asked = await store.read(asked_for)
    figures = report_of(
        engine.outcomes,
        seed=None,
        leaked=engine.leaked,
        violations=(),
        max_concurrent=engine.max_concurrent,
        virtual_seconds=seconds,
        wall_seconds=seconds,
        counts=counter.counts,
        asked=asked.since(before),
        test_mode=settings.test_mode.on,
    )
    return _Ending(figures, judged=False, error=error)


async def _take_in(settings: Settings, store: Store, ambient: Ambient, *, stay: bool, callers_alone: bool) -> None:
    """Put the contacts that the settings name onto the list.

    Raises:
        ConfigError: the file cannot be read, or there is nobody to call and nobody else to serve.
    """
    campaign = settings.contacts.campaign
    named = settings.contacts.file is not None or bool(settings.contacts.static)
    if named:
        repeated = await _list(settings, store, ambient)
        if repeated:
            log.info("Contacts that are in the campaign already are not called again", campaign=campaign, contacts=repeated)
    counts = await store.read(lambda book: book.contacts.counts())
    if counts.get(ContactState.PENDING) or counts.get(ContactState.DIALLING) or settings.panel_configured:
        return
    if counts.get(ContactState.DONE):
        log.info("Everybody in the campaign has been called; name another by CAMPAIGN to call them again", campaign=campaign)
        return
    if named:
        raise ConfigError("there is nobody to call: none of the contacts has a number that can be dialled")
    if not callers_alone:
        raise ConfigError(
            "there is nobody to call: give --contacts FILE, or set STATIC_CONTACTS, or PANEL_BASE_URL, or import a list; to"
            " serve callers alone, have a scenario with an inbound_flow, or INBOUND_OPERATORS, and no --until-done"
        )
    if stay:
        log.info("No contacts: only those who call are served")


def spare_pauses() -> None:
    """Have the garbage collector leave alone what is there already: modules and charts, which last as long as the process.

    Looking at them stalls every call for 100 to 200 ms, again and again (`docs/performance.md`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)


async def _ended(engine: Engine, signals: _Signals, view: LiveView | None, *, stay: bool) -> CallEngineError | None:
    """Run the engine to its end, and give back why it could not go on, if so."""
    try:
        async with _attended(engine, signals, view):
            await engine.run(stay=stay)
    except CallEngineError as error:
        return error
    return None


def _scenarios(path: Path, settings: Settings, *, strict: bool) -> ScenarioFolder:
    folder = ScenarioFolder(path, company=settings.company, strict=strict)
    try:
        folder.load()
    except ConfigError as error:
        raise ConfigError(f"SCENARIOS_DIR: {error}") from error
    return folder


async def _list(settings: Settings, store: Store, ambient: Ambient) -> int:
    """Write down the contacts of the file, else of the list; returns how many were in the campaign already."""
    intake = Intake(ambient, numbering_of(settings), settings.contacts.campaign, zone=settings.limits.zone)
    if settings.contacts.file is not None:
        file = settings.contacts.file
        done = await import_contacts(file, store, intake, partial(_refuse, file), lambda _: None)
        counts = {"accepted": done.accepted, "refused": done.refused, "repeated": done.repeated}
        log.info("Contacts read", source=str(file), **counts)
        return done.repeated
    contacts = tuple([contact async for contact in ContactList(settings.contacts.static, ambient, intake=intake)])
    return len((await store.write(lambda book: book.contacts.add(contacts))).repeated)


def _refuse(file: Path, row: RefusedRow) -> None:
    log.warning(f"{file}:{row.line}: {row.reason}")


async def _free(url: str) -> int | None:
    return await trio.to_thread.run_sync(free_mib, url)


def _title(settings: Settings) -> str:
    redirected = settings.test_mode.redirect_number
    return f"Calls in test mode: all to {redirected}" if settings.test_mode.on else "Calls"


def _timeline(view: LiveView | None) -> Timelines:
    return Timelines((LoggedTimeline(),) if view is None else (LoggedTimeline(), view))


@asynccontextmanager
async def _attended(engine: Engine, signals: _Signals, view: LiveView | None) -> AsyncIterator[None]:
    """Signals go to the engine from now on; on a terminal, the live view is shown for as long as it runs."""
    signals.engine = engine
    if view is None:
        yield
        return
    try:
        async with view.shown():
            # From now on through the view's own standard error, or a line of the log would tear the table.
            logs.configure(engine.settings.logs, secrets_of(engine.settings), stream_level="WARNING")
            yield
    except BaseExceptionGroup as group:
        raise first_of(group) from None
