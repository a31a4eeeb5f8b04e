"""Requests about playbacks and recordings. Texts and status codes are Asterisk's, seen on 22.10.1."""

from callengine.simulator.asked import Asked
from callengine.simulator.channel_requests import find_channel
from callengine.simulator.exchange import Exchange
from callengine.simulator.http import Response, json_response, problem
from callengine.simulator.log import Kind
from callengine.simulator.media import LiveRecording, Playback

_FORMATS = ("wav", "wav16", "ulaw", "alaw", "sln", "gsm")
_NO_PLAYBACK = problem(404, "Playback not found")
_NO_RECORDING = problem(404, "Recording not found")


async def play(asked: Asked) -> Response:
    channel = find_channel(asked.exchange, asked.ids[0])
    media = asked.request.get("media")
    if not media:
        return problem(500, "Failed to queue media for playback")
    playback_id = (
        asked.ids[1] if len(asked.ids) > 1 else asked.request.get("playbackId") or asked.exchange.office.ambient.new_id()
    )
    playback = Playback(asked.exchange.office, channel, playback_id, media, asked.request.get("lang", "en"))
    if not channel.queue(playback):
        return problem(500, "Failed to queue media for playback")
    return json_response(playback.view(), 201)


async def record(asked: Asked) -> Response:
    channel = find_channel(asked.exchange, asked.ids[0])
    office = asked.exchange.office
    name, file_format = asked.request.get("name"), asked.request.get("format")
    if not name:
        return problem(500, "Error parsing request")
    if file_format not in _FORMATS:
        return problem(422, "specified format is unknown on this system")
    if name in office.live or (name in office.stored and asked.request.get("ifExists", "fail") == "fail"):
        return problem(409, f"Recording '{name}' already exists and can not be overwritten")
    recording = LiveRecording(
        office,
        channel,
        name,
        file_format,
        max_duration=asked.request.number("maxDurationSeconds"),
        max_silence=asked.request.number("maxSilenceSeconds"),
    )
    channel.recording = recording
    if not channel.queue(recording):
        recording.abandon()
    return json_response(recording.view(), 201)


async def get_playback(asked: Asked) -> Response:
    playback = asked.exchange.office.playbacks.get(asked.ids[0])
    return _NO_PLAYBACK if playback is None else json_response(playback.view())


async def stop_playback(asked: Asked) -> Response:
    playback = asked.exchange.office.playbacks.get(asked.ids[0])
    if playback is None:
        return _NO_PLAYBACK
    playback.stopped.set()
    return Response(204)


async def get_live(asked: Asked) -> Response:
    recording = asked.exchange.office.live.get(asked.ids[0])
    return _NO_RECORDING if recording is None else json_response(recording.view())


async def stop(asked: Asked) -> Response:
    return _stop(asked.exchange, asked.ids[0], keep=True)


async def discard(asked: Asked) -> Response:
    return _stop(asked.exchange, asked.ids[0], keep=False)


def _stop(exchange: Exchange, name: str, *, keep: bool) -> Response:
    recording = exchange.office.live.get(name)
    if recording is None:
        return _NO_RECORDING
    recording.kept = recording.kept and keep
    recording.stopped.set()
    return Response(204)


async def list_stored(asked: Asked) -> Response:
    return json_response([recording.view() for recording in asked.exchange.office.stored.values()])


async def get_stored(asked: Asked) -> Response:
    recording = asked.exchange.office.stored.get(asked.ids[0])
    return _NO_RECORDING if recording is None else json_response(recording.view())


async def get_file(asked: Asked) -> Response:
    recording = asked.exchange.office.stored.get(asked.ids[0])
    return _NO_RECORDING if recording is None else Response(200, recording.file(), b"audio/wav")


async def delete_stored(asked: Asked) -> Response:
    if asked.exchange.office.stored.pop(asked.ids[0], None) is None:
        return _NO_RECORDING
    asked.exchange.office.log.note(Kind.RECORDING_DELETED, asked.ids[0])
    return Response(204)
