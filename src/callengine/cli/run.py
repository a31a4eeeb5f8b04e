"""`callengine run`: the engine, on a PBX or on the simulated one."""

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
from callengine.dialer import ContactList, ContactSource, open_contacts
from callengine.engine import Engine, FlowCounter, LoggedTimeline, Timelines, outfit_of
from callengine.errors import CallEngineError, ConfigError, first_of
from callengine.model import Ambient, Report, SystemAmbient, report_of
from callengine.scenarios import ScenarioFolder
from callengine.settings import Settings, load_settings, notes_on, secrets_of
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import play

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
        view = LiveView(console, "Calls") if console.is_terminal else None
        if simulate or not settings.pbx_configured:
            ending = await _on_simulated_pbx(settings, signals, view, strict=strict)
        else:
            ending = await _on_pbx(settings, signals, view, stay=not until_done, strict=strict)
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


async def _on_simulated_pbx(settings: Settings, signals: _Signals, view: LiveView | None, *, strict: bool) -> _Ending:
    """The demo lends what the settings leave open: scenarios, lines, contacts."""
    folder = settings.scenarios.dir
    if folder is None or not folder.is_dir():
        log.info("There is no folder of scenarios: the demo's own are used", folder=str(folder))
        folder = demo.demo_folder()
    scenarios = _scenarios(folder, settings, strict=strict)
    async with _contacts(settings, SystemAmbient()) as source:
        numbers = tuple([contact.number async for contact in source])
    if not numbers and (settings.contacts.file is not None or settings.contacts.static):
        raise ConfigError("there is nobody to call: none of the contacts has a number that can be dialled")
    campaign = await play(
        attrs.evolve(demo.stage(settings, scenarios.scenarios, numbers), folder=scenarios),
        SystemAmbient,
        timeline=_timeline(view),
        over_tcp=True,
        around=partial(_attended, signals=signals, view=view),
    )
    return _Ending(campaign.report, judged=True)


async def _on_pbx(settings: Settings, signals: _Signals, view: LiveView | None, *, stay: bool, strict: bool) -> _Ending:
    ambient, book, counter, began = SystemAmbient(), MemoryBook(), FlowCounter(), time.monotonic()
    folder = _scenarios(settings.scenarios.dir or Path(), settings, strict=strict)
    if settings.contacts.file is None and not settings.contacts.static:
        if not stay or not (settings.operators.inbound or any(scenario.inbound_flow for scenario in folder.scenarios)):
            raise ConfigError(
                "there is nobody to call: give --contacts FILE, or set STATIC_CONTACTS; to serve callers alone,"
                " have a scenario with an inbound_flow, or INBOUND_OPERATORS, and no --until-done"
            )
        log.info("No contacts: only those who call are served")
    async with outfit_of(settings) as outfit, _contacts(settings, ambient) as contacts:
        engine = Engine(
            settings=settings,
            scenarios=folder.scenarios,
            contacts=contacts,
            store=MemoryWriter(book),
            opener=tcp_opener(settings.ari.base_url),
            event_opener=tcp_opener(settings.ari.ws_url),
            folder=folder,
            ambient=ambient,
            outfit=outfit,
            timeline=Timelines((counter, _timeline(view))),
        )
        error = await _ended(engine, signals, view, stay=stay)
    if error is not None and not book.attempts() and not book.received():
        raise error
    seconds = time.monotonic() - began
    figures = report_of(
        book.attempts(),
        book.received(),
        seed=None,
        leaked=engine.leaked,
        violations=(),
        max_concurrent=engine.max_concurrent,
        virtual_seconds=seconds,
        wall_seconds=seconds,
        counts=counter.counts,
        callbacks=len(book.callbacks()),
        opt_outs=len(book.do_not_dial()),
    )
    return _Ending(figures, judged=False, error=error)


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


@asynccontextmanager
async def _contacts(settings: Settings, ambient: Ambient) -> AsyncIterator[ContactSource]:
    """Whom the settings name: those of the file, else those of the list."""
    if settings.contacts.file is None:
        yield ContactList(settings.contacts.static, ambient)
    else:
        async with open_contacts(settings.contacts.file, ambient) as contacts:
            yield contacts


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
