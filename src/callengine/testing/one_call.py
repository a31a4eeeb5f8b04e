"""One call of a flow test: the real engine on a simulated PBX, in virtual time, with people who follow a script."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import attrs
import trio
from attrs import field, frozen

from callengine.engine import Engine, Outfit
from callengine.fsm import Chart, FlowName, OperatorRosters, RateLimits, compile_flow
from callengine.fsm.acts import Act, Does
from callengine.fsm.cases import EPOCH
from callengine.fsm.scenario import Scenario
from callengine.fsm.steps import ToOperator
from callengine.model import (
    CallResult,
    Contact,
    ContactId,
    Digits,
    Leaked,
    SeededAmbient,
    Store,
)
from callengine.providers import IntentClassifier
from callengine.providers.scripted import LoudnessJudge
from callengine.settings import CallSettings, DialingSettings, KeepSettings, LimitSettings, OperatorSettings, Settings
from callengine.simulator import (
    Log,
    PbxConfig,
    Persona,
    Record,
    SimulatedPbx,
    audit,
    leaked,
    run_virtually,
)
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import SETTLE, SIMULATED_ARI
from callengine.testing.cast import Cast, parts_of
from callengine.testing.director import Director
from callengine.testing.invariants import violated
from callengine.testing.place import CONTACT
from callengine.testing.providers import Clerk, Ears, Mind, Mouth, Post, Web, prompters_of
from callengine.testing.tape import Happening, Tape

LINE = "02191300000"
RESTED = 5
"""Operators besides those with a part, where all are busy for a while: who has just been rung for a queue rests for ten
seconds, and ringing so many takes longer."""
LONGEST_CALL = 1800.0
"""Virtual seconds after which a call that nobody ends is ended."""

_LIMITS = LimitSettings(concurrent=5, per_minute=0, per_day=0)


@frozen
class Leaves:
    """Somebody hangs up at a time of their own.

    Attributes:
        who: the caller, or the operator who was rung last.
        at: seconds after the beginning of the call.
    """

    who: str
    at: float

    def __str__(self) -> str:
        return f"the {self.who} hangs up after {self.at:.2f} s"


@frozen
class Script:
    """One call to play.

    Attributes:
        acts: what happens, in this order.
        fields: what is known of the contact.
        operators: how many there are; None for as many as have a part in the script, and one at least.
        leaves: who hangs up besides, whatever the script says.
        at: when it begins, with the engine's zone.
    """

    scenario: Scenario
    flow: FlowName
    acts: tuple[Act, ...]
    fields: Mapping[str, str] = field(factory=dict)
    operators: int | None = None
    leaves: Leaves | None = None
    at: datetime = EPOCH


@frozen
class Played:
    """What came of it.

    Attributes:
        happenings: everything, in order.
        done: for each act carried out, how many happenings had been by then.
        missed: the act that did not come about.
        results: of the call; more or fewer than one is a fault of the engine.
        faults: sentences, one for each invariant that was violated.
    """

    happenings: tuple[Happening, ...]
    done: tuple[int, ...]
    missed: Act | None
    results: tuple[CallResult, ...]
    faults: tuple[str, ...]


def play_call(script: Script, seed: int = 0) -> Played:
    """Play one call from its beginning to its end, in no time; the same script gives the same call."""
    return run_virtually(seed, partial(_play, script, seed))


@frozen
class _Contacts:
    """Whom we call: one, or nobody."""

    contacts: tuple[Contact, ...]

    async def __aiter__(self) -> AsyncIterator[Contact]:
        for contact in self.contacts:
            yield contact


def _settings(script: Script) -> Settings:
    count = max(1, len(parts_of(script.acts))) if script.operators is None else script.operators
    if any(act.does is Does.OPERATORS_ARE_BUSY for act in script.acts):
        count += RESTED
    operators = tuple(f"0935{number:07}" for number in range(count))
    return Settings(
        ari=SIMULATED_ARI,
        dialing=DialingSettings(trunk="trunk", outbound_numbers=(LINE,)),
        limits=_LIMITS,
        calls=CallSettings(max_seconds=LONGEST_CALL),
        operators=OperatorSettings(mobile_numbers=operators, timeout=20.0),
        keep=KeepSettings(transcripts=True),
    )


def _engine(script: Script, scenario: Scenario, pbx: SimulatedPbx, tape: Tape, store: Store, outfit: Outfit) -> Engine:
    called = (Contact(ContactId("contact"), Digits(CONTACT), CONTACT, script.fields),) if script.flow == "flow" else ()
    return Engine(
        settings=_settings(script),
        scenarios=(scenario,),
        contacts=_Contacts(called),
        store=store,
        opener=pbx.opener,
        ambient=pbx.ambient,
        outfit=outfit,
        timeline=tape,
    )


async def _play(script: Script, seed: int) -> Played:
    scenario = attrs.evolve(script.scenario, operators=OperatorRosters(), conditions=(), rate_limits=RateLimits())
    chart = chart_of(scenario, script.flow)
    tape = Tape(_names_of(scenario.prompts))
    ambient = SeededAmbient(seed, trio.current_time, script.at)
    cast = Cast(script.acts, CONTACT, chart, tape)
    seconds: dict[str, float] = {}
    pbx = SimulatedPbx(ambient, cast, PbxConfig(prompt_seconds=seconds), log=Log(tape.hear))
    prompters = prompters_of(tape)
    director = Director(script.acts, pbx, tape, cast, prompters)
    book = MemoryBook()
    outfit = Outfit(
        ears=Ears(prompters.stt),
        classifier=IntentClassifier(Mind(prompters.llm)),
        speaker=Mouth(prompters.tts, seconds),
        messenger=Post(prompters.sms),
        web=Web(prompters.web),
        judge=LoudnessJudge(),
    )
    async with trio.open_nursery() as world:
        await world.start(pbx.run)
        before = trio.lowlevel.current_statistics().tasks_living
        engine = _engine(script, scenario, pbx, tape, Clerk(prompters.book, MemoryWriter(book)), outfit)
        async with trio.open_nursery() as beside:
            beside.start_soon(_direct, script, pbx, tape, director)
            beside.start_soon(_stop_when_over, engine, tape)
            await engine.run(stay=True)
            beside.cancel_scope.cancel()
        await trio.sleep(SETTLE)
        tasks = trio.lowlevel.current_statistics().tasks_living - before
        world.cancel_scope.cancel()
    outcomes = (*(each.outcome for each in book.attempts()), *(each.outcome for each in book.received()))
    results = tuple(outcome for outcome in outcomes if outcome is not None)
    transfers = [step.id for step in chart.steps.values() if isinstance(step, ToOperator)]
    left = _left(pbx.log, tasks, engine.leaked.slots)
    faults = tuple(violated(tape.happenings, results, left, audit(pbx.log, {}), transfers))
    return Played(tuple(tape.happenings), tuple(director.done), director.missed, results, faults)


def _names_of(prompts: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for name, media in prompts.items():
        names[media] = (*names.get(media, ()), name)
    return names


def chart_of(scenario: Scenario, name: FlowName) -> Chart:
    """The chart of one of a scenario's flows, which must have it."""
    return compile_flow(scenario, next(flow for flow in scenario.flows if flow.name == name))


async def _direct(script: Script, pbx: SimulatedPbx, tape: Tape, director: Director) -> None:
    await pbx.wait_listened_to()
    if script.flow == "inbound_flow":
        pbx.ring_in(Persona(), LINE, CONTACT)
    async with trio.open_nursery() as nursery:
        if script.leaves is not None:
            nursery.start_soon(_leave, script.leaves, pbx, tape)
        await director.run()


async def _leave(leaves: Leaves, pbx: SimulatedPbx, tape: Tape) -> None:
    await tape.grown_past(0)
    await trio.sleep(leaves.at)
    pbx.hang_up(tape.channel(leaves.who))


async def _stop_when_over(engine: Engine, tape: Tape) -> None:
    await tape.over.wait()
    engine.stop()


def _left(log: Sequence[Record], tasks: int, slots: int) -> Leaked:
    left = leaked(log)
    return Leaked(len(left.channels), len(left.bridges), len(left.recordings), tasks, slots)
