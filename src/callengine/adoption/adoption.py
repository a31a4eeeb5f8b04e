"""Takes over what an earlier life of ours has left at the PBX, before anybody is dialled."""

from collections.abc import Awaitable, Callable
from functools import partial
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
    application_of,
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
    recording_name,
)

HEARD_WITHIN = 1.0
"""Seconds in which we hear of a caller whose channel is in a list already."""

LOOK_EVERY = 30.0
"""Seconds between two looks at a talk: events that concern channels of an earlier life may be lost."""

SETTLED_WITHIN = 10.0
"""Seconds that writing an outcome may take when the engine is being cancelled."""

SWEPT_WITHIN = 60.0
"""Seconds for hanging up what was left, before its recordings are deleted."""

RECORDINGS_A_CALL = 100
"""Recordings of one call that are looked for; a flow with more is one that loops."""

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
    """Takes over what an earlier life has left; nobody is dialled before `settled` says that its slots are known.

    Args:
        settle: see `Settle`.
        longest: seconds after which a talk is hung up, as any call is.
        keeps_recordings: whether recordings stay on the PBX.
    """

    ari: AriClient
    router: Router
    reaper: Reaper
    lines: Slots
    store: Store
    ambient: Ambient
    settle: Settle
    longest: float = 3600.0
    keeps_recordings: bool = False
    _left: "_Left" = field(default=((), (), ()), init=False)
    _open: set[CallId] = field(factory=set, init=False)
    _idle: trio.Event = field(factory=trio.Event, init=False)
    _hurry: trio.Event = field(factory=trio.Event, init=False)
    _tasks: trio.Nursery = field(init=False)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled, which hangs up whoever still talks. In service once it is known what was left.

        Raises:
            StoreError: what is left cannot be read.
        """
        self._left = await self.store.read(_unfinished)
        async with trio.open_nursery() as self._tasks:
            task_status.started()
            await trio.sleep_forever()

    async def settled(self) -> None:
        """Look at the PBX, which is in reach: when this returns, every channel that was left holds its slot, and the reaper
        knows of it. What becomes of the calls is written beside.

        Raises:
            AriError: the PBX did not say what it holds; nothing was done.
        """
        attempts, received, placements = self._left
        if not attempts and not received:
            return  # whatever else is there is an orphan
        found = await self._look(wait=bool(received))
        decisions = decide(attempts, received, found, placements=placements, now=self.ambient.wall())
        self._take_over(decisions)
        if not self.keeps_recordings:
            ours = {each.id for each in found.channels if application_of(each) == found.app}
            self._tasks.start_soon(self._sweep, frozenset(ours | {each.channel for each in attempts if each.channel}))

    async def finish(self) -> None:
        """Wait until every call that was left is over and written down."""
        while self._open and not self._hurry.is_set():
            self._idle = trio.Event()
            await self._idle.wait()

    def hang_up(self) -> None:
        """End the talks that were adopted; calls that are in doubt stay so until the next start."""
        self._hurry.set()
        self._idle.set()

    async def _look(self, *, wait: bool) -> Found:
        info = await self.ari.info()
        bridges, channels = await self.ari.list_bridges(), await self.ari.list_channels()
        if wait:
            await trio.sleep(HEARD_WITHIN)
        held = self.reaper.held
        return Found(self.ari.app, channels, bridges, info.startup_time, held.confirmed | held.requested)

    async def _sweep(self, channels: frozenset[str]) -> None:
        """Delete the recordings that calls of these channels have left."""
        if not channels:
            return
        names = {recording_name(channel, place) for channel in channels for place in range(RECORDINGS_A_CALL)}
        with trio.move_on_after(SWEPT_WITHIN):
            await self.reaper.drained()
        try:
            for recording in await self.ari.list_stored_recordings():
                if recording.name in names:
                    await self.ari.delete_stored(recording.name)
        except AriError as error:
            log.warning("Recordings of an earlier run may be left on the PBX", error=str(error))

    def _take_over(self, decisions: Decisions) -> None:
        """Synchronous, but for what goes on beside: all slots are taken at once."""
        for talk in decisions.talks:
            log.warning("Talk adopted", call_id=talk.call.call, channel=talk.customer, operator=talk.operator)
            self._begin(talk.call, partial(self._attend, talk, _Kept.talk(self, talk)))
        for loose in decisions.loose:
            log.warning("Operator's call left over: hung up", channel=loose.channel)
            _Kept.leg(self, loose).bury()
        for each in decisions.cuts:
            log.warning("Call left over: hung up", call_id=each.call.call, channel=each.channel)
            _Kept.cut(self, each).bury()
            self._begin(each.call, partial(self._write, each.call))
        for vanished in decisions.vanished:
            gone = _Kept.vanished(self, vanished).bury() if vanished.may_appear else None
            self._begin(vanished.call, partial(self._doubt, vanished, gone))

    def _begin(self, call: Over, work: Callable[[], Awaitable[None]]) -> None:
        self._open.add(call.call)
        self._tasks.start_soon(self._to_its_end, call.call, work)

    async def _to_its_end(self, call: CallId, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self._open.discard(call)
            if not self._open:
                self._idle.set()

    async def _attend(self, talk: Talk, kept: "_Kept") -> None:
        """Leave both talking until either leaves; then the other is hung up."""
        began = trio.current_time() - talk.talked
        cause = Cause.SHUTDOWN
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_cancel_when, self._hurry, nursery.cancel_scope)
                with trio.move_on_at(began + self.longest) as patience:
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

    async def _doubt(self, left: Vanished, gone: trio.Event | None) -> None:
        """Hang up what appears after all, for as long as it may."""
        call, seen = left.call, _Seen()
        if gone is not None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(seen.watch, self.router, left.may_appear)
                nursery.start_soon(_cancel_when, self._hurry, nursery.cancel_scope)
                await gone.wait()
                nursery.cancel_scope.cancel()
            if not gone.is_set():
                return
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


_Left = tuple[tuple[Attempt, ...], tuple[Received, ...], tuple[Placement, ...]]
"""Attempts and calls without an outcome, and what was placed since the first of them."""


def _unfinished(book: Book) -> _Left:
    """What has no outcome yet, and which line each operator's leg is on."""
    attempts, received = book.attempts.unfinished(), book.calls.unfinished()
    if not attempts and not received:
        return (), (), ()
    since = min([each.intended_at for each in attempts] + [each.arrived_at for each in received])
    return attempts, received, book.placements.since(since)
