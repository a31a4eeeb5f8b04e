"""What the PBX holds: channels, bridges, playbacks, recordings. Names are Asterisk's.

Only an object's own name is required: a field that one version of Asterisk leaves out has a default here, and a field we
do not know is ignored.
"""

from datetime import datetime

from msgspec import Struct, field


class CallerId(Struct, frozen=True):
    """A name and a number, either of them empty when not known."""

    name: str = ""
    number: str = ""


class Dialplan(Struct, frozen=True):
    """Where a channel is in the dialplan; in Stasis, `app_data` is the application and its arguments, comma-separated."""

    context: str = ""
    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(Struct, frozen=True):
    """One side of a call. `protocol_id` is the SIP Call-ID; `state` is Down, Ring, Ringing, Up ..."""

    id: str
    name: str = ""
    state: str = ""
    protocol_id: str = ""
    caller: CallerId = field(default_factory=CallerId)
    connected: CallerId = field(default_factory=CallerId)
    dialplan: Dialplan = field(default_factory=Dialplan)
    creationtime: datetime | None = None


class Bridge(Struct, frozen=True):
    """Channels that hear each other."""

    id: str
    name: str = ""
    bridge_type: str = ""
    technology: str = ""
    creator: str = ""
    channels: tuple[str, ...] = ()
    creationtime: datetime | None = None


class Playback(Struct, frozen=True):
    """A sound being played. `state` is queued, playing, continuing, done or failed."""

    id: str
    media_uri: str = ""
    target_uri: str = ""
    state: str = ""


class LiveRecording(Struct, frozen=True):
    """A recording under way or just over; durations are seconds.

    `duration` 0 with state done happens: the far end sent no sound, and the file holds 44 bytes (seen on 22.10.1).
    `talking_duration` and `silence_duration` are known only where the recording was to end on silence.
    """

    name: str
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str = ""


class StoredRecording(Struct, frozen=True):
    """A recording on the PBX's disk."""

    name: str
    format: str = ""


class SoundFormat(Struct, frozen=True):
    """One file of a sound. `language` is that of its folder, or the name of whatever folder of sounds it lies in."""

    language: str = ""
    format: str = ""


class StoredSound(Struct, frozen=True):
    """A sound in the PBX's folders."""

    id: str
    formats: tuple[SoundFormat, ...] = ()


class Endpoint(Struct, frozen=True):
    """A telephone, or a trunk. `state` is online, offline or unknown, or None where the technology does not tell."""

    technology: str
    resource: str
    state: str | None = None


class Module(Struct, frozen=True):
    """A part of the PBX, such as `res_stasis.so`. `status` is Running or Not Running."""

    name: str
    status: str = ""


class Pong(Struct, frozen=True):
    """What time it is there."""

    timestamp: datetime


class Application(Struct, frozen=True):
    """A Stasis application that is active, and what it is subscribed to."""

    name: str
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()


class AsteriskSystem(Struct, frozen=True):
    """The software itself."""

    version: str = ""


class AsteriskStatus(Struct, frozen=True):
    """The process itself; another `startup_time` means that everything of before is gone."""

    startup_time: datetime


class AsteriskInfo(Struct, frozen=True):
    """What runs there, and since when."""

    status: AsteriskStatus
    system: AsteriskSystem = field(default_factory=AsteriskSystem)

    @property
    def version(self) -> str:
        return self.system.version

    @property
    def startup_time(self) -> datetime:
        return self.status.startup_time
