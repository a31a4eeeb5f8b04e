"""A leg: one person's channel, from dialling to down."""

import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from enum import Enum
from typing import TypeVar

import trio
from attrs import define, field, frozen

from callengine.ari import (
    ChannelDestroyed,
    Dial,
    Event,
    EventsLost,
    StasisEnd,
    StasisStart,
    Subscription,
)
from callengine.calls.estate import Entry, Estate, Kind
from callengine.calls.pbx import NOT_FOUND, Pbx, always, found
from callengine.errors import AriError, AriLost, AriRefused, DoNotDial
from callengine.model import ChannelId, Passage

T = TypeVar("T")

RING_MARGIN = 5.0
"""Seconds beyond the dial timeout after which a channel without any event is taken for unanswered."""

_GONE = frozenset({NOT_FOUND, 409})
"""What a command answers once the person has hung up: no such channel, or no longer in Stasis."""

_IN_STASIS = "Stasis"
"""The dialplan application a channel is in once it is ours."""

_ANSWERED = "Up"

SAYS_SO_WITHIN = 1.0
"""Seconds a hangup's own event may lag behind a failure that came of it. It ends the leg, which cancels who waits here."""


class Unconfirmed(AriLost):
    """The originate request was not answered, and no channel is seen: the phone may ring all the same."""


class LegState(Enum):
    """Where a leg is in its life."""

    IDLE = "idle"
    """Nothing has been asked of the PBX yet."""
    DIALLING = "dialling"
    RINGING = "ringing"
    UP = "up"
    DOWN = "down"


_ORDER = {state: place for place, state in enumerate(LegState)}


@frozen
class Farewell:
    """Why a channel ended.

    Attributes:
        cause: the Q.850 cause.
        text: the PBX's words for it.
    """

    cause: int
    text: str = ""


@frozen
class Placement:
    """How a person is called.

    Attributes:
        endpoint: such as `PJSIP/4912345@trunk`.
        timeout: seconds the phone may ring.
        variables: set on the channel.
    """

    endpoint: str
    caller_id: str
    timeout: float
    variables: Mapping[str, str] = field(factory=dict)


@define(eq=False)
class Leg:
    """One person's channel.

    Attributes:
        forwarded: the person's phone sent the call elsewhere.
        rang: the person's phone was seen to ring.
    """

    id: ChannelId
    pbx: Pbx
    estate: Estate
    changed: Callable[[LegState], None]
    state: LegState = LegState.IDLE
    farewell: Farewell | None = None
    forwarded: bool = False
    rang: bool = False
    up: trio.Event = field(factory=trio.Event, repr=False)
    down: trio.Event = field(factory=trio.Event, repr=False)
    _entry: Entry | None = field(default=None, repr=False)
    _following: trio.CancelScope = field(factory=trio.CancelScope, init=False, repr=False)
    _told_to_ring: trio.Event = field(factory=trio.Event, init=False, repr=False)

    async def dial(
        self,
        placement: Placement,
        passage: Passage,
        cleared: Callable[[], Awaitable[None]],
        *,
        still_clear: Callable[[], bool] = always,
        by: float = math.inf,
    ) -> None:
        """Call the person and follow the channel until it is gone.

        Args:
            passage: the slot the channel takes, or the right to place it where it is on no line of ours.
            cleared: waits until the call may be placed: the PBX is in reach, and nothing else speaks against it.
            still_clear: whether that is so right before the request, when the turn may have been long in coming; while it is
                not, `cleared` waits.
            by: when it must have been placed, on trio's clock; after that it never is.

        Raises:
            AriRefused: the PBX would not place the call.
            Unconfirmed: whether the call was placed is not known.
            AriLost: the PBX restarted, or was lost before the call was placed or later.
            DoNotDial: one of the two says that the person must not be called; nothing was placed.
        """
        try:
            with trio.move_on_at(by) as patience:
                await self._wait_for_turn(passage, cleared, still_clear)
            if patience.cancelled_caught:
                self._is(LegState.DOWN)
                return
            with self.pbx.router.subscribe(self.id) as events:
                self._is(LegState.DIALLING)
                self._entry = self.estate.enter(Kind.CHANNEL, self.id, passage)
                await self._originate(self._entry, placement, passage)
                await self._follow(events, placement.timeout + RING_MARGIN)
        except (AriError, DoNotDial):
            self._is(LegState.DOWN)
            raise

    async def _wait_for_turn(
        self, passage: Passage, cleared: Callable[[], Awaitable[None]], still_clear: Callable[[], bool]
    ) -> None:
        """The turn comes last: what is waited for while one is held would be lost to the rate of all calls."""
        while True:
            await cleared()
            await passage.turn()
            if self.pbx.in_reach() and still_clear():
                return
            passage.yield_turn()

    def adopt(self) -> None:
        """Own a channel that rang us, from this moment on."""
        self._entry = self.estate.adopt(Kind.CHANNEL, self.id)

    async def take_over(self) -> None:
        """Follow a channel that rang us until it is gone, which it may be already. The caller hears that it rings.

        Raises:
            AriRefused: the PBX would not let it ring.
            AriLost: the PBX did not reply, or restarted.
        """
        try:
            with self.pbx.router.subscribe(self.id) as events:
                self._is(LegState.RINGING)
                if await found(self.pbx.ari.ring(self.id), _GONE):
                    self._told_to_ring.set()
                    await self._follow(events, math.inf)
        except AriError:
            self._is(LegState.DOWN)
            raise
        self._is(LegState.DOWN)

    async def answer(self, passage: Passage | None) -> None:
        """Pick up a channel that rang us, once it has been told to ring: told later, Asterisk would play the ringing tone into
        the conversation, and go on (seen on 22.10.1).

        Args:
            passage: the slot that the estate holds for it; None where the channel counts against no line.

        Raises:
            AriRefused: the PBX would not answer it.
            AriLost: the PBX did not reply.
        """
        await self._told_to_ring.wait()
        if passage is not None and self._entry is not None:
            self.estate.occupy(self._entry, passage)
        try:
            await self.command(self.pbx.ari.answer(self.id))
        except AriRefused:  # so does Asterisk answer, too, when the caller hangs up at this moment
            await trio.sleep(SAYS_SO_WITHIN)
            raise
        self._is(LegState.UP)

    def turn_away(self) -> None:
        """The caller is to hear that the line is busy when they are hung up on."""
        if self._entry is not None:
            self._entry.reason = "busy"

    async def _originate(self, entry: Entry, placement: Placement, passage: Passage) -> None:
        async def request() -> None:
            try:
                await self.pbx.ari.originate(
                    endpoint=placement.endpoint,
                    channel_id=self.id,
                    caller_id=placement.caller_id,
                    timeout=math.ceil(placement.timeout),
                    variables=placement.variables,
                )
            finally:
                passage.placed()

        try:
            await self.pbx.reaper.create(entry, request)
        except AriError as error:
            if entry.buried:
                raise
            with suppress(AriLost):
                if await self._exists():
                    entry.confirm()
                    return
            raise Unconfirmed(f"the call may have been placed: {error}") from error

    async def _exists(self) -> bool:
        """Look at the PBX. A channel that is up in our application has been answered, whether or not we heard of it.

        Raises:
            AriLost: the PBX did not say.
        """
        try:
            channel = await self.pbx.ari.get_channel(self.id)
        except AriRefused as refusal:
            if refusal.status != NOT_FOUND:
                raise AriLost(str(refusal)) from refusal
            return False
        if channel.dialplan.app_name == _IN_STASIS and channel.state == _ANSWERED:
            self._is(LegState.UP)
        return True

    async def _follow(self, events: Subscription, answer_within: float) -> None:
        with trio.move_on_after(answer_within) as patience, self._following:
            async for event in events:
                await self._hear(event)
                if self.up.is_set():
                    patience.deadline = math.inf
        self._is(LegState.DOWN)

    async def _hear(self, event: Event) -> None:
        match event:
            case StasisStart():
                self._is(LegState.UP)
            case Dial(forwarded=forwarded) if forwarded is not None and forwarded.id != self.id:
                self.estate.adopt(Kind.CHANNEL, forwarded.id)
                self.forwarded = True
                self.let_go()
            case Dial(dialstatus="RINGING"):
                self._is(LegState.RINGING)
            case StasisEnd():
                self.let_go()
            case ChannelDestroyed(cause=cause, cause_txt=text):
                self.farewell = Farewell(cause, text)
                self._gone()
                self.let_go()
            case EventsLost(restarted=True):
                self._gone()
                raise AriLost("the PBX has restarted")
            case EventsLost() if not await self._exists():
                self.let_go()

    def _gone(self) -> None:
        if self._entry is not None:
            self._entry.bury()

    def _is(self, state: LegState) -> None:
        if _ORDER[state] <= _ORDER[self.state]:
            return
        self.state = state
        if state is LegState.RINGING:
            self.rang = True
        if state is LegState.UP:
            self.up.set()
        if state is LegState.DOWN:
            self.down.set()
        self.changed(state)

    def let_go(self) -> None:
        """Follow the channel no longer: the person is gone, or has to go."""
        self._following.cancel()

    async def command(self, request: Awaitable[T]) -> T:
        """Carry out a request that concerns this channel.

        When its answer shows that the person has hung up, this never returns: the end of the leg cancels whoever waits here.

        Raises:
            AriRefused: for any other reason.
            AriLost: the PBX did not answer.
        """
        try:
            return await request
        except AriRefused as refusal:
            if refusal.status not in _GONE:
                raise
        await trio.sleep(SAYS_SO_WITHIN)
        self.let_go()
        return await trio.sleep_forever()
