"""Keeps the timelines of the calls under way, until they are written down."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import trio
from attrs import define, field

from callengine.ari import ChannelDestroyed, ChannelDtmfReceived, Dial, Event, EventsLost
from callengine.model import Ambient, Attempt, CallId, Moment, MomentKind, Received, StoredTimeline

MOST_MOMENTS = 2_000
"""Of one call; the others are counted."""


@define(eq=False)
class _Reel:
    """What is kept of one call."""

    began_at: datetime | None = None
    moments: list[Moment] = field(factory=list)
    cut: int = 0


@define(eq=False)
class Recorder:
    """A timeline and a tap: what calls do, what is asked of the PBX for them, and what it tells of them.

    What people say or key in is left out unless it may be kept. Neither bodies nor queries of requests come here.

    Args:
        owners: the call of each object at the PBX.
        keep_spoken: whether what customers said may be kept.
        most: moments of one call that are kept; its result is, however many came before.
    """

    owners: Mapping[str, CallId]
    ambient: Ambient
    keep_spoken: bool = False
    most: int = MOST_MOMENTS
    _reels: dict[CallId, _Reel] = field(factory=dict, init=False)

    def begin(self, attempt: Attempt) -> None:
        self._reels[attempt.call] = _Reel()

    def receive(self, received: Received) -> None:
        self._reels[received.call] = _Reel()

    def note(self, moment: Moment) -> None:
        reel = self._reels.get(moment.call)
        if reel is None:
            return
        if moment.kind is MomentKind.RESULT and not self.keep_spoken:
            moment = Moment(moment.call, moment.at, moment.kind, moment.name)  # an error's words may be anybody's
        self._keep(reel, moment)

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:  # noqa: ARG002  AriTap's
        self._add(
            (about, *path.split("/")[2:]),
            MomentKind.REQUEST,
            f"{method} {path}",
            "no answer" if status is None else str(status),
        )

    def event(self, event: Event) -> None:
        if isinstance(event, EventsLost):
            for call in self._reels:
                self._keep(self._reels[call], Moment(call, trio.current_time(), MomentKind.EVENT, "EventsLost"))
            return
        self._add(event.object_ids(), MomentKind.EVENT, type(event).__name__, "", event)

    def take(self, call: CallId) -> StoredTimeline | None:
        """Give a call's timeline and forget it; None if there is none."""
        reel = self._reels.pop(call, None)
        if reel is None or reel.began_at is None:
            return None
        return StoredTimeline(call, reel.began_at, tuple(reel.moments), reel.cut)

    def _add(self, objects: Iterable[str], kind: MomentKind, name: str, detail: str, event: Event | None = None) -> None:
        for each in objects:
            call = self.owners.get(each)
            if call is None:
                continue
            reel = self._reels.get(call)
            if reel is not None:
                detail = detail if event is None else _told(event, self.keep_spoken)
                self._keep(reel, Moment(call, trio.current_time(), kind, name, detail))
            return

    def _keep(self, reel: _Reel, moment: Moment) -> None:
        if reel.began_at is None:
            reel.began_at = self.ambient.wall()
        if len(reel.moments) < self.most or moment.kind is MomentKind.RESULT:
            reel.moments.append(moment)
        else:
            reel.cut += 1


def _told(event: Event, keep_spoken: bool) -> str:
    """What an event is about: its objects, and what it says of them. A key may belong to a secret number."""
    match event:
        case ChannelDtmfReceived(digit=digit):
            word = digit if keep_spoken else "a key"
        case ChannelDestroyed(cause=cause, cause_txt=text):
            word = f"cause {cause} {text}".rstrip()
        case Dial(dialstatus=status, forwarded=forwarded):
            word = "forwarded" if forwarded is not None else status
        case _:
            word = ""
    return " ".join((*event.object_ids()[:2], word)).rstrip()
