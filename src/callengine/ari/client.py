"""The REST operations, named as Asterisk names them.

Every operation raises AriRefused when the PBX says no, AriUnavailable when it was not carried out, AriLost when that is not
known. Some refusals are 5xx: an endpoint that cannot be reached answers `500 Allocation failed` (seen on 22.10.1), for good;
after any other 5xx a creating request may have been carried out all the same. What deletes something answers whether it was
there; 404 is no error.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar
from urllib.parse import quote

import msgspec
import trio

from callengine.ari.connection import Response
from callengine.ari.events import WANTED
from callengine.ari.resources import (
    Application,
    AsteriskInfo,
    Bridge,
    Channel,
    Endpoint,
    LiveRecording,
    Module,
    Playback,
    Pong,
    StoredRecording,
    StoredSound,
)
from callengine.ari.tap import AriTap
from callengine.ari.transport import Transport
from callengine.errors import AriLost, AriRefused

T = TypeVar("T")

HangupReason = Literal["normal", "busy", "congestion", "no_answer"]

_NOT_FOUND = 404
_REFUSALS = 300
_LONGEST_REASON = 200
_RECORDING = re.compile(r"[A-Za-z0-9-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Complaint(msgspec.Struct, frozen=True):
    """How ARI says why; which of the two depends on who says it."""

    message: str = ""
    error: str = ""


class _Variable(msgspec.Struct, frozen=True):
    """The value of a channel variable."""

    value: str = ""


def _path(*segments: str) -> str:
    if any(each in {"", ".", ".."} for each in segments):
        raise ValueError(f"no path of a request can be made of {segments!r}")
    return "".join(f"/{quote(each, safe='')}" for each in segments)


def _query(**values: str | int | None) -> str:
    """Names with a trailing underscore are Python's; None is left out."""
    return "&".join(f"{name.rstrip('_')}={quote(str(each), safe='')}" for name, each in values.items() if each is not None)


def _reason(response: Response) -> str:
    try:
        complaint = msgspec.json.decode(response.body, type=_Complaint)
    except (ValueError, RecursionError):
        return "no reason given"
    return (complaint.message or complaint.error or "no reason given")[:_LONGEST_REASON]


class AriClient:
    """The operations of one Asterisk, for one application.

    Args:
        app: the Stasis application that what we originate belongs to.
        tap: is told of every request, its outcome included.
    """

    def __init__(self, transport: Transport, app: str, *, tap: AriTap | None = None) -> None:
        self.transport = transport
        self.app = app
        self._tap = tap

    # Channels

    async def originate(
        self,
        *,
        endpoint: str,
        channel_id: str,
        caller_id: str,
        timeout: int,  # noqa: ASYNC109 - how long the phone may ring, not how long we wait
        variables: Mapping[str, str] | None = None,
        app_args: str = "",
    ) -> Channel:
        """Ring a phone. Subscribe to `channel_id` first: events can overtake the answer. Never sent twice.

        Args:
            endpoint: such as `PJSIP/09121234567@trunk`.
            channel_id: a fresh UUID. Asterisk compares ids by prefix: one that begins like a live channel's answers 409
                (seen on 22.10.1).
            timeout: seconds it may ring, at least 1; to Asterisk 0 would mean 30.
            variables: of the channel; names are identifiers, so that none calls a dialplan function.

        Raises:
            ValueError: a variable's name is no identifier, or `timeout` is below 1.
        """
        if timeout < 1:
            raise ValueError(f"a phone cannot ring for {timeout} s")
        for name in variables or ():
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a channel variable")
        body = {
            "endpoint": endpoint,
            "app": self.app,
            "appArgs": app_args,
            "callerId": caller_id,
            "timeout": timeout,
            "channelId": channel_id,
            "variables": dict(variables or {}),
        }
        return await self._ask(Channel, "POST", "/channels", body=msgspec.json.encode(body), about=channel_id)

    async def get_channel(self, channel_id: str) -> Channel:
        """AriRefused 404 proves that it is gone only if it is known to have existed."""
        return await self._ask(Channel, "GET", _path("channels", channel_id))

    async def list_channels(self) -> tuple[Channel, ...]:
        """All of the PBX's, other people's calls too."""
        return await self._ask(tuple[Channel, ...], "GET", "/channels")

    async def hangup(self, channel_id: str, *, reason: HangupReason = "normal") -> bool:
        """Hang up; False if there was no such channel."""
        return await self._delete(_path("channels", channel_id), _query(reason=reason))

    async def answer(self, channel_id: str) -> None:
        await self._do("POST", _path("channels", channel_id, "answer"))

    async def ring(self, channel_id: str) -> None:
        """Let an inbound caller hear that it rings."""
        await self._do("POST", _path("channels", channel_id, "ring"))

    async def start_moh(self, channel_id: str, *, moh_class: str | None = None) -> None:
        """Begin music on hold."""
        await self._do("POST", _path("channels", channel_id, "moh"), _query(mohClass=moh_class))

    async def stop_moh(self, channel_id: str) -> bool:
        """End music on hold; False if there was no such channel."""
        return await self._delete(_path("channels", channel_id, "moh"))

    async def set_variable(self, channel_id: str, variable: str, value: str) -> None:
        """Set a variable of a channel, or a dialplan function such as `TALK_DETECT(set)`.

        A function that the PBX does not have is no refusal: it answers 204 all the same (seen on 22.10.1).

        Args:
            variable: never made of data, since it can call any function.
        """
        await self._do("POST", _path("channels", channel_id, "variable"), _query(variable=variable, value=value))

    async def get_variable(self, channel_id: str, variable: str) -> str:
        """Return a variable of a channel; AriRefused 404 where it is not set."""
        query = _query(variable=variable)
        return (await self._ask(_Variable, "GET", _path("channels", channel_id, "variable"), query)).value

    # Playbacks

    async def play(self, channel_id: str, media: str, playback_id: str) -> Playback:
        """Queue a sound; PlaybackFinished says when it is over, but may never come: resolve on StasisEnd too."""
        return await self._ask(Playback, "POST", _path("channels", channel_id, "play", playback_id), _query(media=media))

    async def get_playback(self, playback_id: str) -> Playback:
        return await self._ask(Playback, "GET", _path("playbacks", playback_id))

    async def stop_playback(self, playback_id: str) -> bool:
        """Stop a sound; False if it was over."""
        return await self._delete(_path("playbacks", playback_id))

    # Recordings

    async def record(
        self,
        channel_id: str,
        name: str,
        *,
        format: str = "wav",  # noqa: A002 - Asterisk's word
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: Literal["fail", "overwrite", "append"] = "fail",
        terminate_on: Literal["none", "any", "*", "#"] = "none",
        beep: bool = False,
    ) -> LiveRecording:
        """Record what a channel says, answering it if need be. Fails by RecordingFailed if it is in a bridge.

        Args:
            name: a fresh UUID; it becomes the name of a file.
            max_duration_seconds: None means no limit.
            max_silence_seconds: of silence that end it; None means it goes on.

        Raises:
            ValueError: the name holds more than letters, digits and hyphens.
        """
        if not _RECORDING.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a recording of ours")
        query = _query(
            name=name,
            format=format,
            maxDurationSeconds=max_duration_seconds,
            maxSilenceSeconds=max_silence_seconds,
            ifExists=if_exists,
            terminateOn=terminate_on,
            beep="true" if beep else None,
        )
        return await self._ask(LiveRecording, "POST", _path("channels", channel_id, "record"), query)

    async def stop_recording(self, name: str) -> None:
        """End a live recording and keep it; AriRefused 404 if it is over."""
        await self._do("POST", _path("recordings", "live", name, "stop"))

    async def discard_recording(self, name: str) -> bool:
        """End a live recording and throw it away; False if it is over."""
        return await self._delete(_path("recordings", "live", name))

    async def list_stored_recordings(self) -> tuple[StoredRecording, ...]:
        return await self._ask(tuple[StoredRecording, ...], "GET", "/recordings/stored")

    async def get_stored_file(self, name: str) -> bytes:
        """The file as it is on the PBX's disk: 44 bytes if nothing arrived to be recorded (seen on 22.10.1)."""
        return (await self._do("GET", _path("recordings", "stored", name, "file"))).body

    async def delete_stored(self, name: str) -> bool:
        """Delete a stored recording; False if there was none."""
        return await self._delete(_path("recordings", "stored", name))

    # Bridges

    async def create_bridge(self, bridge_id: str, type: str = "mixing") -> Bridge:  # noqa: A002 - Asterisk's word
        """Create a bridge under a fresh UUID; it stays until deleted. Its name is our application's: `reconcile` reads it."""
        return await self._ask(
            Bridge, "POST", "/bridges", _query(bridgeId=bridge_id, type_=type, name=self.app), about=bridge_id
        )

    async def list_bridges(self) -> tuple[Bridge, ...]:
        """All of the PBX's, other people's too."""
        return await self._ask(tuple[Bridge, ...], "GET", "/bridges")

    async def add_channel(self, bridge_id: str, *channels: str) -> None:
        """Put channels into a bridge, several in one request. ChannelEnteredBridge proves it; the answer does not.

        A channel that plays or records blocks this for as long: stop that first. 400 no such channel, 409 not in Stasis or
        being recorded, 422 channel not in Stasis.
        """
        await self._do("POST", _path("bridges", bridge_id, "addChannel"), _query(channel=",".join(channels)))

    async def delete_bridge(self, bridge_id: str) -> bool:
        """Delete a bridge; its channels live on. False if there was none."""
        return await self._delete(_path("bridges", bridge_id))

    # The PBX and our application

    async def get_application(self) -> Application:
        """AriRefused 404 while no event socket serves it: who answers a call then is hung up on."""
        return await self._ask(Application, "GET", _path("applications", self.app))

    async def list_applications(self) -> tuple[Application, ...]:
        return await self._ask(tuple[Application, ...], "GET", "/applications")

    async def set_event_filter(self, types: Iterable[str] = WANTED) -> Application:
        """Have only these types of event sent to us; AriRefused 404 while our application is not active."""
        body = msgspec.json.encode({"allowed": [{"type": each} for each in types]})
        return await self._ask(Application, "PUT", _path("applications", self.app, "eventFilter"), body=body)

    async def info(self) -> AsteriskInfo:
        """Its version, and since when it runs: another `startup_time` means that all channels of before are gone."""
        return await self._ask(AsteriskInfo, "GET", "/asterisk/info", _query(only="system,status"))

    async def ping(self) -> Pong:
        """Its clock."""
        return await self._ask(Pong, "GET", "/asterisk/ping")

    async def list_modules(self) -> tuple[Module, ...]:
        """All that are loaded, running or not."""
        return await self._ask(tuple[Module, ...], "GET", "/asterisk/modules")

    async def get_endpoint(self, technology: str, resource: str) -> Endpoint:
        """AriRefused 404 where there is no such endpoint."""
        return await self._ask(Endpoint, "GET", _path("endpoints", technology, resource))

    async def get_sound(self, sound_id: str) -> StoredSound:
        """A sound by its path within a folder of a language; AriRefused 404 where no such folder has it.

        Every folder beside those of languages counts as one of a language, too (seen on 22.10.1): `custom/hello`, in
        `sounds/custom`, is the sound `hello` in the language `custom`.
        """
        return await self._ask(StoredSound, "GET", _path("sounds", sound_id))

    # What all of them stand on

    async def _ask(self, kind: type[T], method: str, path: str, query: str = "", body: bytes = b"", about: str = "") -> T:
        response = await self._do(method, path, query, body, about)
        try:
            return msgspec.json.decode(response.body, type=kind)
        except (ValueError, RecursionError) as error:
            raise AriLost(f"{method} {path}: the answer makes no sense: {error}") from error

    async def _delete(self, path: str, query: str = "") -> bool:
        response = await self._send("DELETE", path, query, b"")
        if response.status == _NOT_FOUND:
            return False
        self._check(response, "DELETE", path)
        return True

    async def _do(self, method: str, path: str, query: str = "", body: bytes = b"", about: str = "") -> Response:
        response = await self._send(method, path, query, body, about)
        self._check(response, method, path)
        return response

    def _check(self, response: Response, method: str, path: str) -> None:
        if response.status >= _REFUSALS:
            raise AriRefused(response.status, _reason(response), f"{method} {path}")

    async def _send(self, method: str, path: str, query: str, body: bytes, about: str = "") -> Response:
        status, began = None, trio.current_time()
        try:
            response = await self.transport.request(method, path, query=query, body=body)
            status = response.status
            return response
        finally:
            if self._tap is not None:
                self._tap.request(method, path, status, trio.current_time() - began, about)
