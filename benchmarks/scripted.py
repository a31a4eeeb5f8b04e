"""A PBX in memory that answers every request at once and does nothing else: what is left to measure is the engine."""

from collections.abc import Callable

import msgspec
import trio
from attrs import define, field

from benchmarks.peer import ANSWER

Asked = Callable[[str, str], None]
"""Is told method and path (with the query) of a request, when it is written."""


@define(eq=False)
class ScriptedStream(trio.abc.Stream):
    """One connection to that PBX."""

    _asked: Asked
    _answers: bytes = field(default=b"", init=False)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        method, path, _ = bytes(data).split(b" ", 2)
        self._answers += ANSWER
        self._asked(method.decode(), path.decode())
        await trio.lowlevel.checkpoint()

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:  # noqa: ARG002  answers are short
        await trio.lowlevel.checkpoint()
        answers, self._answers = self._answers, b""
        return answers

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


def _event(kind: str, **fields: object) -> bytes:
    stamp = "2026-03-02T09:00:00.000+0000"
    return msgspec.json.encode({"type": kind, "timestamp": stamp, "application": "bench", **fields})


def _channel(channel_id: str) -> dict[str, object]:
    return {
        "id": channel_id,
        "name": "PJSIP/trunk-00000001",
        "state": "Up",
        "protocol_id": f"{channel_id}@pbx",
        "caller": {"name": "", "number": "09120000000"},
        "connected": {"name": "", "number": "02191302000"},
        "accountcode": "",
        "dialplan": {"context": "default", "exten": "s", "priority": 1, "app_name": "Stasis", "app_data": "bench"},
        "creationtime": "2026-03-02T09:00:00.000+0000",
        "language": "en",
    }


def stasis_start(channel_id: str) -> bytes:
    """The message that a channel of ours was answered."""
    return _event("StasisStart", args=[], channel=_channel(channel_id))


def playback_finished(channel_id: str, playback_id: str) -> bytes:
    """The message that a prompt is over."""
    playback = {
        "id": playback_id,
        "media_uri": "sound:custom/greeting",
        "target_uri": f"channel:{channel_id}",
        "language": "en",
        "state": "done",
    }
    return _event("PlaybackFinished", playback=playback)


def channel_destroyed(channel_id: str) -> bytes:
    """The message that a channel is gone."""
    return _event("ChannelDestroyed", cause=16, cause_txt="Normal Clearing", channel=_channel(channel_id))
