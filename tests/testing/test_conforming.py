"""The shipped checks pass what is right, and name what is wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from callengine.errors import ProviderUnavailable
from callengine.providers import LanguageModel, Messenger, Question
from callengine.providers.melipayamak import MeliPayamakConfig, open_messenger
from callengine.providers.openai import OpenAiConfig, open_model
from callengine.testing import SECRET, Reply, Subject, check_llm, check_messenger

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
