"""A leg to an operator over the trunk, as the book has it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.calls.entered import STORE_PATIENCE, EnteredPassage
from callengine.calls.errands import Errands
from callengine.errors import StoreError
from callengine.model import Book, ChannelId, Placement, SeededAmbient
from callengine.store import MemoryBook, MemoryWriter
from tests.calls.stage import LINE, RememberedLease

T = TypeVar("T")
CHANNEL = ChannelId("of the operator")


@define(eq=False)
class World:
    """One passage, its book, and the lease below it.

    Attributes:
        writer: fails with this instead of writing, or hangs, while it is told to.
    """

    book: MemoryBook = field(factory=MemoryBook)
    lease: RememberedLease = field(factory=RememberedLease)
    errands: Errands = field(factory=Errands)
    ambient: SeededAmbient = field(factory=lambda: SeededAmbient(1, trio.current_time))
    fails: bool = False
    hangs: bool = False

    async def write(self, unit: Callable[[Book], T]) -> T:
        if self.hangs:
            await trio.sleep_forever()
        if self.fails:
            raise StoreError("the disk is full")
        return await MemoryWriter(self.book).write(unit)

    def passage(self) -> EnteredPassage:
        return EnteredPassage(self.lease, LINE.id, CHANNEL, self, self.errands, self.ambient)

    @property
    def placements(self) -> tuple[Placement, ...]:
        return self.book.look(lambda book: book.placements.since(self.ambient.wall() - timedelta(days=1)))


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    there = World()
    async with trio.open_nursery() as nursery:
        await nursery.start(there.errands.run)
        yield there
        nursery.cancel_scope.cancel()


async def test_it_is_written_down_before_its_request_and_dated_after_it(autojump_clock: MockClock) -> None:
    async with world() as there:
        passage = there.passage()
        assert await passage.enter()
        assert there.placements == (Placement(CHANNEL, LINE.id, None),)
        await trio.sleep(7)
        passage.placed()
        at = there.ambient.wall()
        assert there.lease.placed_at == [trio.current_time()], "the line counts it at once"
        await trio.sleep(3)
        passage.release()
        await there.errands.drained()
        assert there.placements == (Placement(CHANNEL, LINE.id, at),), "gone, it counts still"


async def test_one_that_was_never_placed_is_dropped(autojump_clock: MockClock) -> None:
    async with world() as there:
        passage = there.passage()
        assert await passage.enter()
        passage.release()
        await there.errands.drained()
        assert there.placements == ()
        assert there.lease.released_at


async def test_released_before_the_answer_and_dated_by_it_later_it_is_dropped_once(autojump_clock: MockClock) -> None:
    """The reaper releases what it buries, and the answer may still come: nothing more is written for a leg that is settled."""
    async with world() as there:
        passage = there.passage()
        assert await passage.enter()
        passage.release()
        passage.placed()
        await there.errands.drained()
        assert there.placements == ()


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_what_cannot_be_written_down_is_not_to_be_placed(how: str, autojump_clock: MockClock) -> None:
    async with world() as there:
        setattr(there, how, True)
        began = trio.current_time()
        assert not await there.passage().enter()
        assert trio.current_time() - began <= STORE_PATIENCE
        assert there.placements == ()


async def test_a_date_that_cannot_be_written_leaves_one_that_counts_for_longer(autojump_clock: MockClock) -> None:
    async with world() as there:
        passage = there.passage()
        assert await passage.enter()
        there.fails = True
        passage.placed()
        await there.errands.drained()
        assert there.placements == (Placement(CHANNEL, LINE.id, None),)


async def test_neither_the_call_waits_for_the_date_nor_does_its_end_prevent_it(autojump_clock: MockClock) -> None:
    async with world() as there:
        passage = there.passage()
        assert await passage.enter()
        async with trio.open_nursery() as call:

            @call.start_soon
            async def placing() -> None:
                passage.placed()
                call.cancel_scope.cancel()
                await trio.sleep_forever()

        await wait_all_tasks_blocked()
        [dated] = there.placements
        assert dated.at is not None


async def test_its_turn_is_that_of_the_passage_below(autojump_clock: MockClock) -> None:
    async with world() as there:
        there.lease.wait = 4.0
        passage = there.passage()
        began = trio.current_time()
        await passage.turn()
        passage.yield_turn()
        assert trio.current_time() - began == pytest.approx(4)
        assert there.lease.yielded == 1
