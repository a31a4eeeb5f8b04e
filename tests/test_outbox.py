"""Results that leave: in order, each under its one key, whatever the panel does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.errors import PanelRefused, PanelUnavailable
from callengine.model import Message, MessageId, Pause, SeededAmbient
from callengine.outbox import AT_ONCE, Outbox
from callengine.store import MemoryBook, MemoryWriter

Mood = Callable[[str], Exception | None]


@define
class Panel:
    """Takes what its mood lets it take."""

    mood: Mood = lambda _: None
    asked: list[str] = field(factory=list)
    taken: list[str] = field(factory=list)
    now: int = 0
    most: int = 0

    async def tell(self, path: str, body: str, key: MessageId) -> None:
        self.asked.append(key)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await trio.sleep(0.1)
        finally:
            self.now -= 1
        error = self.mood(key)
        if error is not None:
            raise error
        self.taken.append(key)


@define
class World:
    panel: Panel
    book: MemoryBook = field(factory=MemoryBook)
    ambient: SeededAmbient = field(factory=lambda: SeededAmbient(1, trio.current_time, datetime(2026, 3, 2, tzinfo=UTC)))

    def outbox(self) -> Outbox:
        return Outbox(MemoryWriter(self.book), self.panel, self.ambient)

    def post(self, name: str, subject: str, *, pauses: bool = False) -> None:
        message = Message(MessageId(name), subject, "/x", "{}", self.ambient.wall(), pauses=pauses)
        self.book.apply(lambda page: page.outbox.post(message))


async def drained(outbox: Outbox, seconds: float) -> bool:
    async with trio.open_nursery() as nursery:
        await nursery.start(outbox.run)
        done = await outbox.drained(seconds)
        nursery.cancel_scope.cancel()
    return done


async def test_messages_about_one_subject_go_in_order_and_eight_subjects_at_once(autojump_clock: MockClock) -> None:
    world = World(Panel())
    for number in range(40):
        world.post(f"{number}", f"s{number % 20}")
    assert await drained(world.outbox(), 60)
    assert sorted(world.panel.taken, key=int) == [str(number) for number in range(40)]
    assert all(world.panel.taken.index(str(n)) < world.panel.taken.index(str(n + 20)) for n in range(20))
    assert world.panel.most == AT_ONCE


async def test_an_hour_without_the_panel_and_restarts_lose_nothing_and_repeat_nothing(autojump_clock: MockClock) -> None:
    world = World(Panel(lambda _: PanelUnavailable("down") if trio.current_time() < start + 3600 else None))
    start = trio.current_time()
    for number in range(50):
        world.post(f"{number}", f"s{number}")
    for _ in range(4):
        assert not await drained(world.outbox(), 800)
    before = len(world.panel.asked)
    assert before < 200, "a panel that is down is left alone"
    assert await drained(world.outbox(), 1000)
    assert len(world.panel.taken) == len(set(world.panel.taken)) == 50


async def test_a_reply_that_is_lost_has_the_same_told_again_under_its_key(autojump_clock: MockClock) -> None:
    world = World(Panel())
    world.panel.mood = lambda _: PanelUnavailable("lost") if len(world.panel.asked) == 1 else None
    world.post("a", "s")
    assert await drained(world.outbox(), 60)
    assert world.panel.asked == ["a", "a"]


@pytest.mark.parametrize("error", [PanelRefused("no", 422), PanelUnavailable("broken", status=500)])
async def test_a_message_the_panel_will_not_take_holds_up_no_other_and_is_kept(
    autojump_clock: MockClock, error: Exception
) -> None:
    world = World(Panel(lambda key: error if key == "bad" else None))
    world.post("bad", "s0")
    world.post("behind", "s0")
    for number in range(20):
        world.post(f"{number}", f"s{number + 1}")
    start = trio.current_time()
    assert not await drained(world.outbox(), 30)
    assert len(world.panel.taken) == 20
    assert world.book.look(lambda page: page.outbox.waiting()) == 2
    assert trio.current_time() - start == pytest.approx(30, abs=1)
    world.panel.mood = lambda _: None
    assert await drained(world.outbox(), 400)
    assert world.panel.taken[-2:] == ["bad", "behind"]


async def test_the_panel_is_given_the_time_it_asks_for(autojump_clock: MockClock) -> None:
    world = World(Panel())
    world.panel.mood = lambda _: PanelUnavailable("wait", status=429, retry_after=120) if len(world.panel.asked) == 1 else None
    world.post("a", "s")
    start = trio.current_time()
    assert await drained(world.outbox(), 600)
    assert trio.current_time() - start > 120


async def test_a_pause_counts_as_told_when_its_message_is_accepted(autojump_clock: MockClock) -> None:
    world = World(Panel())
    now = world.ambient.wall()
    world.book.apply(lambda page: page.pauses.begin(Pause("p", "failures", "", now)))
    world.book.apply(lambda page: page.pauses.begin(Pause("later", "balance", "", now + timedelta(seconds=9))))
    world.post("a", "s", pauses=True)
    assert await drained(world.outbox(), 60)
    assert {pause.id: pause.told for pause in world.book.look(lambda page: page.pauses.in_force())} == {
        "p": True,
        "later": False,
    }


async def test_what_is_posted_later_goes_at_once(autojump_clock: MockClock) -> None:
    world = World(Panel())
    outbox = world.outbox()
    async with trio.open_nursery() as nursery:
        await nursery.start(outbox.run)
        await trio.sleep(5)
        world.post("a", "s")
        outbox.poke()
        await trio.sleep(0.5)
        assert world.panel.taken == ["a"]
        nursery.cancel_scope.cancel()
