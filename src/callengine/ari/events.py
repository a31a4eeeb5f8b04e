"""The events we understand, as classes named as Asterisk names them, and the one table of them.

msgspec decodes a message straight into its class, chosen by the `type` in it. Asterisk's timestamps carry an offset without
a colon (`-0600`), which msgspec reads. Unknown types and fields are no errors: newer versions of Asterisk add both.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import ClassVar

import msgspec

from callengine.ari.resources import Bridge, Channel, LiveRecording, Playback


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Something happened at the PBX.

    Attributes:
        wanted: whether the event socket asks for this type; what nobody waits for costs time at both ends.
    """

    wanted: ClassVar[bool] = True

    application: str = ""
    timestamp: datetime | None = None

    def object_ids(self) -> tuple[str, ...]:
        """Of the channels, bridges, playbacks and recordings the event concerns."""
        return ()


def _id_in(uri: str) -> str:
    """`channel:ID` and `bridge:ID` name what a playback or a recording works on."""
    return uri.partition(":")[2]


class ChannelEvent(Event, frozen=True, kw_only=True):
    """Concerns a channel."""

    channel: Channel

    def object_ids(self) -> tuple[str, ...]:
        return (self.channel.id,)


class BridgeEvent(Event, frozen=True, kw_only=True):
    """Concerns a channel and a bridge."""

    bridge: Bridge
    channel: Channel

    def object_ids(self) -> tuple[str, ...]:
        return (self.channel.id, self.bridge.id)


class PlaybackEvent(Event, frozen=True, kw_only=True):
    """Concerns a playback, and what it plays to."""

    playback: Playback

    def object_ids(self) -> tuple[str, ...]:
        return (self.playback.id, _id_in(self.playback.target_uri))


class RecordingEvent(Event, frozen=True, kw_only=True):
    """Concerns a recording, and what it records."""

    recording: LiveRecording

    def object_ids(self) -> tuple[str, ...]:
        return (self.recording.name, _id_in(self.recording.target_uri))


class StasisStart(ChannelEvent, frozen=True, kw_only=True):
    """A channel is ours to control: an originated one because it was answered, an inbound one because it arrived."""

    args: tuple[str, ...] = ()
    replace_channel: Channel | None = None

    def object_ids(self) -> tuple[str, ...]:
        replaced = (self.replace_channel.id,) if self.replace_channel else ()
        return (self.channel.id, *replaced)


class StasisEnd(ChannelEvent, frozen=True, kw_only=True):
    """A channel is no longer ours. For an inbound one it may be the last event, yet proves no hangup."""


class ChannelCreated(ChannelEvent, frozen=True, kw_only=True):
    """A channel exists."""

    wanted = False


class ChannelStateChange(ChannelEvent, frozen=True, kw_only=True):
    """A channel rings, or is up."""

    wanted = False


class ChannelDestroyed(ChannelEvent, frozen=True, kw_only=True):
    """A channel is gone. A dial that timed out says so here alone, with cause 19.

    Attributes:
        cause: the Q.850 code; 0 where unknown.
        tech_cause: the SIP status, from Asterisk 20.17 and 22.7 on.
    """

    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None


class ChannelHangupRequest(ChannelEvent, frozen=True, kw_only=True):
    """Somebody wants a channel hung up; it is not gone yet."""

    wanted = False

    cause: int = 0
    tech_cause: int | None = None
    soft: bool = False


class ChannelDtmfReceived(ChannelEvent, frozen=True, kw_only=True):
    """A key was pressed and released; `duration_ms` is how long it was held."""

    digit: str
    duration_ms: int = 0


class ChannelTalkingStarted(ChannelEvent, frozen=True, kw_only=True):
    """Somebody begins to speak, on a channel whose function TALK_DETECT is set."""


class ChannelTalkingFinished(ChannelEvent, frozen=True, kw_only=True):
    """Somebody has been silent for as long as TALK_DETECT was told.

    Attributes:
        duration: milliseconds spoken, that silence not counted (seen on 22.10.1).
    """

    duration: int = 0


class ChannelVarset(Event, frozen=True, kw_only=True):
    """A variable was set, of a channel or of the PBX itself. Seven of a simple call's 18 events (seen on 22.10.1)."""

    wanted = False

    variable: str
    value: str = ""
    channel: Channel | None = None

    def object_ids(self) -> tuple[str, ...]:
        return (self.channel.id,) if self.channel else ()


class Dial(Event, frozen=True, kw_only=True):
    """How a dial goes on. Advisory: a dial that timed out has no final one.

    Attributes:
        dialstatus: empty (sent), PROGRESS, PROCEEDING, RINGING, ANSWER, BUSY, CONGESTION ...
        forwarded: the channel under an id of the PBX's own that now rings elsewhere, past any do-not-dial list.
    """

    peer: Channel
    caller: Channel | None = None
    dialstatus: str = ""
    dialstring: str = ""
    forward: str = ""
    forwarded: Channel | None = None

    def object_ids(self) -> tuple[str, ...]:
        return tuple(channel.id for channel in (self.peer, self.caller, self.forwarded) if channel)


class ChannelEnteredBridge(BridgeEvent, frozen=True, kw_only=True):
    """The proof that a channel is bridged; the answer to `addChannel` is none."""


class ChannelLeftBridge(BridgeEvent, frozen=True, kw_only=True):
    """A channel is no longer in a bridge."""


class PlaybackStarted(PlaybackEvent, frozen=True, kw_only=True):
    """The caller begins to hear a sound."""

    wanted = False


class PlaybackContinuing(PlaybackEvent, frozen=True, kw_only=True):
    """The next sound of several begins."""

    wanted = False


class PlaybackFinished(PlaybackEvent, frozen=True, kw_only=True):
    """A playback is over. None comes for one that was still queued when its channel hung up."""


class RecordingStarted(RecordingEvent, frozen=True, kw_only=True):
    """A recording begins."""

    wanted = False


class RecordingFinished(RecordingEvent, frozen=True, kw_only=True):
    """A recording is stored, which does not prove that there is sound in it."""


class RecordingFailed(RecordingEvent, frozen=True, kw_only=True):
    """A recording came to nothing; at once, if its channel is in a bridge (seen on 22.10.1)."""


class ApplicationReplaced(Event, frozen=True, kw_only=True):
    """Another socket has taken our application over."""


class EventsLost(Event, frozen=True, kw_only=True, tag=False):
    """Ours, never the PBX's: the event socket was down and is up again, and events are missing. Look at the PBX.

    Attributes:
        restarted: the PBX itself is another process now: nothing of before exists.
    """

    restarted: bool


_CLASSES: tuple[type[Event], ...] = (
    StasisStart,
    StasisEnd,
    ChannelCreated,
    ChannelStateChange,
    ChannelDestroyed,
    ChannelHangupRequest,
    ChannelDtmfReceived,
    ChannelTalkingStarted,
    ChannelTalkingFinished,
    ChannelVarset,
    Dial,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    PlaybackStarted,
    PlaybackContinuing,
    PlaybackFinished,
    RecordingStarted,
    RecordingFinished,
    RecordingFailed,
    ApplicationReplaced,
)

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType({each.__name__: each for each in _CLASSES})
"""The one table: the type in a message to the class it becomes."""

WANTED: tuple[str, ...] = tuple(name for name, each in EVENT_TYPES.items() if each.wanted)
"""What the event socket asks the PBX for."""


class _Envelope(msgspec.Struct, frozen=True):
    type: str


class EventDecoder:
    """Turns messages of the event socket into events, and counts what it could not use.

    Attributes:
        unknown: messages of types that are not in the table.
        malformed: messages that are not what their type promises, or no JSON at all.
    """

    def __init__(self) -> None:
        self.unknown = 0
        self.malformed = 0
        self._event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(reduce(or_, _CLASSES))
        self._envelope = msgspec.json.Decoder(_Envelope)

    def decode(self, message: str | bytes) -> Event | None:
        """The event, or None when the message is of no use. Never raises, whatever the message holds."""
        try:
            return self._event.decode(message)
        except (ValueError, RecursionError):
            if self._is_unknown(message):
                self.unknown += 1
            else:
                self.malformed += 1
            return None

    def _is_unknown(self, message: str | bytes) -> bool:
        try:
            return self._envelope.decode(message).type not in EVENT_TYPES
        except (ValueError, RecursionError):
            return False
