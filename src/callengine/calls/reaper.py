"""Buries what calls leave behind, and owns their line slots until the channels are proven gone.

Proof is: ChannelDestroyed; or absent after it was known to exist. A 404 for an object that was only requested proves
nothing, because a request whose connection was closed may still be carried out after the DELETE that was meant to undo
it. So requests that create something run here, to their answer, even when their call has ended; and where no answer came
the reaper looks again until a deadline.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog
import trio
from attrs import define, field

from callengine.ari import AriClient, AriUnavailable, ChannelDestroyed, EventOverflow, EventsLost, Held, Router, Subscription
from callengine.calls.estate import Entry, Estate, Kind
from callengine.errors import AriError, AriRefused
from callengine.model import CallId

T = TypeVar("T")

LOOK_AGAIN = 30.0
"""Seconds after an unanswered request during which its object may still appear."""

TOLD_WITHIN = 0.05
"""Seconds. Asterisk no longer lists a channel some milliseconds before it tells that it is destroyed (seen on 22.10.1): a call
placed in between would be one more than its line has."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
_UNCLEAR = frozenset({500, 502, 503, 504})
"""Statuses after which an object may exist all the same, but for Asterisk's `Allocation failed`."""

log = structlog.get_logger()


def proves_absence(error: AriError) -> bool:
    """Whether a request that failed like this surely created nothing."""
    if isinstance(error, AriRefused):
        return error.status not in _UNCLEAR or "allocation failed" in error.reason.lower()
    return isinstance(error, AriUnavailable)


@define(eq=False)
class Reaper:
    """A service that outlives the calls and knows all their estates; start it with `nursery.start(reaper.run)`.

    Attributes:
        owners: the call of each object at the PBX that an estate holds, by its id.
    """

    ari: AriClient
    router: Router
    owners: dict[str, CallId] = field(factory=dict, repr=False)
    _nursery: trio.Nursery = field(init=False, repr=False)
    _lent: dict[Estate, None] = field(factory=dict, init=False)
    _burying: dict[Estate, None] = field(factory=dict, init=False)
    _idle: trio.Event = field(factory=trio.Event, init=False, repr=False)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    def open(self, call: CallId) -> Estate:
        """A new estate, lent until `take`."""
        estate = Estate(call, self.owners)
        self._lent[estate] = None
        return estate

    @property
    def left(self) -> tuple[Entry, ...]:
        """What estates hold that is not proven gone, those of calls in progress included."""
        return tuple(entry for estate in (*self._lent, *self._burying) for entry in estate.entries if not entry.buried)

    @property
    def held(self) -> Held:
        """The same, as a reconciliation with the PBX wants it."""
        left = self.left
        return Held(
            confirmed=frozenset(entry.id for entry in left if entry.state == "confirmed"),
            requested=frozenset(entry.id for entry in left if entry.state == "requested"),
        )

    async def drained(self) -> None:
        """Wait until nothing is left to bury."""
        while self._burying:
            self._idle = trio.Event()
            await self._idle.wait()

    async def create(self, entry: Entry, request: Callable[[], Awaitable[T]]) -> T:
        """Carry out a creating request to its answer, even if the caller is cancelled meanwhile.

        Raises:
            AriError: as the request did.
        """
        answers: list[T | Exception] = []
        self._nursery.start_soon(self._carry_out, entry, request, answers)
        await entry.answered.wait()
        answer = answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _carry_out(self, entry: Entry, request: Callable[[], Awaitable[T]], answers: list[T | Exception]) -> None:
        try:
            answers.append(await request())
            entry.confirm()
        except AriError as error:
            answers.append(error)
            if proves_absence(error):
                entry.bury()
        except Exception as error:  # a fault of ours: the call that asked pays for it, not the reaper
            log.exception("request failed", object=entry.id)
            answers.append(error)
        finally:
            entry.answered.set()

    def take(self, estate: Estate) -> trio.Event:
        """Own an estate from now on. Synchronous, so that no cancellation comes between a call's end and this.

        Returns:
            set when nothing of the estate is left.
        """
        buried = trio.Event()
        del self._lent[estate]
        estate.release_unused()
        if all(entry.buried for entry in estate.entries):
            estate.close()
            buried.set()
            return buried
        self._burying[estate] = None
        self._nursery.start_soon(self._bury, estate, buried)
        return buried

    async def _bury(self, estate: Estate, buried: trio.Event) -> None:
        for kind in Kind:
            if remaining := tuple(estate.remaining(kind)):
                async with trio.open_nursery() as nursery:
                    for entry in remaining:
                        nursery.start_soon(self._bury_entry, estate, entry)
        del self._burying[estate]
        estate.close()
        buried.set()
        if not self._burying:
            self._idle.set()

    async def _bury_entry(self, estate: Estate, entry: Entry) -> None:
        await entry.answered.wait()
        pause, deadline = _FIRST_PAUSE, trio.current_time() + LOOK_AGAIN
        while not entry.buried:
            with self.router.subscribe(entry.id) as events:
                try:
                    existed = await self._delete(entry)
                    if not existed and entry.kind is Kind.CHANNEL and entry.state == "confirmed":
                        await self._listen(entry, events, TOLD_WITHIN)
                    self._weigh(entry, existed, deadline)
                except AriError as error:
                    log.warning("clean-up waits for the PBX", call_id=estate.call, object=entry.id, error=str(error))
                if not entry.buried:
                    await self._listen(entry, events, pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _listen(self, entry: Entry, events: Subscription, seconds: float) -> None:
        """Until the object is seen to go, or the time is up, or events were lost: then a look tells."""
        with trio.move_on_after(seconds), suppress(EventOverflow):
            async for event in events:
                if isinstance(event, EventsLost):
                    return
                entry.confirm()
                if isinstance(event, ChannelDestroyed):
                    entry.bury()
                    return

    def _weigh(self, entry: Entry, existed: bool, deadline: float) -> None:
        """Draw the conclusion from the answer to a DELETE."""
        if existed:
            entry.confirm()
            if entry.kind is not Kind.CHANNEL:
                entry.bury()
        elif entry.state == "confirmed" or trio.current_time() >= deadline:
            entry.bury()

    async def _delete(self, entry: Entry) -> bool:
        match entry.kind:
            case Kind.CHANNEL:
                return await self.ari.hangup(entry.id, reason=entry.reason)
            case Kind.BRIDGE:
                return await self.ari.delete_bridge(entry.id)
            case Kind.RECORDING:
                return await self.ari.discard_recording(entry.id) or await self.ari.delete_stored(entry.id)
