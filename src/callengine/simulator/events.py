"""The JSON of ARI: what the PBX sends. Field names are Asterisk's, seen on 22.10.1."""

from datetime import datetime

from msgspec import Struct


def stamp(at: datetime) -> str:
    """A time as Asterisk writes it: milliseconds, and an offset without a colon."""
    text = at.isoformat(timespec="milliseconds")
    return text[:-3] + text[-2:]


class Party(Struct, frozen=True):
    """A caller id."""

    name: str = ""
    number: str = ""


class Dialplan(Struct, frozen=True):
    context: str
    exten: str
    priority: int
    app_name: str
    app_data: str


class ChannelView(Struct, frozen=True):
    id: str
    name: str
    state: str
    protocol_id: str
    caller: Party
    connected: Party
    accountcode: str
    dialplan: Dialplan
    creationtime: str
    language: str


class BridgeView(Struct, frozen=True):
    id: str
    technology: str
    bridge_type: str
    bridge_class: str
    creator: str
    name: str
    channels: list[str]
    creationtime: str
    video_mode: str


class PlaybackView(Struct, frozen=True):
    id: str
    media_uri: str
    target_uri: str
    language: str
    state: str


class RecordingView(Struct, frozen=True, omit_defaults=True):
    """A live recording; durations are whole seconds, those of talk and silence only when silence is listened for."""

    name: str
    format: str
    state: str
    target_uri: str
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str | None = None


class StoredView(Struct, frozen=True):
    name: str
    format: str


class Event(Struct, tag_field="type", tag=True, kw_only=True, omit_defaults=True):
    """What every event carries; filled in when it is sent."""

    timestamp: str = ""
    application: str = ""
    asterisk_id: str = ""


class StasisStart(Event, tag=True):
    args: list[str]
    channel: ChannelView


class StasisEnd(Event, tag=True):
    channel: ChannelView


class ChannelStateChange(Event, tag=True):
    channel: ChannelView


class ChannelVarset(Event, tag=True):
    variable: str
    value: str
    channel: ChannelView


class ChannelDtmfReceived(Event, tag=True):
    digit: str
    duration_ms: int
    channel: ChannelView


class ChannelTalkingStarted(Event, tag=True):
    channel: ChannelView


class ChannelTalkingFinished(Event, tag=True):
    duration: int
    channel: ChannelView


class ChannelHangupRequest(Event, tag=True):
    channel: ChannelView
    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None


class ChannelDestroyed(Event, tag=True):
    cause: int
    cause_txt: str
    channel: ChannelView
    tech_cause: int | None = None


class Dial(Event, tag=True):
    dialstatus: str
    forward: str
    dialstring: str
    peer: ChannelView
    forwarded: ChannelView | None = None


class ChannelEnteredBridge(Event, tag=True):
    bridge: BridgeView
    channel: ChannelView


class ChannelLeftBridge(Event, tag=True):
    bridge: BridgeView
    channel: ChannelView


class PlaybackStarted(Event, tag=True):
    playback: PlaybackView


class PlaybackFinished(Event, tag=True):
    playback: PlaybackView


class RecordingStarted(Event, tag=True):
    recording: RecordingView


class RecordingFinished(Event, tag=True):
    recording: RecordingView


class RecordingFailed(Event, tag=True):
    recording: RecordingView


class ApplicationReplaced(Event, tag=True):
    """Another socket has taken the application over."""
