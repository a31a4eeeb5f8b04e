"""What becomes of calls that an earlier life of the engine has left: people who talk go on talking, all else is hung up.

A restart forgets every flow, so a call cannot be taken up in the middle of one. What can be taken up is a conversation:
customer and operator need nobody between them. Attempts whose fate is not known are settled as such, and never made again.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

import attrs
import structlog
import trio
from attrs import define, field, frozen

from callengine.ari import AriClient, Bridge, Channel, ChannelDestroyed, EventOverflow, Router
from callengine.calls import Estate, Kind, Reaper
from callengine.errors import AriError
from callengine.lines import LinePool
from callengine.model import (
    Ambient,
    Attempt,
    AttemptState,
    Book,
    CallId,
    CallResult,
    Cause,
    ChannelId,
    LineId,
    Placement,
    Purpose,
    Received,
    Result,
    Store,
    TransferOutcome,
    recording_name,
)

LOOK_EVERY = 10.0
"""Seconds between two looks at people who talk: the end of a channel may go unheard while the PBX is out of reach."""

SWEPT_WITHIN = 60.0
"""Seconds for hanging up and deleting what was left; what takes longer is the reaper's, and the next start's."""

RECORDINGS_A_CALL = 100
"""Recordings of one call that are looked for; a flow with more is one that loops."""

_UP = "Up"

log = structlog.get_logger()


@frozen
class Conversation:
    """Two people of ours in one bridge.

    Attributes:
        attempt: that the customer was called with; None where they called us.
        channels: of both, the customer's first where it is known.
    """

    bridge: str
    channels: tuple[str, ...]
    attempt: Attempt | None = None


@frozen
class Decisions:
    """What to do.

    Attributes:
        talks: conversations that go on.
        hang_up: channels of attempts, with whether they had been answered.
        pbx_lost: attempts whose channels went with the PBX, which has restarted since.
        unknown: attempts of which nothing can be found out.
    """

    talks: tuple[Conversation, ...]
    hang_up: tuple[tuple[Attempt, bool], ...]
    pbx_lost: tuple[Attempt, ...]
    unknown: tuple[Attempt, ...]


def decide(
    app: str,
    unfinished: Iterable[Attempt],
    channels: Iterable[Channel],
    bridges: Iterable[Bridge],
    pbx_began: datetime,
) -> Decisions:
    """What becomes of attempts without an outcome, and of channels that are found.

    Args:
        app: ours: its bridges bear its name.
        pbx_began: when the PBX was started.
    """
    listed = {channel.id: channel for channel in channels}
    by_channel = {attempt.channel: attempt for attempt in unfinished if attempt.channel is not None}
    talks = []
    for bridge in bridges:
        people = tuple(each for each in bridge.channels if each in listed)
        if bridge.name == app and len(people) > 1:
            customer = next((ChannelId(each) for each in people if each in by_channel), ChannelId(people[0]))
            both = (customer, *(each for each in people if each != customer))
            talks.append(Conversation(bridge.id, both, by_channel.get(customer)))
    talking = {channel for talk in talks for channel in talk.channels}
    rest = [attempt for attempt in by_channel.values() if attempt.channel not in talking]
    found = [attempt for attempt in rest if attempt.channel in listed]
    missing = [attempt for attempt in rest if attempt.channel not in listed]
    return Decisions(
        talks=tuple(talks),
        hang_up=tuple((attempt, listed[attempt.channel or ""].state == _UP) for attempt in found),
        pbx_lost=tuple(attempt for attempt in missing if attempt.intended_at < pbx_began),
        unknown=tuple(attempt for attempt in missing if attempt.intended_at >= pbx_began),
    )


Settle = Callable[[Attempt | Received], Awaitable[None]]
"""Writes down what became of a call."""


@define(eq=False)
class Adoption:
    """Settles what an earlier life has left; nobody is dialled before `settled` says that its slots are known.

    Args:
        settle: see `Settle`.
        keeps_recordings: whether recordings stay on the PBX.
    """

    client: AriClient
    router: Router
    reaper: Reaper
    lines: LinePool
    store: Store
    ambient: Ambient
    settle: Settle
    keeps_recordings: bool = False
    _left: "_Left" = field(default=((), (), ()), init=False)
    _talks: dict[Estate, trio.CancelScope] = field(factory=dict, init=False)
    _idle: trio.Event = field(factory=trio.Event, init=False)
    _nursery: trio.Nursery = field(init=False)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled. In service once it is known what was left, so that no call of this life is taken for one.

        Raises:
            StoreError: the store cannot be read.
        """
        self._left = await self.store.read(_unfinished)
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    async def settled(self) -> None:
        """Look at the PBX, which is in reach, and do what is to be done. Conversations go on beside.

        Raises:
            AriError: the PBX did not say what it holds.
            StoreError: an outcome could not be written.
        """
        unfinished, callers, placed = self._left
        info = await self.client.info()
        channels, bridges = await self.client.list_channels(), await self.client.list_bridges()
        decisions = decide(self.client.app, unfinished, channels, bridges, info.startup_time)
        ours = {attempt.channel for attempt in unfinished if attempt.channel}
        lines = {placement.id: placement.line for placement in placed}
        for talk in decisions.talks:
            self._nursery.start_soon(self._accompany, talk, self._estate_of(talk, lines))
        for attempt, answered in decisions.hang_up:
            self._bury(attempt, known=True)
            result, cause = ("answered_unserved", Cause.PBX_LOST) if answered else ("failed:restart", Cause.SHUTDOWN)
            await self._over(attempt, AttemptState.SETTLED, CallResult(Result(result), cause, answered, detail=RESTARTED))
        for attempt in decisions.pbx_lost:
            lost = CallResult(Result("pbx_lost"), Cause.PBX_LOST, answered=False, detail="the PBX has restarted since")
            await self._over(attempt, AttemptState.SETTLED, lost)
        for attempt in decisions.unknown:
            self._bury(attempt, known=False)
            unknown = CallResult(Result("failed:unconfirmed"), Cause.UNCONFIRMED, answered=False, detail=RESTARTED)
            await self._over(attempt, AttemptState.UNKNOWN, unknown)
        for caller in callers:
            over = CallResult(Result("failed:restart"), Cause.SHUTDOWN, answered=False, detail=RESTARTED)
            await self.settle(attrs.evolve(caller, outcome=over))
        if not self.keeps_recordings:
            in_app = {channel.id for channel in channels if channel.dialplan.app_data.partition(",")[0] == self.client.app}
            self._nursery.start_soon(self._sweep, frozenset(ours | in_app))
        if unfinished or decisions.talks:
            log.warning(
                "Calls of an earlier run were found",
                talking=len(decisions.talks),
                hung_up=len(decisions.hang_up),
                lost_with_the_pbx=len(decisions.pbx_lost),
                unknown=len(decisions.unknown),
            )

    async def finish(self) -> None:
        """Wait until the conversations that were found are over."""
        while self._talks:
            self._idle = trio.Event()
            await self._idle.wait()

    def hang_up(self) -> None:
        """End the conversations that were found."""
        for scope in self._talks.values():
            scope.cancel()

    def _estate_of(self, talk: Conversation, lines: Mapping[str, LineId]) -> Estate:
        """Hold what two people who talk occupy."""
        estate = self.reaper.open(talk.attempt.call if talk.attempt is not None else CallId(self.ambient.new_id()))
        for place, channel in enumerate(talk.channels):
            line = talk.attempt.line if talk.attempt is not None and place == 0 else lines.get(channel)
            lease = None
            if line is not None:
                lease = self.lines.occupy(line, Purpose.OUTBOUND if place == 0 else Purpose.OPERATOR)
                estate.hold(lease)
            estate.adopt(Kind.CHANNEL, channel, lease)
        estate.adopt(Kind.BRIDGE, talk.bridge)
        self._talks[estate] = trio.CancelScope()
        return estate

    async def _accompany(self, talk: Conversation, estate: Estate) -> None:
        """Until one of the two leaves: then the other is hung up, and the call is over."""
        answered_at = trio.current_time()
        try:
            with self._talks[estate]:
                async with trio.open_nursery() as nursery:
                    for channel in talk.channels:
                        nursery.start_soon(self._until_gone, channel, nursery.cancel_scope)
        finally:
            self.reaper.take(estate)
            del self._talks[estate]
            if not self._talks:
                self._idle.set()
        if talk.attempt is not None:
            talked = trio.current_time() - answered_at
            outcome = CallResult(
                Result("connected_to_operator"),
                Cause.CUSTOMER_GONE,
                answered=True,
                detail=RESTARTED,
                transfer=TransferOutcome.COMPLETED,
                seconds=talked,
                talked=talked,
            )
            await self._over(talk.attempt, AttemptState.SETTLED, outcome)

    async def _until_gone(self, channel: str, scope: trio.CancelScope) -> None:
        while True:
            with self.router.subscribe(channel) as events, trio.move_on_after(LOOK_EVERY):
                try:
                    async for event in events:
                        if isinstance(event, ChannelDestroyed):
                            scope.cancel()
                            return
                except EventOverflow:
                    log.debug("events of a conversation overflow", channel=channel)
            try:
                if all(each.id != channel for each in await self.client.list_channels()):
                    scope.cancel()
                    return
            except AriError as error:
                log.warning("a conversation cannot be looked at", channel=channel, error=str(error))

    def _bury(self, attempt: Attempt, *, known: bool) -> None:
        """Have the reaper hang up a channel and hold its slot until it is gone; one that is not known to be may still come."""
        if attempt.channel is None:
            return
        estate = self.reaper.open(attempt.call)
        lease = self.lines.occupy(attempt.line, Purpose.OUTBOUND)
        estate.hold(lease)
        entry = estate.enter(Kind.CHANNEL, attempt.channel, lease)
        entry.answered.set()
        if known:
            entry.confirm()
        self.reaper.take(estate)

    async def _over(self, attempt: Attempt, state: AttemptState, outcome: CallResult) -> None:
        placed_at = attempt.placed_at or self.ambient.wall()
        await self.settle(attrs.evolve(attempt, state=state, placed_at=placed_at, outcome=outcome))

    async def _sweep(self, channels: frozenset[str]) -> None:
        """Delete the recordings that calls of these channels have left."""
        if not channels:
            return
        names = {recording_name(channel, place) for channel in channels for place in range(RECORDINGS_A_CALL)}
        with trio.move_on_after(SWEPT_WITHIN):
            await self.reaper.drained()
        try:
            for recording in await self.client.list_stored_recordings():
                if recording.name in names:
                    await self.client.delete_stored(recording.name)
        except AriError as error:
            log.warning("Recordings of an earlier run may be left on the PBX", error=str(error))


RESTARTED = "the engine was restarted"

_Left = tuple[tuple[Attempt, ...], tuple[Received, ...], tuple[Placement, ...]]
"""Attempts and calls without an outcome, and what was placed since the first of them."""


def _unfinished(book: Book) -> _Left:
    """What has no outcome yet, and which line each operator's leg is on."""
    attempts, callers = book.attempts.unfinished(), book.calls.unfinished()
    if not attempts and not callers:
        return (), (), ()
    since = min([each.intended_at for each in attempts] + [each.arrived_at for each in callers])
    return attempts, callers, book.placements.since(since)
