"""Deepgram's speech to text of recordings."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import BalanceExhausted, ConfigError, ProviderError, ProviderRefused, ProviderUnavailable
from callengine.providers import SpeechHints, SpeechToText
from callengine.providers.audio import write_wav
from callengine.providers.deepgram import MOST_TERM_BYTES, MOST_TERMS, DeepgramConfig, open_deepgram, terms_of
from callengine.testing import SECRET, Reply, Subject, check_stt
from tests.providers.odd_json import odd_json
from tests.providers.test_audio import tone

AUDIO = write_wav(tone())
PAYMENT = b'{"err_code": "ASR_PAYMENT_REQUIRED", "err_msg": "Project does not have enough credits", "request_id": "uuid"}'

Answer = Callable[[httpx.Request], httpx.Response]


def transcription(text: object) -> bytes:
    """As the documentation shows it."""
    alternative = {"transcript": text, "confidence": 0.99, "words": [{"word": "yes", "start": 0.1, "end": 0.3}]}
    metadata = {"request_id": "uuid", "duration": 1.0, "channels": 1, "models": ["uuid"]}
    return json.dumps({"metadata": metadata, "results": {"channels": [{"alternatives": [alternative]}]}}).encode()


async def hear(answer: Answer, config: DeepgramConfig | None = None, hints: SpeechHints | None = None) -> str:
    async with open_deepgram(config or DeepgramConfig(SECRET), httpx.MockTransport(answer)) as ears:
        return await ears.transcribe(AUDIO, hints or SpeechHints())


def reply(status: int, content: bytes) -> Answer:
    return lambda _: httpx.Response(status, content=content)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SpeechToText]:
    async with open_deepgram(DeepgramConfig(SECRET, base_url=url)) as ears:
        yield ears


async def test_it_conforms() -> None:
    empty = (Reply(402, PAYMENT), Reply(402), Reply(200, PAYMENT))
    subject = Subject(opened, Reply(body=transcription("Yes, please.")), empty, silent=Reply(body=transcription("")))
    await check_stt(subject, AUDIO, "Yes, please.")


async def test_the_request_is_the_one_of_the_documentation() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        assert str(request.url.copy_with(query=None)) == "https://api.deepgram.com/v1/listen"
        assert request.headers["Authorization"] == f"Token {SECRET}"
        assert request.headers["Content-Type"] == "audio/wav"
        assert request.content == AUDIO
        assert request.url.params.multi_items() == [
            ("model", "nova-3"),
            ("language", "fa"),
            ("smart_format", "true"),
            ("keyterm", "آگراد"),
            ("keyterm", "IELTS & more"),
            ("keyterm", "half ?"),
        ]
        return httpx.Response(200, content=transcription("بله"))

    hints = SpeechHints(hotwords=("آگراد", " IELTS &  more ", "half \ud800", "آگراد", ""), language="fa")
    assert await hear(answer, hints=hints) == "بله"


@pytest.mark.parametrize(
    ("hinted", "configured", "asked"), [("", "", None), ("", "fa", "fa"), ("pt-br", "fa", "pt-br"), ("de\ud800", "", "de?")]
)
async def test_a_flow_s_language_comes_before_the_settings(hinted: str, configured: str, asked: str | None) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params.get("language") == asked
        return httpx.Response(200, content=transcription("x"))

    await hear(answer, DeepgramConfig(SECRET, language=configured), SpeechHints(language=hinted))


@pytest.mark.parametrize(
    ("model", "terms"),
    [
        ("nova-3-medical", [("keyterm", "IELTS prep"), ("keyterm", "a:b")]),
        ("nova-2-phonecall", [("keywords", "IELTS"), ("keywords", "prep")]),
        ("enhanced", [("keywords", "IELTS"), ("keywords", "prep")]),
        ("whisper-large", []),
    ],
)
def test_each_model_is_told_of_hotwords_in_its_way(model: str, terms: list[tuple[str, str]]) -> None:
    assert list(terms_of(model, ("IELTS prep", "a:b"))) == terms


@given(st.lists(st.text(), max_size=150).map(tuple))
def test_no_list_of_hotwords_is_too_long_for_a_request(hotwords: tuple[str, ...]) -> None:
    terms = [term for _, term in terms_of("nova-3", hotwords)]
    assert len(terms) == len(set(terms)) <= MOST_TERMS
    assert sum(len(term.encode()) for term in terms) <= MOST_TERM_BYTES
    assert all(terms)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(402, PAYMENT), BalanceExhausted),
        (reply(403, b'{"err_code": "INSUFFICIENT_PERMISSIONS"}'), ProviderRefused),
        (reply(401, f'{{"err_msg": "Invalid credentials {SECRET}"}}'.encode()), ProviderRefused),
        (reply(400, b"corrupt or unsupported data"), ProviderRefused),
        (reply(504, b""), ProviderUnavailable),
        (reply(200, transcription(None)), ProviderUnavailable),
        (reply(200, b'{"results": {"channels": []}}'), ProviderUnavailable),
        (reply(200, b'{"results": {"channels": [{"alternatives": []}]}}'), ProviderUnavailable),
        (reply(200, b'{"results": null}'), ProviderUnavailable),
        (reply(200, b'{"request_id": "uuid"}'), ProviderUnavailable),
    ],
)
async def test_every_failure_has_its_family_and_none_shows_the_key(answer: Answer, error: type[ProviderError]) -> None:
    with pytest.raises(error) as raised:
        await hear(answer)
    assert type(raised.value) is error
    assert SECRET not in str(raised.value)


@given(odd_json("results", "channels", "alternatives", "transcript"))
async def test_any_answer_is_a_text_or_an_error_of_ours(content: bytes) -> None:
    try:
        assert isinstance(await hear(reply(200, content)), str)
    except ProviderError:
        return


def test_the_key_is_in_no_repr_and_bad_settings_are_named() -> None:
    assert SECRET not in repr(DeepgramConfig(SECRET))
    with pytest.raises(ConfigError, match="STT_BASE_URL"):
        DeepgramConfig(SECRET, base_url="wss://api.deepgram.com")
    with pytest.raises(ConfigError, match="DEEPGRAM_API_KEY"):
        DeepgramConfig("two words")
