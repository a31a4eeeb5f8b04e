"""The shipped checks pass what is right, and name what is wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import trio

from callengine.errors import ProviderUnavailable
from callengine.providers import LanguageModel, Messenger, Question, SpeechHints, SpeechStream, StreamingSpeechToText
from callengine.providers.deepgram import DeepgramConfig
from callengine.providers.deepgram_stream import DeepgramStreamingSpeechToText
from callengine.providers.melipayamak import MeliPayamakConfig, open_messenger
from callengine.providers.openai import OpenAiConfig, open_model
from callengine.testing import (
    SECRET,
    Reply,
    StreamSubject,
    Subject,
    check_llm,
    check_messenger,
    check_streaming_stt,
    conforming_streams,
)

COMPLETION = Reply(body=b'{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}')
EVENTS = Reply(body=b'data: {"choices": [{"delta": {"content": "yes"}}]}\n\ndata: [DONE]\n\n')
EMPTY = (
    Reply(403),
    Reply(500, b'{"code": "pre_consume_token_quota_failed"}'),
    Reply(200, b'{"error": "token quota is not enough"}'),
)


@asynccontextmanager
async def model(url: str) -> AsyncIterator[LanguageModel]:
    async with open_model(OpenAiConfig(url, SECRET)) as opened:
        yield opened


@asynccontextmanager
async def messenger(url: str) -> AsyncIterator[Messenger]:
    async with open_messenger(MeliPayamakConfig(SECRET, "50004", base_url=url)) as opened:
        yield opened


@pytest.mark.parametrize("good", [COMPLETION, EVENTS], ids=["json", "events"])
async def test_the_language_model_conforms(good: Reply) -> None:
    await check_llm(Subject(model, good, EMPTY), "yes")


async def test_the_messenger_conforms() -> None:
    await check_messenger(Subject(messenger, Reply(200, b'{"recId": 1, "status": ""}'), delivers=False))


class Careless:
    """Lets errors of its library out, retries messages, shows its key."""

    def __init__(self, url: str, *, raises: bool) -> None:
        self.url, self.raises = url, raises

    async def complete(self, question: Question) -> str:
        async with httpx.AsyncClient() as client:
            answer = await client.post(self.url, json={"key": SECRET})
            if not answer.is_success and self.raises:
                raise ProviderUnavailable(f"{answer.status_code}: {SECRET}")
            return answer.text


@pytest.mark.parametrize(("raises", "complaint"), [(True, "must be ProviderRefused"), (False, "is taken for")])
async def test_a_careless_one_is_told_what_is_wrong(raises: bool, complaint: str) -> None:
    @asynccontextmanager
    async def careless(url: str) -> AsyncIterator[LanguageModel]:
        yield Careless(url, raises=raises)

    with pytest.raises(AssertionError, match=complaint):
        await check_llm(Subject(careless, COMPLETION), "yes")


class Unpacking:
    """Right in everything, but that it unpacks whatever comes."""

    def __init__(self, inner: LanguageModel, url: str) -> None:
        self.inner, self.url = inner, url

    async def complete(self, question: Question) -> str:
        try:
            return await self.inner.complete(question)
        except ProviderUnavailable as error:
            if "encoding" not in str(error):
                raise
        async with httpx.AsyncClient() as client:
            answer = (await client.post(self.url)).json()
        return str(answer["choices"][0]["message"]["content"])


async def test_one_who_unpacks_answers_of_any_size_is_told() -> None:
    @asynccontextmanager
    async def unpacking(url: str) -> AsyncIterator[LanguageModel]:
        async with model(url) as inner:
            yield Unpacking(inner, url)

    with pytest.raises(AssertionError, match="a swollen answer must be"):
        await check_llm(Subject(unpacking, COMPLETION), "yes")


class Mute:
    """Opens streams that nothing is ever heard in, and that nobody can leave."""

    @asynccontextmanager
    async def open(self, hints: SpeechHints, rate: int) -> AsyncIterator[SpeechStream]:
        await trio.sleep_forever()
        raise AssertionError("nothing wakes it")
        yield


async def test_one_who_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def mute(url: str) -> AsyncIterator[StreamingSpeechToText]:
        yield Mute()

    monkeypatch.setattr(conforming_streams, "PATIENCE", 0.1)
    with pytest.raises(AssertionError, match="something hangs"):
        await check_streaming_stt(StreamSubject(mute, good=(), ending=""), "")


async def test_one_who_hears_something_else_is_told() -> None:
    @asynccontextmanager
    async def hearing(url: str) -> AsyncIterator[StreamingSpeechToText]:
        yield DeepgramStreamingSpeechToText(DeepgramConfig(SECRET, base_url=url, timeout=1.0))

    subject = StreamSubject(hearing, good=(), ending='{"type": "CloseStream"}')
    with pytest.raises(AssertionError, match="heard '' where the service said 'yes'"):
        await check_streaming_stt(subject, "yes")
