"""What passed between the engine and a PBX in one call, written so that two calls alike read alike.

Ids become the kind of object and a number, in the order of appearance. Times and places in line between events of
different objects are left out: Asterisk promises an order for each object alone, and none against its HTTP responses.
"""

import re
from collections.abc import Iterator, Sequence

from attrs import define, field, frozen

from callengine.ari import (
    BridgeEvent,
    ChannelDestroyed,
    ChannelEvent,
    Dial,
    Event,
    PlaybackEvent,
    RecordingEvent,
    StasisStart,
)

DELETED = 204

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
_NAMED = re.compile(r"/([a-z]+-\d+)(?=/|$)")
_PLAYED = re.compile(r"/channels/([^/]+)/play/([^/]+)")


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
    _names: dict[str, str] = field(factory=dict)
    _owners: dict[str, str] = field(factory=dict)
    """The name of a playback -> that of its channel."""

    def request(self, method: str, path: str, status: int | None) -> None:
        named = _ID.sub(lambda found: f"/{found[1]}/{self._name(_PLACES[found[1]], found[2])}", path)
        self.requests.append(Request(method, named, status))
        if played := _PLAYED.fullmatch(named):
            self._owners[played[2]] = played[1]

    def event(self, event: Event) -> None:
        self.events.append(event)
        self._subject(event)

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
        if left_by_person:
            cleared = {_NAMED.findall(each.path)[-1] for each in requests[len(kept) :] if each.method == "DELETE"}
            yield from (f"and clears away {name}" for name in sorted(cleared.intersection(names)))
        for name in names:
            yield name
            yield from (f"  {self._wording(event)}" for event in events if self._subject(event) == name)

    def _by_asker(self, requests: Sequence[Request]) -> dict[str, list[Request]]:
        """Who goes on beside whom: the placing of calls, the conversation with the customer, and that with each operator."""
        customer = next((name for name in self._names.values() if name.startswith((ARRIVAL, "channel"))), "")
        asked: dict[str, list[Request]] = {"that place calls": [], "of the call": []}
        operators: dict[str, list[Request]] = {}
        for each in requests:
            [concerned, *_] = [*_NAMED.findall(each.path), ""]
            with_operator = self._owners.get(concerned, concerned)
            if each.path == "/channels":
                asked["that place calls"].append(each)
            elif with_operator.startswith("channel") and with_operator != customer:
                operators.setdefault(f"of {with_operator}", []).append(each)
            else:
                asked["of the call"].append(each)
        return asked | dict(sorted(operators.items()))

    def _before_a_forward(self) -> list[Event]:
        """All events, or those up to a forward: what follows it is a race between the telephone's hangup and ours."""
        forwards = [place for place, event in enumerate(self.events) if isinstance(event, Dial) and event.forwarded]
        return self.events[: forwards[0] + 1] if forwards else self.events

    def _name(self, kind: str, id: str) -> str:  # noqa: A002 - an object's id is called id everywhere in ARI
        if id not in self._names:
            number = sum(name.startswith(kind) for name in self._names.values()) + 1
            self._names[id] = f"{kind}-{number}"
        return self._names[id]

    def _subject(self, event: Event) -> str:
        """The name of the object an event is about."""
        match event:
            case PlaybackEvent(playback=playback):
                return self._name("playback", playback.id)
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

    def _wording(self, event: Event) -> str:
        said: list[object] = [type(event).__name__]
        match event:
            case PlaybackEvent(playback=playback):
                said.append(playback.state)
            case RecordingEvent(recording=recording):
                said.append(recording.state)
            case BridgeEvent(channel=channel):
                said.append(self._name("channel", channel.id))
            case ChannelDestroyed(cause=cause, tech_cause=sip):
                said += [cause, sip]
            case StasisStart(args=args):
                said += args
            case Dial(dialstatus=status, forwarded=forwarded):
                said += [status or "(sent)", *([self._name("channel", forwarded.id)] if forwarded else [])]
        return " ".join(map(str, said))
