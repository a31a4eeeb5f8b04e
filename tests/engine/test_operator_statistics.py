"""What operators did, added up and written down."""

from collections.abc import Callable
from typing import TypeVar

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from callengine.engine import OperatorStatistics
from callengine.errors import StoreError
from callengine.lines import OperatorLoad, OperatorState
from callengine.model import Book, CallId, Moment, MomentKind, Operator, OperatorId, SeededAmbient
from callengine.store import MemoryBook, MemoryWriter

T = TypeVar("T")

DESK = Operator(OperatorId("desk 200"), "PJSIP/200@pbx", over_trunk=False)
CALL = CallId("call")


@define
class Fickle:
    """A writer that fails when told to."""

    writer: MemoryWriter
    fails: bool = False

    async def write(self, unit: Callable[[Book], T]) -> T:
        if self.fails:
            raise StoreError("the disk is full")
        return await self.writer.write(unit)


@define
class Scene:
    state: OperatorState = OperatorState.READY
    book: MemoryBook = field(factory=MemoryBook)
    writer: Fickle = field(init=False)
    statistics: OperatorStatistics = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.writer = Fickle(MemoryWriter(self.book))
        self.statistics = OperatorStatistics(
            lambda: (OperatorLoad(DESK, self.state),), self.writer, SeededAmbient(1, trio.current_time)
        )

    def tells(self, kind: MomentKind, name: str, detail: str = "") -> None:
        self.statistics.note(Moment(CALL, trio.current_time(), kind, name, detail))

    async def written(self) -> tuple[int, float, float, float]:
        [figures] = await MemoryWriter(self.book).write(lambda book: book.operators.figures())
        return figures.calls, figures.talk, figures.wrap_up, figures.available


async def test_a_conversation_counts_from_the_bridge_until_the_operator_leaves(autojump_clock: MockClock) -> None:
    here = Scene()
    async with trio.open_nursery() as nursery:
        await nursery.start(here.statistics.run)
        await trio.sleep(10)
        here.tells(MomentKind.TRANSFER, DESK.id, "completed")
        here.state = OperatorState.IN_CALL
        await trio.sleep(100)  # longer than figures wait to be written
        here.tells(MomentKind.OPERATOR, "down", DESK.id)
        here.state = OperatorState.WRAP_UP
        await trio.sleep(20)
        here.state = OperatorState.PAUSED
        await trio.sleep(50)
        nursery.cancel_scope.cancel()
    calls, talk, wrap_up, available = await here.written()
    assert calls == 1
    assert talk == pytest.approx(100.0)
    assert wrap_up == pytest.approx(20.0, abs=1.0)
    assert available == pytest.approx(130.0, abs=1.0)


async def test_figures_that_cannot_be_written_are_written_later(autojump_clock: MockClock) -> None:
    here = Scene()
    here.tells(MomentKind.TRANSFER, DESK.id, "completed")
    await trio.sleep(5)
    here.tells(MomentKind.RESULT, "hangup")
    here.writer.fails = True
    await here.statistics.flush()
    here.writer.fails = False
    await here.statistics.flush()
    calls, talk, *_ = await here.written()
    assert calls == 1
    assert talk == pytest.approx(5.0)
