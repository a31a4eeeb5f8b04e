"""A leg to an operator over the trunk, as the book has it: written down before its request, dated or dropped after."""

from datetime import datetime
from functools import partial

import structlog
import trio
from attrs import define, field

from callengine.calls.errands import Errands
from callengine.errors import StoreError
from callengine.model import Ambient, ChannelId, LineId, Passage, Placement, Writer

STORE_PATIENCE = 5.0
"""Seconds that writing it down may take; without it nobody is rung."""

log = structlog.get_logger()


@define(eq=False)
class EnteredPassage:
    """A passage whose placement is in the book; see `callengine.model.Passage` for the contract.

    What follows the request is written as an errand: neither the call waits for it, nor does its end prevent it. What cannot
    be written leaves a placement without a date, which counts for longer than it should, never for shorter.

    Attributes:
        channel: that will be placed.
    """

    _passage: Passage
    _line: LineId
    channel: ChannelId
    _writer: Writer
    _errands: Errands
    _ambient: Ambient
    _settled: bool = field(default=False, init=False)

    async def enter(self) -> bool:
        """Write the placement down; whether that was done in time."""
        placement = Placement(self.channel, self._line, None)
        try:
            with trio.fail_after(STORE_PATIENCE):
                await self._writer.write(lambda book: book.placements.place(placement))
        except (StoreError, trio.TooSlowError) as error:
            log.error("a leg to an operator was not written down and is not placed", channel=self.channel, reason=str(error))
            return False
        return True

    async def turn(self) -> None:
        await self._passage.turn()

    def yield_turn(self) -> None:
        self._passage.yield_turn()

    def placed(self) -> None:
        self._passage.placed()
        if not self._settled:
            self._settled = True
            self._errands.begin("dating a leg to an operator", partial(self._date, self._ambient.wall()))

    def release(self) -> None:
        self._passage.release()
        if not self._settled:
            self._settled = True
            self._errands.begin("dropping a leg to an operator", self._drop)

    async def _date(self, at: datetime) -> None:
        await self._writer.write(lambda book: book.placements.date(self.channel, at))

    async def _drop(self) -> None:
        await self._writer.write(lambda book: book.placements.drop(self.channel))
