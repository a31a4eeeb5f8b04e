"""A whole campaign on the simulated PBX: in virtual time from one seed, or in real time for people who look on."""

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import date, timedelta
from functools import partial
from random import Random

import attrs
import trio
from attrs import field, frozen

from callengine.ari import tcp_opener
from callengine.dialer import ContactList
from callengine.engine import Engine, FlowCounter, Outfit, Timelines
from callengine.engine.rosters import rosters_of
from callengine.fsm import Scenario
from callengine.model import (
    Ambient,
    Leaked,
    LineLimits,
    Report,
    SeededAmbient,
    Store,
    StreamOpener,
    Timeline,
    asked_for,
    report_of,
)
from callengine.panel import PanelClient
from callengine.providers import IntentClassifier
from callengine.providers.scripted import HeardInRecording, LoudnessJudge, ScriptedMessenger, ScriptedSpeaker, ScriptedWeb
from callengine.scenarios import ScenarioFolder
from callengine.settings import (
    AriSettings,
    CallSettings,
    DialingSettings,
    LimitSettings,
    OperatorSettings,
    RosterEntry,
    Secret,
    Settings,
    line_specs,
    operator_target,
)
from callengine.simulator import (
    Directory,
    PbxConfig,
    People,
    Record,
    SimulatedPbx,
    Violation,
    audit,
    leaked,
    max_concurrent,
    random_operators,
    random_people,
    run_virtually,
)
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.answers import fitting_answer, request_steps
from callengine.testing.callers import Caller, random_callers, ring_in
from callengine.testing.expected import keys_of, phrases_of, random_fields

SETTLE = 1.0
"""Seconds for the PBX to see that the engine's connections are closed."""

OPERATORS = tuple(f"0935000000{number}" for number in range(1, 6))
"""At least one of them can be reached; others are busy, decline or let it ring."""

CALLS_FOR_EACH_CALLER = 5
"""So many people are called for each who calls us."""

SECONDS_A_CALL = 25.0
"""How long a call to a random person holds a slot, rather less than more: callers call while others are being called."""

SIMULATED_ARI = AriSettings(base_url="http://pbx.invalid/ari", username="callengine", password=Secret("callengine"))
"""How the engine reaches a simulated PBX in memory."""


@frozen
class Campaign:
    """What a simulated campaign came to.

    Attributes:
        log: the PBX's own, from which the report's judgement comes.
    """

    report: Report
    log: tuple[Record, ...]

    @property
    def trace(self) -> str:
        """A hash of the PBX's log: the same for the same seed."""
        return hashlib.sha256("\n".join(map(str, self.log)).encode()).hexdigest()


@frozen
class Stage:
    """Where a simulated campaign plays.

    Attributes:
        settings: of the engine; its ARI credentials are the PBX's.
        contacts: numbers, as a list holds them.
        callers: who calls us meanwhile; whose time comes after the end of the engine does not.
        folder: that the scenarios were loaded from, where they may change meanwhile.
        fields: what is known of contacts besides their numbers, by number.
    """

    settings: Settings
    scenarios: tuple[Scenario, ...]
    contacts: tuple[str, ...]
    people: Directory
    pbx: PbxConfig = field(factory=PbxConfig)
    callers: tuple[Caller, ...] = ()
    folder: ScenarioFolder | None = None
    fields: Mapping[str, Mapping[str, str]] = field(factory=dict)


def simulation_settings(*, lines: int = 4, limits: LimitSettings | None = None) -> Settings:
    """Settings for a campaign in virtual time: a few lines, tight enough that every limit is met."""
    return Settings(
        ari=SIMULATED_ARI,
        dialing=DialingSettings(trunk="trunk", outbound_numbers=tuple(f"02191302{number:03}" for number in range(lines))),
        limits=limits or LimitSettings(concurrent=3, per_minute=30, per_day=0, per_second=1, overall_per_second=3),
        calls=CallSettings(max_seconds=600.0),
        operators=OperatorSettings(mobile_numbers=OPERATORS, timeout=20.0),
    )


def numbers(count: int) -> tuple[str, ...]:
    """Made-up telephone numbers, each once."""
    return tuple(f"0912{number:07}" for number in range(count))


def simulate(
    scenarios: tuple[Scenario, ...],
    *,
    calls: int,
    seed: int,
    settings: Settings | None = None,
    timeline: Timeline | None = None,
) -> Campaign:
    """Call random people, hangups at any moment included, in virtual time; some random people call us meanwhile.

    The same arguments give the same campaign, event for event.
    """
    settings = _staffed(settings or simulation_settings(), scenarios)
    stage = _random_stage(Random(seed), settings, scenarios, calls)
    ambients = partial(SeededAmbient, seed, trio.current_time)
    return run_virtually(seed, partial(play, stage, ambients, seed=seed, timeline=timeline))


def _staffed(settings: Settings, scenarios: tuple[Scenario, ...]) -> Settings:
    """With an operator for each name in the scenarios' own rosters: whom they mean stands in somebody's settings."""
    known = {entry.name for entry in (*settings.operators.inbound, *settings.operators.outbound)}
    words = (word for each in scenarios for word in (*each.operators.inbound, *each.operators.outbound))
    names = dict.fromkeys(word for word in words if word not in known and not _is_telephone(word))
    staff = tuple(RosterEntry(name, f"0936{place:07}") for place, name in enumerate(names))
    return attrs.evolve(settings, operators=attrs.evolve(settings.operators, inbound=(*settings.operators.inbound, *staff)))


def _is_telephone(word: str) -> bool:
    try:
        operator_target(word)
    except ValueError:
        return False
    return True


def telephones(settings: Settings, scenarios: tuple[Scenario, ...]) -> tuple[str, ...]:
    """What the PBX dials to reach each of the operators."""
    operators = rosters_of(settings, scenarios).everybody
    return tuple(operator.endpoint.partition("/")[2].partition("@")[0] for operator in operators)


def _random_stage(rng: Random, settings: Settings, scenarios: tuple[Scenario, ...], calls: int) -> Stage:
    contacts, phrases, keys, lines = numbers(calls), phrases_of(scenarios), keys_of(scenarios), line_specs(settings)
    called = random_people(rng, contacts, phrases, keys)
    operators = random_operators(rng, telephones(settings, scenarios))
    callers = random_callers(
        rng,
        calls // CALLS_FOR_EACH_CALLER,
        within=calls * SECONDS_A_CALL / max(1, sum(line.limits.concurrent for line in lines)),
        lines=[line.id for line in lines],
        phrases=phrases,
        keys=keys,
    )
    people = People({**called.by_number, **operators.by_number})
    fields = random_fields(rng, contacts, scenarios)
    return Stage(settings, scenarios, contacts, people, callers=callers, fields=fields)


Around = Callable[[Engine], AbstractAsyncContextManager[None]]
"""What goes on around an engine's run: signals, a live view."""


async def play(
    stage: Stage,
    ambients: Callable[[], Ambient],
    *,
    seed: int | None = None,
    timeline: Timeline | None = None,
    over_tcp: bool = False,
    store: Store | None = None,
    panel: PanelClient | None = None,
    stay: bool = False,
    around: Around = lambda engine: nullcontext(),  # noqa: ARG005 - most need nothing of it
) -> Campaign:
    """Play a campaign on the clock of whoever calls, and judge it by the PBX's own log.

    Tasks and slots, which the PBX cannot see, are counted by Trio and by the engine.

    Args:
        ambients: makes the ambient, once the clock runs.
        seed: for the report.
        over_tcp: through a port of the loopback interface, as a PBX is reached in earnest; otherwise in memory.
        store: whose contacts are called instead of the stage's; without one everything is kept in memory.
        panel: that contacts come from and results go to, if there is one.
        stay: remain in service when everybody has been called.
    """
    ambient = ambients()
    pbx = SimulatedPbx(ambient, stage.people, stage.pbx)
    began, began_at, wall = trio.current_time(), ambient.wall(), time.perf_counter()
    async with trio.open_nursery() as world:
        await world.start(pbx.run)
        settings, opener = await _reached(pbx, world, stage.settings) if over_tcp else (stage.settings, pbx.opener)
        before = trio.lowlevel.current_statistics().tasks_living
        kept, counter = store or MemoryWriter(MemoryBook()), FlowCounter()
        at_first = await kept.read(asked_for)
        engine = Engine(
            settings=settings,
            scenarios=stage.scenarios,
            contacts=None if store is not None else ContactList(stage.contacts, ambient, "campaign", stage.fields),
            store=kept,
            opener=opener,
            ambient=ambient,
            outfit=Outfit(
                ears=HeardInRecording(),
                classifier=IntentClassifier(),
                judge=LoudnessJudge(),
                speaker=ScriptedSpeaker(),
                messenger=ScriptedMessenger(),
                web=ScriptedWeb(partial(fitting_answer, request_steps(stage.scenarios))),
            ),
            timeline=Timelines((counter,) if timeline is None else (counter, timeline)),
            folder=stage.folder,
            panel=panel,
        )
        calling_us = await world.start(ring_in, pbx, stage.callers)
        async with around(engine):
            await engine.run(stay=stay)
        calling_us.cancel()
        asked = await kept.read(asked_for)
        ended = trio.current_time()
        await trio.sleep(SETTLE)
        tasks = trio.lowlevel.current_statistics().tasks_living - before
        world.cancel_scope.cancel()
    log = tuple(pbx.log)
    lines = {line.id for line in line_specs(stage.settings)}
    report = report_of(
        engine.outcomes,
        seed=seed,
        leaked=_leaked(log, tasks, engine.leaked.slots),
        violations=map(str, _violations(log, stage.settings, lambda at: (began_at + timedelta(seconds=at - began)).date())),
        max_concurrent={number: most for number, most in max_concurrent(log).items() if number in lines},
        virtual_seconds=ended - began,
        wall_seconds=time.perf_counter() - wall,
        counts=counter.counts,
        asked=asked.since(at_first),
        test_mode=settings.test_mode.on,
    )
    return Campaign(report, log)


async def _reached(pbx: SimulatedPbx, world: trio.Nursery, settings: Settings) -> tuple[Settings, StreamOpener]:
    """Serve the PBX on a port of the loopback interface; settings and opener that lead there."""
    host, port = await world.start(pbx.serve_tcp, "127.0.0.1", 0)
    ari = attrs.evolve(settings.ari, base_url=f"http://{host}:{port}/ari", ws_url="")
    return attrs.evolve(settings, ari=ari), tcp_opener(ari.base_url)


def _leaked(log: tuple[Record, ...], tasks: int, slots: int) -> Leaked:
    """What the PBX's log shows as left over; tasks and slots are nothing the PBX can see."""
    left = leaked(log)
    return Leaked(len(left.channels), len(left.bridges), len(left.recordings), tasks, slots)


def _violations(log: tuple[Record, ...], settings: Settings, day_of: Callable[[float], date]) -> tuple[Violation, ...]:
    limits: dict[str, LineLimits] = {spec.id: spec.limits for spec in line_specs(settings)}
    return audit(log, limits, overall_per_second=settings.limits.overall_per_second, day_of=day_of)
