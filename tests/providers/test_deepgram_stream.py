"""Deepgram, listening as it is spoken."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given

from callengine.errors import ProviderError, ProviderUnavailable
from callengine.providers import Heard, SpeechHints, StreamingSpeechToText
from callengine.providers.deepgram import DeepgramConfig
from callengine.providers.deepgram_stream import DeepgramStreamingSpeechToText, heard_in
from callengine.providers.wording import ServiceWords
from callengine.testing import SECRET, Speech, StreamSubject, check_streaming_stt, open_socket_wire
from tests.providers.odd_json import odd_json

CLOSE = '{"type": "CloseStream"}'
WORDS = ServiceWords("Deepgram", (SECRET,))


def results(text: str, *, final: bool = False, **more: bool) -> str:
    message = {
        "type": "Results",
        "channel_index": [0, 1],
        "duration": 1.0,
        "start": 0.0,
        "is_final": final,
        "speech_final": False,
        "channel": {"alternatives": [{"transcript": text, "confidence": 0.99, "words": []}]},
        "metadata": {"request_id": "uuid"},
    }
    return json.dumps({**message, **more})


METADATA = json.dumps({"type": "Metadata", "request_id": "uuid", "duration": 1.0, "channels": 1})
STARTED = json.dumps({"type": "SpeechStarted", "channel": [0], "timestamp": 0.1})
UTTERANCE_END = json.dumps({"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 2.4})


@asynccontextmanager
async def ears(url: str) -> AsyncIterator[StreamingSpeechToText]:
    yield DeepgramStreamingSpeechToText(DeepgramConfig(SECRET, base_url=url, timeout=1.0))


async def test_it_conforms() -> None:
    payment = b'{"err_code": "ASR_PAYMENT_REQUIRED", "err_msg": "Project does not have enough credits"}'
    subject = StreamSubject(
        ears,
        good=(STARTED, results("yes"), results("yes please"), results("", final=True), UTTERANCE_END),
        ending=CLOSE,
        last=(results("Yes, please.", final=True, from_finalize=True), METADATA),
        empty=(Speech(402, payment), Speech(says=('{"type": "Error", "description": "ASR_PAYMENT_REQUIRED"}',))),
    )
    await check_streaming_stt(subject, "Yes, please.")


async def test_what_is_asked_for_is_what_the_documentation_names() -> None:
    async with open_socket_wire(Speech(ending=CLOSE)) as wire:
        config = DeepgramConfig(SECRET, language="fa", base_url=wire.url, timeout=1.0)
        async with DeepgramStreamingSpeechToText(config).open(SpeechHints(hotwords=("سپیده", "IELTS prep")), 8000) as stream:
            await stream.send(b"\1\0")
            await stream.send(b"")
            await stream.flush()
            await stream.finish()
            assert [heard async for heard in stream] == []
    [opened] = wire.opened
    assert opened.headers["authorization"] == f"Token {SECRET}"
    assert urlsplit(opened.target).path == "/v1/listen"
    assert parse_qsl(urlsplit(opened.target).query) == [
        ("model", "nova-3"),
        ("language", "fa"),
        ("encoding", "linear16"),
        ("sample_rate", "8000"),
        ("channels", "1"),
        ("interim_results", "true"),
        ("endpointing", "300"),
        ("punctuate", "true"),
        ("keyterm", "سپیده"),
        ("keyterm", "IELTS prep"),
    ]
    assert opened.said == [b"\1\0", '{"type": "Finalize"}', CLOSE]


async def test_the_pieces_of_speech_are_told_apart() -> None:
    said = (results("no"), results("No.", final=True), results("", final=True, speech_final=True), results("bye", final=True))
    async with (
        open_socket_wire(Speech(says=said, ending=CLOSE)) as wire,
        ears(wire.url) as opened,
        opened.open(SpeechHints(), 8000) as stream,
    ):
        await stream.send(b"\1\0")
        await stream.finish()
        heard = [heard async for heard in stream]
    assert heard == [
        Heard("no", final=False),
        Heard("No.", final=True),
        Heard("", final=True, pause=True),
        Heard("bye", final=True),
    ]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ('{"type": "Error", "description": "bad\\nthings", "message": "canary-key-93417"}', ProviderUnavailable),
        ('{"type": "Results", "channel": {"alternatives": []}}', ProviderUnavailable),
        ('{"type": "Results", "channel": [0]}', ProviderUnavailable),
        ('{"type": "Results", "channel": {"alternatives": [{"transcript": null}]}}', ProviderUnavailable),
        ('{"type": null}', ProviderUnavailable),
        ("", ProviderUnavailable),
    ],
)
def test_messages_that_tell_of_no_speech(message: str, error: type[ProviderError]) -> None:
    with pytest.raises(error) as raised:
        heard_in(message, WORDS)
    assert SECRET not in str(raised.value)


@given(odd_json("type", "channel", "alternatives", "transcript", "is_final"))
def test_any_message_is_something_heard_or_an_error_of_ours(message: bytes) -> None:
    try:
        heard = heard_in(message, WORDS)
    except ProviderError:
        return
    assert heard is None or heard.text or heard.pause
