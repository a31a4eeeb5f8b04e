"""An engine that is killed at any moment, and the next one on the same store and the same PBX."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TypeVar

import attrs
import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.dialer import ContactList
from callengine.engine import Engine, Outfit, Timelines
from callengine.errors import StoreError
from callengine.fsm import Scenario, load
from callengine.model import Book, ContactState, LineLimits, SeededAmbient, Store
from callengine.providers import IntentClassifier
from callengine.providers.scripted import HeardInRecording
from callengine.settings import LimitSettings, OperatorSettings, line_specs
from callengine.simulator import HangUp, Kind, Moment, PbxConfig, People, Persona, SimulatedPbx, audit, run_virtually
from callengine.store import MemoryBook, MemoryWriter
from callengine.testing.campaign import numbers, simulation_settings

T = TypeVar("T")

OPERATORS = ("09350000001", "09350000002", "09350000003")
LIMITS = LimitSettings(concurrent=2, per_minute=0, per_day=0, per_second=1)
SETTINGS = attrs.evolve(
    simulation_settings(lines=2, limits=LIMITS), operators=OperatorSettings(mobile_numbers=OPERATORS), company="campaign"
)
LINES = SETTINGS.dialing.outbound_numbers
CALLS = 12
TALKS_FOR = 40.0


def _scenario() -> Scenario:
    steps = (
        "[{step: start, type: entry, next: connect},"
        " {step: connect, type: transfer_to_operator, agent_type: outbound, on_success: connected, on_failure: end},"
        " {step: connected, type: set_result, result: connected_to_operator, next: talk},"
        " {step: talk, type: wait}, {step: end, type: hangup}]"
    )
    loading = load(f"scenario: {{name: offer, flow: {steps}}}".encode(), "offer.yaml")
    assert loading.scenario is not None, loading.findings
    return loading.scenario


PEOPLE = People(
    dict.fromkeys(OPERATORS, Persona(answers_after=2.0, hangs_up=HangUp(Moment.BRIDGE, seconds=TALKS_FOR))),
    otherwise=Persona(answers_after=3.0),
)


@define(eq=False)
class Life:
    """What an engine has of the world, until it is killed: then its connections are closed, and nothing it does counts."""

    pbx: SimulatedPbx
    book: MemoryBook
    killed: bool = False
    _streams: list[trio.abc.Stream] = field(factory=list, init=False)
    _scope: trio.CancelScope = field(factory=trio.CancelScope, init=False)

    @property
    def shared(self) -> bool:
        return False

    async def opener(self) -> trio.abc.Stream:
        if self.killed:
            raise ConnectionRefusedError("this engine is dead")
        self._streams.append(await self.pbx.opener())
        return self._streams[-1]

    async def write(self, unit: Callable[[Book], T]) -> T:
        return await self._inked(unit)

    async def read(self, unit: Callable[[Book], T]) -> T:
        return await self._inked(unit)

    async def _inked(self, unit: Callable[[Book], T]) -> T:
        if self.killed:
            raise StoreError("this engine is dead")
        return await MemoryWriter(self.book).write(unit)

    async def run(self) -> None:
        store: Store = self
        engine = Engine(
            settings=SETTINGS,
            scenarios=(_scenario(),),
            contacts=None,
            store=store,
            opener=self.opener,
            ambient=self.pbx.ambient,
            outfit=Outfit(ears=HeardInRecording(), classifier=IntentClassifier()),
            timeline=Timelines(()),
        )
        with self._scope:
            await engine.run()

    async def kill(self) -> None:
        """Like SIGKILL: no request, no commit after this."""
        self.killed = True
        for stream in self._streams:
            await trio.aclose_forcefully(stream)
        self._scope.cancel()


async def _world(nursery: trio.Nursery, seed: int) -> tuple[SimulatedPbx, MemoryBook]:
    ambient = SeededAmbient(seed, trio.current_time)
    pbx = SimulatedPbx(ambient, PEOPLE, PbxConfig(inbound_patience=600.0))
    await nursery.start(pbx.run)
    book = MemoryBook()
    contacts = [contact async for contact in ContactList(numbers(CALLS), ambient)]
    campaign = SETTINGS.contacts.campaign
    book.apply(lambda page: page.contacts.add(attrs.evolve(each, campaign=campaign) for each in contacts))
    return pbx, book


def judge(pbx: SimulatedPbx, book: MemoryBook) -> None:
    """I1 to I6 of whoever was called, whatever died meanwhile."""
    limits: dict[str, LineLimits] = {spec.id: spec.limits for spec in line_specs(SETTINGS)}
    assert not audit(pbx.log, limits, overall_per_second=SETTINGS.limits.overall_per_second, longest_alone=1000.0)
    asked = [
        record.detail["endpoint"].removeprefix("PJSIP/").partition("@")[0]
        for record in pbx.log
        if record.kind is Kind.ORIGINATE
    ]
    called = Counter(number for number in asked if number not in OPERATORS)
    assert max(called.values()) == 1, called
    counts = book.apply(lambda page: page.contacts.counts(SETTINGS.contacts.campaign))
    assert counts == {ContactState.DONE: CALLS}
    assert book.apply(lambda page: page.attempts.unfinished()) == ()
    assert book.apply(lambda page: page.calls.unfinished()) == ()


@pytest.mark.parametrize("seed", range(8))
def test_killed_at_any_moments_it_calls_everybody_once_and_leaves_nothing(seed: int) -> None:
    run_virtually(seed, campaign, seed)


async def campaign(seed: int) -> None:
    """Three lives that are killed, and one that is not."""
    rng = Random(seed)
    async with trio.open_nursery() as world:
        pbx, book = await _world(world, seed)
        for _ in range(3):
            life = Life(pbx, book)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(life.run)
                await trio.sleep(rng.uniform(0.0, 30.0))
                for _ in range(rng.randrange(3)):
                    if not life.killed and any(record.kind is Kind.APP_UP for record in pbx.log):
                        try:
                            pbx.ring_in(Persona(hangs_up=HangUp(Moment.BRIDGE, seconds=30.0)), rng.choice(LINES), "09130000001")
                        except ConnectionRefusedError:
                            break
                await trio.sleep(rng.uniform(0.0, 8.0))
                await life.kill()
            await trio.sleep(rng.uniform(0.0, 5.0))
        await Life(pbx, book).run()
        await trio.sleep(1)
        judge(pbx, book)
        world.cancel_scope.cancel()


async def test_talks_that_go_on_are_counted_from_their_beginning(autojump_clock: MockClock) -> None:
    """Both talk for 40 s, half of it while no engine is there."""
    async with trio.open_nursery() as world:
        pbx, book = await _world(world, 1)
        life = Life(pbx, book)
        world.start_soon(life.run)
        await trio.sleep(20)
        await life.kill()
        bridged = {record.detail["channel"] for record in pbx.log if record.kind is Kind.BRIDGE_ENTERED}
        adopted = [attempt for attempt in book.attempts() if attempt.channel in bridged and attempt.outcome is None]
        await trio.sleep(15)
        await Life(pbx, book).run()
        outcomes = [found.outcome for each in adopted if (found := book.attempt(each.id)) is not None]
        assert outcomes
        assert [outcome and outcome.talked for outcome in outcomes] == [pytest.approx(TALKS_FOR, abs=1)] * len(outcomes)
        assert all(outcome and outcome.seconds >= outcome.talked for outcome in outcomes)
        world.cancel_scope.cancel()
