"""OpenAI-compatible transcription: OpenAI's own, and servers for whisper models."""

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
from callengine.providers.openai_stt import MOST_PROMPT, OpenAiSttConfig, open_openai_stt, prompt_of
from callengine.testing import SECRET, Reply, Subject, check_stt
from tests.providers.odd_json import odd_json
from tests.providers.test_audio import tone
from tests.providers.test_vira_stt import fields_of

AUDIO = write_wav(tone())
QUOTA = b'{"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}}'

Answer = Callable[[httpx.Request], httpx.Response]


async def hear(answer: Answer, config: OpenAiSttConfig | None = None, hints: SpeechHints | None = None) -> str:
    async with open_openai_stt(config or OpenAiSttConfig(api_key=SECRET), httpx.MockTransport(answer)) as ears:
        return await ears.transcribe(AUDIO, hints or SpeechHints())


def reply(status: int, content: bytes) -> Answer:
    return lambda _: httpx.Response(status, content=content)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SpeechToText]:
    async with open_openai_stt(OpenAiSttConfig(url, SECRET)) as ears:
        yield ears


async def test_it_conforms() -> None:
    empty = (Reply(402), Reply(429, QUOTA), Reply(200, b'{"error": "pre_consume_token_quota_failed"}'))
    subject = Subject(opened, Reply(body=b'{"text": "Yes, please."}'), empty, silent=Reply(body=b'{"text": ""}'))
    await check_stt(subject, AUDIO, "Yes, please.")


async def test_openai_is_asked_as_its_reference_says() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, str(request.url)) == ("POST", "https://api.openai.com/v1/audio/transcriptions")
        assert request.headers["Authorization"] == f"Bearer {SECRET}"
        assert sorted(fields_of(request)) == [
            ("file", "audio.wav", AUDIO),
            ("language", None, b"pt"),
            ("model", None, b"gpt-4o-mini-transcribe"),
            ("prompt", None, "آگراد, IELTS, half ?".encode()),
            ("response_format", None, b"json"),
        ]
        usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 45}
        return httpx.Response(200, json={"text": "Sim.", "usage": usage})

    assert await hear(answer, hints=SpeechHints(hotwords=("آگراد", " IELTS ", "half \ud800"), language="pt-BR")) == "Sim."


async def test_a_server_of_one_s_own_needs_no_key_and_has_its_own_models() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "http://127.0.0.1:8000/v1/audio/transcriptions"
        assert "Authorization" not in request.headers
        model = "whisper-1" if not config.model else config.model
        assert sorted(fields_of(request)) == [
            ("file", "audio.wav", AUDIO),
            ("model", None, model.encode()),
            ("response_format", None, b"json"),
        ]
        return httpx.Response(200, json={"text": "\n yes\n"})

    for config in (OpenAiSttConfig("http://127.0.0.1:8000/v1/"), OpenAiSttConfig("http://127.0.0.1:8000/v1", model="small")):
        assert await hear(answer, config) == "yes"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(429, QUOTA), BalanceExhausted),
        (reply(403, b'{"error": {"code": "unsupported_country_region_territory"}}'), ProviderRefused),
        (reply(401, f"Incorrect API key provided: {SECRET}".encode()), ProviderRefused),
        (reply(200, b'{"error": "failed to read audio data"}'), ProviderUnavailable),
        (reply(200, b'{"text": null}'), ProviderUnavailable),
        (reply(200, b'data: {"type": "transcript.text.delta", "delta": "yes"}\n\n'), ProviderUnavailable),
    ],
)
async def test_every_failure_has_its_family_and_none_shows_the_key(answer: Answer, error: type[ProviderError]) -> None:
    with pytest.raises(error) as raised:
        await hear(answer)
    assert type(raised.value) is error
    assert SECRET not in str(raised.value)


@given(odd_json("text", "error"))
async def test_any_answer_is_a_text_or_an_error_of_ours(content: bytes) -> None:
    try:
        heard = await hear(reply(200, content))
    except ProviderError:
        return
    assert heard == json.loads(content)["text"].strip()


@given(st.lists(st.text()).map(tuple))
def test_a_prompt_is_short_and_holds_whole_words_from_the_front(hotwords: tuple[str, ...]) -> None:
    prompt = prompt_of(hotwords)
    assert len(prompt) <= MOST_PROMPT
    assert ", ".join(filter(None, map(str.strip, hotwords))).startswith(prompt)


def test_the_key_is_in_no_repr_and_bad_settings_are_named() -> None:
    assert SECRET not in repr(OpenAiSttConfig(api_key=SECRET))
    with pytest.raises(ConfigError, match="STT_BASE_URL"):
        OpenAiSttConfig("whisper:8000")
    with pytest.raises(ConfigError, match="STT_API_KEY"):
        OpenAiSttConfig(api_key="two words")
