"""Contacts of different fields and scenarios with rate limits and conditions: who is called when."""

from collections import Counter
from collections.abc import Sequence

import pytest
import trio
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from callengine.dialer import Assignment, AttemptLife, ContactSource, Dialer, ReadyScenario
from callengine.dialer.hopper import MOST_ASIDE
from callengine.fsm import Condition, RateLimits
from callengine.lines import LinePool
from callengine.model import (
    Attempt,
    AttemptState,
    CallResult,
    Cause,
    ChartId,
    Contact,
    ContactId,
    Lease,
    LineId,
    LineLimits,
    LineSpec,
    Result,
    SeededAmbient,
    digits_of,
)
from callengine.store import MemoryBook, MemoryWriter
from tests.dialer.test_assignment import Flow, scenario

ANSWERS_WITHIN = 0.1
TALKS = 5.0


def person(place: int, **fields: str) -> Contact:
    number = f"0912{place:07}"
    return Contact(ContactId(number), digits_of(number), number, fields)


def in_city(city: str) -> Condition:
    return Condition(field="city", equals=city)


@define
class Slowly:
    """A source that gives one contact each `pause` seconds; cancelled while it waits, it loses nobody."""

    people: list[Contact]
    pause: float = 0.0

    def __aiter__(self) -> "Slowly":
        return self

    async def __anext__(self) -> Contact:
        await trio.sleep(self.pause)
        if not self.people:
            raise StopAsyncIteration
        return self.people.pop(0)


@define
class World:
    """A dialler, and a PBX that notes who was dialled when with which scenario."""

    assignment: Assignment[Flow]
    pool: LinePool
    book: MemoryBook
    dialer: Dialer[Flow]
    dialled: list[tuple[float, str, str]] = field(factory=list)

    def times_of(self, name: str) -> list[float]:
        return [at for at, _, scenario in self.dialled if scenario == name]

    def number_of(self, place: int) -> float:
        """When this person was dialled."""
        [at] = [at for at, number, _ in self.dialled if number == person(place).number]
        return at

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(self.pool.run)
            await self.dialer.run()
            nursery.cancel_scope.cancel()


def world(contacts: ContactSource, scenarios: Sequence[ReadyScenario[Flow]], slots: int = 50) -> World:
    ambient = SeededAmbient(1, trio.current_time)
    limits = LineLimits(concurrent=slots, per_minute=0, per_day=0, per_second=0)
    pool = LinePool([LineSpec(LineId("1001"), "1001", limits)], ambient)
    assignment, book = Assignment(scenarios, ambient), MemoryBook()

    async def place(attempt: Attempt, lease: Lease, chart: Flow, life: AttemptLife) -> CallResult:
        try:
            await lease.turn()
            life.placed()
            here.dialled.append((trio.current_time(), attempt.contact.number, attempt.scenario))
            await trio.sleep(ANSWERS_WITHIN)
            lease.placed()
            await trio.sleep(TALKS)
            return CallResult(Result("hangup"), Cause.CUSTOMER_GONE, answered=True)
        finally:
            lease.release()

    dialer = Dialer(
        contacts=contacts,
        lines=pool,
        writer=MemoryWriter(book),
        assignment=assignment,
        place=place,
        ambient=ambient,
    )
    here = World(assignment, pool, book, dialer)
    return here


async def test_one_who_waits_for_a_rate_limit_lets_others_go_first(autojump_clock: MockClock) -> None:
    """Three from Qom may be called one a minute; those from Sari behind them do not wait."""
    people = [person(place, city="Qom") for place in range(3)] + [person(place, city="Sari") for place in range(3, 9)]
    here = world(Slowly(people), [scenario("qom", in_city("Qom"), per_minute=1), scenario("sari", in_city("Sari"))])
    await here.run()
    assert [here.number_of(place) for place in range(3)] == pytest.approx([0, 60.1, 120.2], abs=0.01)
    assert max(here.times_of("sari")) < 1


async def test_one_set_aside_is_called_while_the_source_is_waited_for(autojump_clock: MockClock) -> None:
    here = world(Slowly([person(place) for place in range(3)], pause=100.0), [scenario("a", per_day=1)])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.run)
        await trio.sleep(250)
        here.assignment.load([scenario("a")])
        await trio.sleep(1)
        assert len(here.dialled) == 2, "the third is still to come from the source"
    assert [number for _, number, _ in here.dialled] == [person(place).number for place in range(3)]


async def test_one_whom_no_scenario_fits_is_written_down_and_never_dialled(autojump_clock: MockClock) -> None:
    here = world(Slowly([person(0), person(1, city="Qom"), person(2, city="Sari")]), [scenario("qom", in_city("Qom"))])
    await here.run()
    assert [number for _, number, _ in here.dialled] == [person(1).number]
    declined = here.book.attempts(AttemptState.NEVER_PLACED)
    assert [attempt.contact for attempt in declined] == [person(0), person(2, city="Sari")]
    assert {attempt.outcome.result for attempt in declined if attempt.outcome} == {"failed:no_scenario"}


async def test_one_set_aside_is_declined_once_nothing_fits_any_more(autojump_clock: MockClock) -> None:
    here = world(Slowly([person(0), person(1)]), [scenario("all", per_day=1), scenario("qom", in_city("Qom"))])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.run)
        await trio.sleep(20)
        here.assignment.set_active(["qom"])
    assert trio.current_time() < 30
    assert [attempt.contact for attempt in here.book.attempts(AttemptState.NEVER_PLACED)] == [person(1)]


async def test_so_many_wait_and_no_more_and_nobody_is_lost(autojump_clock: MockClock) -> None:
    people = [person(place) for place in range(MOST_ASIDE + 5)]
    source = Slowly(list(people))
    here = world(source, [scenario("a", per_day=1)])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.run)
        await trio.sleep(60)
        assert len(here.dialer.waiting) == MOST_ASIDE
        here.dialer.stop()
    assert [*here.dialer.waiting, *source.people] == people[1:]
    assert here.pool.snapshot().lines[0].in_use == 0


async def test_a_withdrawn_call_makes_room(autojump_clock: MockClock) -> None:
    """A number that must not be dialled does not use up the limit."""
    here = world(Slowly([person(0), person(1)]), [scenario("a", per_day=1)])
    here.book.block(person(0).number)
    with trio.fail_after(60):
        await here.run()
    assert [number for _, number, _ in here.dialled] == [person(1).number]


limits = st.builds(
    RateLimits, max_calls_per_minute=st.none() | st.integers(1, 4), max_calls_per_day=st.none() | st.integers(2, 9)
)
cities = st.sampled_from(["Qom", "Sari", "Rasht"])


@settings(max_examples=40)
@given(
    st.lists(st.tuples(limits, st.none() | cities), min_size=1, max_size=4),
    st.lists(cities, max_size=25),
    st.integers(1, 8),
    st.sampled_from([0.0, 1.0, 40.0]),
)
def test_no_limit_is_exceeded_and_everybody_is_served(
    rules: list[tuple[RateLimits, str | None]], homes: list[str], slots: int, pause: float
) -> None:
    scenarios = [
        ReadyScenario(str(name), Flow(ChartId(str(name))), conditions=(in_city(city),) if city else (), rate_limits=rates)
        for name, (rates, city) in enumerate(rules)
    ]
    people = [person(place, city=city) for place, city in enumerate(homes)]

    async def campaign() -> World:
        here = world(Slowly(list(people), pause), scenarios, slots)
        await here.run()
        return here

    here = trio.run(campaign, clock=MockClock(autojump_threshold=0))
    fitting = [each for each in people if any(scenario.fits(each) for scenario in scenarios)]
    assert Counter(number for _, number, _ in here.dialled) == Counter(each.number for each in fitting)
    assert len(here.book.attempts(AttemptState.NEVER_PLACED)) == len(people) - len(fitting)
    midnight = 15 * 3600
    for each in scenarios:
        times = here.times_of(each.name)
        per_minute, per_day = each.rate_limits.max_calls_per_minute, each.rate_limits.max_calls_per_day
        if per_minute:
            assert all(late - early >= 60 for early, late in zip(times, times[per_minute:], strict=False))
        if per_day:
            assert max(Counter((at - midnight) // 86400 for at in times).values(), default=0) <= per_day
