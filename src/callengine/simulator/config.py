"""How the simulated PBX is set up."""

from collections.abc import Mapping
from zlib import crc32

from attrs import field, frozen

VERSION = "22.10.1"
"""The Asterisk whose behaviour this PBX follows."""

MODULES = (
    "app_stasis.so",
    "bridge_simple.so",
    "chan_pjsip.so",
    "format_wav.so",
    "func_talkdetect.so",
    "res_ari_applications.so",
    "res_ari_asterisk.so",
    "res_ari_bridges.so",
    "res_ari_channels.so",
    "res_ari_endpoints.so",
    "res_ari_playbacks.so",
    "res_ari_recordings.so",
    "res_ari_sounds.so",
    "res_curl.so",
    "res_http_media_cache.so",
    "res_musiconhold.so",
    "res_stasis.so",
    "res_stasis_answer.so",
    "res_stasis_playback.so",
    "res_stasis_recording.so",
)
"""What it says it is made of."""


@frozen
class PbxConfig:
    """Settings of a simulated PBX; the defaults are Asterisk's where Asterisk has one.

    Attributes:
        username: of the one ARI user.
        password: of the one ARI user.
        inbound_app: the application calls from outside enter, as a dialplan would send them to `Stasis(app,inbound,number)`.
        prompt_seconds: how long a media URI plays; others last 1 to 5 s, the same each time for the same URI.
        missing: media URIs that do not exist: their playback fails.
        latency: seconds; a request or its answer is held back for up to this long, drawn from the generator, so that
            events may come before the answer.
        keep_alive: seconds an idle connection stays open.
        session_limit: connections at once, event sockets counted; one more is closed at once.
        event_queue: events that may wait for a socket; one more closes it.
        write_timeout: seconds the peer may leave an event socket unread before it is closed.
        inbound_patience: seconds a caller lets it ring before giving up.
        version: that it says it is.
        modules: that it says it is made of.
        endpoints: states by `PJSIP/trunk`, of which there are no others; None where any is there and online.
    """

    username: str = "callengine"
    password: str = field(default="callengine", repr=False)
    inbound_app: str = "callengine"
    prompt_seconds: Mapping[str, float] = field(factory=dict)
    missing: tuple[str, ...] = ()
    latency: float = 0.002
    keep_alive: float = 15.0
    session_limit: int = 100
    event_queue: int = 2000
    write_timeout: float = 0.1
    inbound_patience: float = 45.0
    version: str = VERSION
    modules: tuple[str, ...] = MODULES
    endpoints: Mapping[str, str] | None = None

    def seconds_of(self, media: str) -> float:
        """How long a media URI plays."""
        known = self.prompt_seconds.get(media)
        return 1.0 + crc32(media.encode()) % 41 / 10 if known is None else known
