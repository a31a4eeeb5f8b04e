"""Takes over what an earlier life of ours has left at the PBX, before anybody is dialled."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import structlog
import trio
from attrs import define, field

from callengine.adoption.decisions import Cut, Decisions, Found, LooseLeg, Over, Talk, Vanished, cut, decide, slot_of, talked
from callengine.ari import (
    AriClient,
    ChannelDestroyed,
    ChannelLeftBridge,
    EventOverflow,
    EventsLost,
    Router,
    StasisEnd,
    StasisStart,
)
from callengine.calls import Kind, Reaper
from callengine.errors import AriError, StoreError
from callengine.model import (
    Ambient,
    Attempt,
    Book,
    CallId,
    Cause,
    LineId,
    Passage,
    Placement,
    Purpose,
    Received,
    Store,
)

AGAIN = 1.0
"""Seconds until the PBX is asked again that did not say what it holds."""

HEARD_WITHIN = 1.0
"""Seconds in which we hear of a caller whose channel is in a list already."""

LOOK_EVERY = 30.0
"""Seconds between two looks at a talk: events that concern channels of an earlier life may be lost."""

SETTLED_WITHIN = 10.0
"""Seconds that writing an outcome may take when the engine is being cancelled."""

PLACED_WITHIN = timedelta(days=1)
"""How far back the operator legs are sought whose channels may still be there: no call lasts so long."""

log = structlog.get_logger()


class Slots(Protocol):
    """The lines, as seen by who has channels already."""

    def occupy(self, line: LineId, purpose: Purpose) -> Passage:
        """A slot for a channel that is there already, past every limit."""
        ...


Settle = Callable[[Over], Awaitable[None]]
"""Writes down a call with its outcome, and all that follows from it, in one unit. Raises StoreError if it was not written."""


@define(eq=False)
class Adoption:
    """A service to be run once; start it with `nursery.start(adoption.run)` and wait for `rebuilt` before anybody is dialled.

    Args:
        ready: waits until the PBX is in reach.
        longest: seconds after which a talk is hung up, as any call is.
    """

    ari: AriClient
    router: Router
    reaper: Reaper
    lines: Slots
    store: Store
    ambient: Ambient
    settle: Settle
    ready: Callable[[], Awaitable[None]]
    longest: float = 3600.0
    rebuilt: trio.Event = field(factory=trio.Event, init=False)
    """Set when every channel that is left holds its slot and is known to the reaper."""
    over: trio.Event = field(factory=trio.Event, init=False)
    """Set when every call that was left is settled, talks that go on included."""
    _hurry: trio.Event = field(factory=trio.Event, init=False)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Take over what is left, and see to it until all of it is over. Cancelled, it hangs up.

        Raises:
            AriLost: another engine has taken our application over.
            StoreError: what is left cannot be read.
        """
        task_status.started()
        left = await self.store.read(self._left)
        decisions = await self._decisions(*left)
        async with trio.open_nursery() as tasks:
            self._take_over(decisions, tasks)
            self.rebuilt.set()
        self.over.set()

    def hang_up(self) -> None:
        """The engine stops: those who still talk are hung up."""
        self._hurry.set()

    def _left(self, book: Book) -> tuple[tuple[Attempt, ...], tuple[Received, ...], tuple[Placement, ...]]:
        since = self.ambient.wall() - PLACED_WITHIN
        return book.attempts.unfinished(), book.calls.unfinished(), book.placements.since(since)

    async def _decisions(
        self, attempts: tuple[Attempt, ...], received: tuple[Received, ...], placements: tuple[Placement, ...]
    ) -> Decisions:
        """What becomes of each; the PBX is waited for."""
        while True:
            await self.ready()
            try:
                found = await self._look()
            except AriError as error:
                log.warning("The PBX does not say what calls are left", error=str(error))
                await trio.sleep(AGAIN)
                continue
            return decide(attempts, received, found, placements=placements, now=self.ambient.wall())

    async def _look(self) -> Found:
        info = await self.ari.info()
        bridges, channels = await self.ari.list_bridges(), await self.ari.list_channels()
        await trio.sleep(HEARD_WITHIN)
        held = self.reaper.held
        return Found(self.ari.app, channels, bridges, info.startup_time, held.confirmed | held.requested)

    def _take_over(self, decisions: Decisions, tasks: trio.Nursery) -> None:
        """Synchronous up to the first wait of each task: the caller may take all slots as taken, and orphans as told apart."""
        for talk in decisions.talks:
            log.warning("Talk adopted", call_id=talk.call.call, channel=talk.customer, operator=talk.operator)
            tasks.start_soon(self._attend, talk, _Kept.talk(self, talk))
        for loose in decisions.loose:
            log.warning("Operator's call left over: hung up", channel=loose.channel)
            _Kept.leg(self, loose).bury()
        for each in decisions.cuts:
            log.warning("Call left over: hung up", call_id=each.call.call, channel=each.channel)
            tasks.start_soon(self._end, each, _Kept.cut(self, each).bury())
        for vanished in decisions.vanished:
            gone = _Kept.vanished(self, vanished).bury() if vanished.may_appear else None
            tasks.start_soon(self._doubt, vanished, gone)

    async def _attend(self, talk: Talk, kept: "_Kept") -> None:
        """Leave both talking until either leaves; then the other is hung up."""
        began = trio.current_time()
        cause = Cause.SHUTDOWN
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_cancel_when, self._hurry, nursery.cancel_scope)
                with trio.move_on_after(self.longest) as patience:
                    cause = await self._until_either_leaves(talk)
                if patience.cancelled_caught:
                    cause = Cause.BUDGET
                nursery.cancel_scope.cancel()
        finally:
            kept.bury()
            with trio.move_on_after(SETTLED_WITHIN, shield=True):
                await self._write(talked(talk.call, cause, trio.current_time() - began, self.ambient.wall()))

    async def _until_either_leaves(self, talk: Talk) -> Cause:
        causes = {talk.customer: Cause.CUSTOMER_GONE, talk.operator: Cause.PARTNER_GONE}
        while True:
            with self.router.subscribe(talk.bridge, *causes) as events:
                gone = await self._missing(talk)
                with trio.move_on_after(LOOK_EVERY):
                    while gone is None:
                        try:
                            event = await events.receive()
                        except EventOverflow:
                            break
                        match event:
                            case (
                                StasisEnd(channel=channel)
                                | ChannelDestroyed(channel=channel)
                                | ChannelLeftBridge(channel=channel)
                            ):
                                gone = channel.id if channel.id in causes else None
                            case EventsLost():
                                gone = await self._missing(talk)
            if gone is not None:
                return causes[gone]

    async def _missing(self, talk: Talk) -> str | None:
        """Who of both is no longer in the bridge."""
        try:
            bridges = await self.ari.list_bridges()
        except AriError as error:
            log.warning("The PBX does not say who still talks", error=str(error))
            return None
        members = {channel for each in bridges if each.id == talk.bridge for channel in each.channels}
        return next((each for each in (talk.customer, talk.operator) if each not in members), None)

    async def _end(self, left: Cut, gone: trio.Event) -> None:
        """The slot comes back with the proof that the channel is gone; the outcome need not wait for it."""
        await self._write(left.call)
        await gone.wait()

    async def _doubt(self, left: Vanished, gone: trio.Event | None) -> None:
        """Hang up what appears after all, for as long as it may."""
        call = left.call
        if gone is not None:
            async with trio.open_nursery() as nursery:
                seen = _Seen()
                nursery.start_soon(seen.watch, self.router, left.may_appear)
                await gone.wait()
                nursery.cancel_scope.cancel()
            if seen.at_all:
                call = cut(call, self.ambient.wall(), answered=seen.answered)
        await self._write(call)

    async def _write(self, call: Over) -> None:
        outcome = call.outcome.result if call.outcome is not None else ""
        try:
            await self.settle(call)
        except StoreError as error:
            log.error("An outcome was not written; its call stays open", call_id=call.call, reason=str(error))
        else:
            log.info("Call of before the restart settled", call_id=call.call, result=outcome)


@define(eq=False)
class _Seen:
    """What events tell of a channel that may appear.

    Attributes:
        at_all: it was there.
        answered: somebody picked up.
    """

    at_all: bool = False
    answered: bool = False

    async def watch(self, router: Router, channel: str) -> None:
        with router.subscribe(channel) as events:
            while True:
                try:
                    event = await events.receive()
                except EventOverflow:
                    return
                if not isinstance(event, EventsLost):
                    self.at_all = True
                    self.answered = self.answered or isinstance(event, StasisStart)


@define(eq=False)
class _Kept:
    """Channels in the reaper's books, with the slots they hold."""

    bury: Callable[[], trio.Event]

    @classmethod
    def talk(cls, adoption: Adoption, talk: Talk) -> "_Kept":
        slots = [(talk.customer, slot_of(talk.call))]
        slots.append((talk.operator, None if talk.operator_line is None else (talk.operator_line, Purpose.OPERATOR)))
        return cls._of(adoption, talk.call.call, slots, talk.bridge)

    @classmethod
    def cut(cls, adoption: Adoption, left: Cut) -> "_Kept":
        return cls._of(adoption, left.call.call, [(left.channel, slot_of(left.call))], left.bridge)

    @classmethod
    def leg(cls, adoption: Adoption, loose: LooseLeg) -> "_Kept":
        call = CallId(adoption.ambient.new_id())
        return cls._of(adoption, call, [(loose.channel, (loose.line, Purpose.OPERATOR))], "")

    @classmethod
    def vanished(cls, adoption: Adoption, left: Vanished) -> "_Kept":
        return cls._of(adoption, left.call.call, [(left.may_appear, slot_of(left.call))], "", listed=False)

    @classmethod
    def _of(
        cls,
        adoption: Adoption,
        call: CallId,
        channels: list[tuple[str, tuple[LineId, Purpose] | None]],
        bridge: str,
        *,
        listed: bool = True,
    ) -> "_Kept":
        estate = adoption.reaper.open(call)
        for channel, slot in channels:
            passage = None if slot is None else adoption.lines.occupy(*slot)
            if passage is not None:
                estate.hold(passage)
            entry = estate.enter(Kind.CHANNEL, channel, passage)
            entry.answered.set()
            if listed:
                entry.confirm()
        if bridge:
            estate.adopt(Kind.BRIDGE, bridge)
        return cls(lambda: adoption.reaper.take(estate))


async def _cancel_when(told: trio.Event, scope: trio.CancelScope) -> None:
    await told.wait()
    scope.cancel()
