"""The dialler pauses itself, says so once, and goes on when it may."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import attrs
import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.dialer import AlertRules, Incidents
from callengine.errors import BalanceExhausted, ProviderThrottled, ProviderUnavailable
from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    CallId,
    CallResult,
    Cause,
    ChartId,
    Contact,
    ContactId,
    Digits,
    LineId,
    Pause,
    Received,
    Result,
    SeededAmbient,
)
from callengine.store import MemoryBook, MemoryWriter


@define
class Desk:
    """Incidents, their store, and what the admins were told."""

    incidents: Incidents
    book: MemoryBook
    ambient: SeededAmbient
    told: list[str] = field(factory=list)
    free: int | None = 5000
    serial: int = 0

    def ends(self, result: str, cause: Cause = Cause.REFUSED, state: AttemptState = AttemptState.SETTLED) -> Attempt:
        """An attempt is over, as the dialler would settle it."""
        over = self.attempt()
        over = attrs.evolve(over, state=state, outcome=CallResult(Result(result), cause, answered=False))
        unit = self.incidents.unit(over)
        if unit is not None:
            self.book.apply(unit)
        return over

    def attempt(self) -> Attempt:
        self.serial += 1
        number = Digits(f"0912{self.serial:07}")
        contact = Contact(ContactId(str(self.serial)), number, number)
        attempt, call = AttemptId(f"a{self.serial}"), CallId(f"c{self.serial}")
        return Attempt(attempt, contact, call, LineId("1"), "s", ChartId("x"), self.ambient.wall())

    def in_store(self) -> tuple[Pause, ...]:
        return self.book.look(lambda book: book.pauses.in_force())


Launch = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def desk(nursery: trio.Nursery) -> AsyncIterator[Launch]:
    async def launch(rules: AlertRules = AlertRules(), book: MemoryBook | None = None) -> Desk:  # noqa: B008 - frozen
        book = book or MemoryBook()
        ambient = SeededAmbient(1, trio.current_time)

        async def alert(text: str) -> None:
            here.told.append(text)

        async def free() -> int | None:
            return here.free

        here = Desk(Incidents(MemoryWriter(book, shared=True), ambient, rules, alert, free), book, ambient)
        await nursery.start(here.incidents.run)
        return here

    yield launch


async def test_failures_in_a_row_pause_and_are_told_once(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk(AlertRules(threshold=3))
    for _ in range(2):
        here.ends("failed:refused")
    assert here.incidents.is_open()
    here.ends("failed:record")
    assert not here.incidents.is_open() and here.incidents.paused_by_itself, "at once, before anything is awaited"
    here.ends("failed:refused")
    await trio.sleep(5)
    (pause,) = here.in_store()
    assert (pause.kind, len(here.told)) == ("failures", 1)
    assert "3 calls in a row failed, the last as failed:record" in here.told[0]


@pytest.mark.parametrize("between", ["busy", "missed", "not_interested", "connected_to_operator"])
async def test_any_other_result_breaks_the_row(desk: Launch, autojump_clock: MockClock, between: str) -> None:
    here = await desk(AlertRules(threshold=2))
    here.ends("failed:refused")
    here.ends(between, Cause.CUSTOMER_GONE)
    here.ends("failed:refused")
    assert here.incidents.is_open()


@pytest.mark.parametrize(
    ("result", "cause", "state"),
    [
        ("failed:do_not_dial", Cause.REFUSED, AttemptState.NEVER_PLACED),
        ("failed:no_scenario", Cause.REFUSED, AttemptState.NEVER_PLACED),
        ("failed:shutdown", Cause.SHUTDOWN, AttemptState.SETTLED),
        ("failed:restart", Cause.SHUTDOWN, AttemptState.SETTLED),
    ],
)
async def test_what_says_nothing_of_the_lines_neither_counts_nor_breaks(
    desk: Launch, autojump_clock: MockClock, result: str, cause: Cause, state: AttemptState
) -> None:
    here = await desk(AlertRules(threshold=2))
    here.ends("failed:refused")
    here.ends(result, cause, state)
    assert here.incidents.is_open()
    here.ends("failed:refused")
    assert not here.incidents.is_open()


async def test_zero_never_pauses(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk(AlertRules(threshold=0))
    for _ in range(20):
        here.ends("failed:refused")
    assert here.incidents.is_open()


async def test_a_call_that_came_in_counts_for_nothing(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk(AlertRules(threshold=1))
    outcome = CallResult(Result("failed:record"), Cause.REFUSED, answered=True)
    received = Received(CallId("in"), "", "", None, "", ChartId("x"), here.ambient.wall(), outcome)
    assert here.incidents.unit(received) is None
    assert here.incidents.is_open()


async def test_an_empty_account_pauses_at_once(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk()
    here.incidents.provider_failed(ProviderUnavailable("slow"))
    assert here.incidents.is_open()
    here.incidents.provider_failed(BalanceExhausted("the language model: no quota is left"))
    assert not here.incidents.is_open()
    here.incidents.provider_failed(BalanceExhausted("again"))
    await trio.sleep(3)
    assert [pause.kind for pause in here.in_store()] == ["balance"]
    assert len(here.told) == 1


async def test_a_provider_that_asks_for_patience_gets_it(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk()
    here.incidents.provider_failed(ProviderThrottled("slow down", retry_after=30.0))
    began = trio.current_time()
    while not here.incidents.is_open():
        await here.incidents.wait_open()
    assert trio.current_time() - began == pytest.approx(30.0, abs=0.1)
    assert here.in_store() == ()


async def test_a_pause_outlives_a_restart_and_ends_when_somebody_says_so(desk: Launch, autojump_clock: MockClock) -> None:
    first = await desk(AlertRules(threshold=1))
    first.ends("failed:refused")
    second = await desk(AlertRules(threshold=1), first.book)
    assert not second.incidents.is_open()
    assert second.told == [], "it was told when it began"
    first.book.apply(lambda book: book.pauses.end(first.ambient.wall(), "somebody"))
    with trio.fail_after(2):
        while not second.incidents.is_open():
            await second.incidents.wait_open()


async def test_another_process_pauses(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk()
    pause = Pause("p", "operator", "lunch", here.ambient.wall())
    here.book.apply(lambda book: book.pauses.begin(pause))
    await trio.sleep(1.5)
    assert not here.incidents.is_open() and not here.incidents.paused_by_itself
    await here.incidents.resumed_by_panel(here.ambient.wall() + timedelta(hours=1))
    assert not here.incidents.is_open(), "whoever paused on purpose resumes"


@pytest.mark.parametrize(("told", "asked_after", "goes_on"), [(True, 5.0, True), (False, 5.0, False), (True, -5.0, False)])
async def test_the_panel_ends_what_it_was_told_of(
    desk: Launch, autojump_clock: MockClock, told: bool, asked_after: float, goes_on: bool
) -> None:
    here = await desk(AlertRules(threshold=1))
    await trio.sleep(10)
    here.ends("failed:refused")
    (pause,) = here.in_store()
    if told:
        here.book.apply(lambda book: book.pauses.told(pause.id))
    await here.incidents.resumed_by_panel(pause.since + timedelta(seconds=asked_after))
    assert here.incidents.is_open() is goes_on


@pytest.mark.parametrize(("result", "goes_on"), [("missed", True), ("failed:refused", False)])
async def test_one_contact_shows_whether_calls_work_again(
    desk: Launch, autojump_clock: MockClock, result: str, goes_on: bool
) -> None:
    here = await desk(AlertRules(threshold=1, probe=60.0))
    here.ends("failed:refused")
    await trio.sleep(50)
    assert not here.incidents.is_open()
    await trio.sleep(12)
    assert here.incidents.is_open()
    probe = here.attempt()
    here.incidents.begun(probe)
    assert not here.incidents.is_open(), "one alone"
    assert here.incidents.is_probe(probe.id)
    over = attrs.evolve(
        probe, state=AttemptState.SETTLED, outcome=CallResult(Result(result), Cause.CUSTOMER_GONE, answered=False)
    )
    unit = here.incidents.unit(over)
    if unit is not None:
        here.book.apply(unit)
    assert here.incidents.is_open() is goes_on
    await trio.sleep(5)
    assert (here.in_store() == ()) is goes_on


async def test_a_full_disk_pauses_until_there_is_room(desk: Launch, autojump_clock: MockClock) -> None:
    here = await desk(AlertRules(least_free=100))
    here.free = 40
    await trio.sleep(12)
    assert [pause.kind for pause in here.in_store()] == ["disk"]
    here.free = 4000
    await trio.sleep(12)
    assert here.incidents.is_open()
    assert len(here.told) == 1


async def test_what_an_earlier_run_has_left_is_no_failure(desk: Launch, autojump_clock: MockClock) -> None:
    """Or every restart amid three calls would pause the dialler."""
    there = await desk(AlertRules(threshold=1))
    before = attrs.evolve(there.attempt(), intended_at=there.ambient.wall() - timedelta(minutes=1))
    outcome = CallResult(Result("failed:unconfirmed"), Cause.UNCONFIRMED, answered=False)
    assert there.incidents.unit(attrs.evolve(before, state=AttemptState.UNKNOWN, outcome=outcome)) is None
    assert there.incidents.is_open()
