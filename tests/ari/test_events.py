import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.ari import (
    EVENT_TYPES,
    WANTED,
    ApplicationReplaced,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelVarset,
    Dial,
    Event,
    EventDecoder,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisStart,
)

CHANNEL = {
    "id": "c-1",
    "protocol_id": "abc@10.0.0.1",
    "name": "PJSIP/trunk-00000001",
    "state": "Up",
    "caller": {"name": "", "number": ""},
    "connected": {"name": "", "number": "912"},
    "accountcode": "",
    "dialplan": {"context": "default", "exten": "s", "priority": 1, "app_name": "Stasis", "app_data": "callengine,inbound,123"},
    "creationtime": "2026-03-02T09:00:00.123-0600",
    "language": "en",
}


def decode(kind: str, **fields: object) -> Event:
    envelope = {"type": kind, "timestamp": "2026-03-02T09:00:00.123-0600", "application": "callengine", "asterisk_id": "aa:bb"}
    decoder = EventDecoder()
    event = decoder.decode(json.dumps(envelope | fields))
    assert event is not None, (decoder.unknown, decoder.malformed)
    return event


def test_an_event_becomes_its_class() -> None:
    event = decode("StasisStart", args=["inbound", "123"], channel=CHANNEL)
    assert isinstance(event, StasisStart)
    assert event.args == ("inbound", "123")
    assert event.application == "callengine"
    assert event.timestamp == datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=timezone(timedelta(hours=-6)))
    assert event.channel.connected.number == "912"
    assert event.channel.dialplan.app_data == "callengine,inbound,123"
    assert event.object_ids() == ("c-1",)


def test_what_an_event_concerns() -> None:
    playback = {"id": "p-1", "media_uri": "sound:hello", "target_uri": "channel:c-1", "state": "done"}
    recording = {"name": "r-1", "format": "wav", "target_uri": "bridge:b-1", "state": "done"}
    bridge = {"id": "b-1", "technology": "simple_bridge", "bridge_type": "mixing", "channels": ["c-1"]}
    assert decode("PlaybackFinished", playback=playback).object_ids() == ("p-1", "c-1")
    assert decode("RecordingFinished", recording=recording).object_ids() == ("r-1", "b-1")
    assert decode("ChannelEnteredBridge", bridge=bridge, channel=CHANNEL).object_ids() == ("c-1", "b-1")
    assert decode("ChannelVarset", variable="X", value="1").object_ids() == ()
    assert decode("ChannelVarset", variable="X", value="1", channel=CHANNEL).object_ids() == ("c-1",)
    assert decode("ApplicationReplaced") == ApplicationReplaced(
        application="callengine", timestamp=datetime.fromisoformat("2026-03-02T09:00:00.123-06:00")
    )


def test_a_forwarded_call_names_the_channel_to_hang_up() -> None:
    forwarded = CHANNEL | {"id": "1700000000.7"}
    event = decode("Dial", peer=CHANNEL, forward="elsewhere", forwarded=forwarded, dialstatus="CANCEL")
    assert isinstance(event, Dial)
    assert event.forwarded is not None
    assert event.object_ids() == ("c-1", "1700000000.7")


def test_why_a_channel_is_gone() -> None:
    event = decode("ChannelDestroyed", cause=17, cause_txt="User busy", tech_cause=486, channel=CHANNEL)
    assert isinstance(event, ChannelDestroyed)
    assert (event.cause, event.cause_txt, event.tech_cause) == (17, "User busy", 486)


def test_a_recording_of_a_bridged_channel_fails() -> None:
    recording = {"name": "r-1", "format": "wav", "target_uri": "channel:c-1", "state": "failed", "cause": "no media"}
    event = decode("RecordingFailed", recording=recording)
    assert isinstance(event, RecordingFailed)
    assert (event.recording.state, event.recording.cause, event.recording.duration) == ("failed", "no media", None)


def test_a_recording_can_be_done_and_empty() -> None:
    recording = {"name": "r-1", "format": "wav", "target_uri": "channel:c-1", "state": "done", "duration": 0}
    event = decode("RecordingFinished", recording=recording)
    assert isinstance(event, RecordingFinished)
    assert event.recording.duration == 0
    assert event.recording.talking_duration is None


def test_a_key() -> None:
    event = decode("ChannelDtmfReceived", digit="#", duration_ms=120, channel=CHANNEL)
    assert isinstance(event, ChannelDtmfReceived)
    assert (event.digit, event.duration_ms) == ("#", 120)


def test_only_the_name_of_an_object_is_required() -> None:
    decoder = EventDecoder()
    assert isinstance(decoder.decode('{"type":"ChannelDestroyed","channel":{"id":"c-1"}}'), ChannelDestroyed)
    assert isinstance(decoder.decode('{"type":"Dial","peer":{"id":"c-1"}}'), Dial)
    assert isinstance(decoder.decode('{"type":"PlaybackFinished","playback":{"id":"p-1"}}'), PlaybackFinished)
    assert isinstance(
        decoder.decode('{"type":"ChannelEnteredBridge","bridge":{"id":"b"},"channel":{"id":"c"}}'), ChannelEnteredBridge
    )
    assert (decoder.unknown, decoder.malformed) == (0, 0)


def test_unknown_types_and_fields_are_no_errors() -> None:
    decoder = EventDecoder()
    assert decoder.decode('{"type":"TeapotBoiled","temperature":100}') is None
    assert decoder.decode('{"type":"ChannelVarset","variable":"X","colour":["red"]}') == ChannelVarset(variable="X")
    assert (decoder.unknown, decoder.malformed) == (1, 0)


@pytest.mark.parametrize("ours", ["EventsLost", "ChannelEvent", "Event"])
def test_the_pbx_cannot_send_what_is_ours(ours: str) -> None:
    decoder = EventDecoder()
    assert decoder.decode(json.dumps({"type": ours, "restarted": True, "channel": {"id": "c"}})) is None
    assert decoder.unknown == 1


@pytest.mark.parametrize(
    "message",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"type":7}',
        '{"type":"StasisStart"}',
        '{"type":"StasisStart","channel":{"id":7}}',
        '{"type":"StasisStart","channel":{"id":"c"},"x":' + "[" * 100_000,
        '"\ud800"',
        b"\xff\xfe",
    ],
)
def test_malformed_messages_are_counted(message: str | bytes) -> None:
    decoder = EventDecoder()
    assert decoder.decode(message) is None
    assert (decoder.unknown, decoder.malformed) == (0, 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["channel", "bridge", "playback", "recording", "peer", "args", "cause", "timestamp", "id", "name"])


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(EVENT_TYPES)) | st.text(), rest=st.dictionaries(fields | st.text(), json_values, max_size=4))
def test_no_json_crashes_the_decoder(kind: str, rest: dict[str, object]) -> None:
    decoder = EventDecoder()
    event = decoder.decode(json.dumps({**rest, "type": kind}))
    if event is None:
        assert decoder.unknown + decoder.malformed == 1
    else:
        assert type(event) is EVENT_TYPES[kind]
        assert all(isinstance(each, str) for each in event.object_ids())


@settings(deadline=None)
@given(st.binary() | st.text())
def test_no_message_at_all_crashes_the_decoder(message: str | bytes) -> None:
    EventDecoder().decode(message)


def test_the_table_tells_what_to_ask_for() -> None:
    assert all(name == each.__name__ for name, each in EVENT_TYPES.items())
    assert {"StasisStart", "ChannelDestroyed", "ApplicationReplaced"} <= set(WANTED) < set(EVENT_TYPES)
    assert "ChannelVarset" not in WANTED
