"""What passed between the engine and a PBX in one call, written so that two calls alike read alike.

Ids become the kind of object and a number, in the order of appearance. Times and places in line between events of
different objects are left out: Asterisk promises an order for each object alone, and none against its HTTP responses. So
playbacks are counted for each channel: the hold audio of a customer goes on beside what an operator hears.

What else is a race, and is told alike however it ends:

- The cause of a leg that its person left. The engine deletes a channel as soon as it hears StasisEnd, and Asterisk writes
  the cause of that DELETE (16) over the one there was: that of a BYE, which gives none (0), or that of a telephone without
  sound (44). It depends on whether the DELETE comes before the channel's thread has ended.
- How often a DELETE is repeated before an object is proven gone (`said_once`).
- What is asked of the PBX between a person's hangup and the engine's knowing of it (`Trace.told`).
- What follows a forward.
"""

import re
from collections.abc import Iterator, Sequence

import trio
from attrs import define, field, frozen

from callengine.ari import (
    BridgeEvent,
    ChannelDestroyed,
    ChannelEvent,
    ChannelLeftBridge,
    Dial,
    Event,
    PlaybackEvent,
    RecordingEvent,
    StasisEnd,
    StasisStart,
)

DELETED = 204

LEFT = "(left)"
LEFT_CAUSES = frozenset({0, 16, 44})
"""The Q.850 causes of a leg that its person left, any of which is told as `LEFT`: see above (seen on Asterisk 22.10.1)."""

ARRIVAL = "arrival"
"""A channel that comes in: a caller's, or one that a forward makes where the dialplan leads it to the application."""

_PLACES = {
    "channels": "channel",
    "play": "playback",
    "playbacks": "playback",
    "live": "recording",
    "stored": "recording",
    "bridges": "bridge",
}
"""The segment of a path that an id follows -> the kind of object."""

_ID = re.compile(rf"/({'|'.join(_PLACES)})/([^/]+)")
_NAMED = re.compile(r"/([a-z]+-\d+(?:-of-[a-z]+-\d+)?)(?=/|$)")
_OWNED = re.compile(r".+-of-(.+)")


@frozen
class Request:
    """One request: `status` is None where the call ended before the answer came."""

    method: str
    path: str
    status: int | None

    @property
    def of_call(self) -> bool:
        """Whether it makes or concerns an object of a call; the others come in no certain order between them."""
        return self.method == "POST" or bool(_NAMED.search(self.path))

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


def said_once(requests: Sequence[Request]) -> Sequence[Request]:
    """Without what only makes sure that a deleted object is gone: how often that takes is up to the PBX."""
    deleted = {each.path for each in requests if each.method == "DELETE" and each.status == DELETED}
    return [each for each in requests if each.path not in deleted or each.method != "DELETE" or each.status == DELETED]


def before_the_end(requests: Sequence[Request]) -> Sequence[Request]:
    """Up to the last that begins something: what follows clears it away."""
    last = max((place for place, each in enumerate(requests) if each.method == "POST"), default=-1)
    return requests[: last + 1]


@define
class Trace:
    """An `AriTap` that keeps everything."""

    requests: list[Request] = field(factory=list)
    events: list[Event] = field(factory=list)
    changed: trio.Event = field(factory=trio.Event)
    """Set, and replaced, with every event."""
    _names: dict[str, str] = field(factory=dict)

    def request(self, method: str, path: str, status: int | None, seconds: float, about: str) -> None:
        owner = ""

        def named(found: re.Match[str]) -> str:
            nonlocal owner
            owner = self._name(_PLACES[found[1]], found[2], owner if found[1] == "play" else "")
            return f"/{found[1]}/{owner}"

        self.requests.append(Request(method, _ID.sub(named, path), status))

    def event(self, event: Event) -> None:
        self.events.append(event)
        self._subject(event)
        self.changed.set()
        self.changed = trio.Event()

    async def wait_ended(self) -> None:
        """Wait for the PBX's last word on every channel it has told of: it may come after the answer to a DELETE."""
        while self._going_on():
            await self.changed.wait()

    def _going_on(self) -> set[str]:
        """Channels that are not ended; one that came in ends with StasisEnd, one that we dialled is destroyed later."""
        dialled, entered, left, destroyed = set[str](), set[str](), set[str](), set[str]()
        for event in self.events:
            match event:
                case Dial(peer=channel):
                    dialled.add(channel.id)
                case StasisStart(channel=channel):
                    entered.add(channel.id)
                case StasisEnd(channel=channel):
                    left.add(channel.id)
                case ChannelDestroyed(channel=channel):
                    destroyed.add(channel.id)
        return (dialled | (entered - left)) - destroyed

    def told(self, *, left_by_person: bool) -> Iterator[str]:
        """The trace as lines.

        Args:
            left_by_person: a person, not the flow, ended the call. What then remains to be asked of the PBX depends on
                which of its last events the engine reads first, so only the objects that are cleared away are told.
        """
        yield "requests of the engine"
        yield from sorted(f"  {each}" for each in self.requests if not each.of_call)
        requests = said_once([each for each in self.requests if each.of_call])
        kept = before_the_end(requests) if left_by_person else requests
        for asker, asked in self._by_asker(kept).items():
            yield f"requests {asker}"
            yield from (f"  {each}" for each in asked)
        events = self._before_a_forward()
        untold = ARRIVAL if len(events) < len(self.events) else None
        names = sorted(name for name in self._names.values() if untold is None or not name.startswith(untold))
        left = self._left() if left_by_person else ""
        if left_by_person:
            cleared = {_NAMED.findall(each.path)[-1] for each in requests[len(kept) :] if each.method == "DELETE"}
            yield from (f"and clears away {name}" for name in sorted(cleared.intersection(names)))
        for name in names:
            yield name
            yield from (f"  {self._wording(event, left)}" for event in events if self._subject(event) == name)

    def _by_asker(self, requests: Sequence[Request]) -> dict[str, list[Request]]:
        """Who goes on beside whom: the placing of calls, the conversation with the customer, and that with each operator."""
        customer = self._customer()
        asked: dict[str, list[Request]] = {"that place calls": [], "of the call": []}
        operators: dict[str, list[Request]] = {}
        for each in requests:
            [concerned, *_] = [*_NAMED.findall(each.path), ""]
            owned = _OWNED.fullmatch(concerned)
            with_operator = owned[1] if owned else concerned
            if each.path == "/channels":
                asked["that place calls"].append(each)
            elif with_operator.startswith("channel") and with_operator != customer:
                operators.setdefault(f"of {with_operator}", []).append(each)
            else:
                asked["of the call"].append(each)
        return asked | dict(sorted(operators.items()))

    def _customer(self) -> str:
        """The name of the customer's channel, which is the first; "" if there was none."""
        return next((name for name in self._names.values() if name.startswith((ARRIVAL, "channel"))), "")

    def _left(self) -> str:
        """The name of the channel whose person ended the call: the first to leave the bridge, or else the customer's."""
        leaving = (event.channel.id for event in self.events if isinstance(event, ChannelLeftBridge))
        first = next(leaving, None)
        return self._customer() if first is None else self._names[first]

    def _before_a_forward(self) -> list[Event]:
        """All events, or those up to a forward: what follows it is a race between the telephone's hangup and ours."""
        forwards = [place for place, event in enumerate(self.events) if isinstance(event, Dial) and event.forwarded]
        return self.events[: forwards[0] + 1] if forwards else self.events

    def _name(self, kind: str, id: str, owner: str = "") -> str:  # noqa: A002 - an object's id is called id everywhere in ARI
        if id not in self._names:
            of = f"-of-{owner}" if owner else ""
            number = sum(name.startswith(kind) and name.endswith(of) for name in self._names.values()) + 1
            self._names[id] = f"{kind}-{number}{of}"
        return self._names[id]

    def _subject(self, event: Event) -> str:
        """The name of the object an event is about."""
        match event:
            case PlaybackEvent(playback=playback):
                return self._name("playback", playback.id, self._name("channel", playback.target_uri.removeprefix("channel:")))
            case RecordingEvent(recording=recording):
                return self._name("recording", recording.name)
            case BridgeEvent(bridge=bridge):
                return self._name("bridge", bridge.id)
            case StasisStart(channel=channel, args=("inbound", *_)):
                return self._name(ARRIVAL, channel.id)
            case ChannelEvent(channel=channel):
                return self._name("channel", channel.id)
            case Dial(peer=peer):
                return self._name("channel", peer.id)
        return ""

    def _wording(self, event: Event, left: str) -> str:
        said: list[object] = [type(event).__name__]
        match event:
            case PlaybackEvent(playback=playback):
                said.append(playback.state)
            case RecordingEvent(recording=recording):
                said.append(recording.state)
            case BridgeEvent(channel=channel):
                said.append(self._name("channel", channel.id))
            case ChannelDestroyed(cause=cause, tech_cause=None) if cause in LEFT_CAUSES and self._subject(event) == left:
                said.append(LEFT)
            case ChannelDestroyed(cause=cause, tech_cause=sip):
                said += [cause, sip]
            case StasisStart(args=args):
                said += args
            case Dial(dialstatus=status, forwarded=forwarded):
                said += [status or "(sent)", *([self._name("channel", forwarded.id)] if forwarded else [])]
        return " ".join(map(str, said))
