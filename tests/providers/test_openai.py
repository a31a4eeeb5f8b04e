"""The language model's service, in good and bad moods."""

from collections.abc import Callable

import httpx
import msgspec
import pytest

from callengine.errors import (
    BalanceExhausted,
    ConfigError,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.providers import Question
from callengine.providers.http import LARGEST_ANSWER
from callengine.providers.openai import OpenAiConfig, open_model

KEY = "sk-canary-8472"
GOOD = b'{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}], "usage": {}}'
EVENTS = (
    b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\ndata: {"choices": [{"delta": {"content": "number"}}]}\n\n'
    b': ping\n\ndata: {"choices": [{"delta": {"content": "_question"}}]}\n\ndata: {"choices": []}\n\n'
)

Answer = Callable[[httpx.Request], httpx.Response]


async def ask(answer: Answer) -> str:
    async with open_model(OpenAiConfig("https://llm.test/v1/", KEY), httpx.MockTransport(answer)) as model:
        return await model.complete(Question("what?"))


def reply(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda _: httpx.Response(
        status, content=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


async def test_a_completion_is_asked_for_and_returned() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://llm.test/v1/chat/completions"
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        body = msgspec.json.decode(request.content)
        assert body["model"] == "gpt-4o-mini"
        assert body["messages"] == [{"role": "user", "content": "what?"}]
        assert "response_format" not in body
        return httpx.Response(200, content=GOOD)

    assert await ask(answer) == "yes"


async def test_events_nobody_asked_for_are_read() -> None:
    assert await ask(reply(200, EVENTS + b"data: [DONE]\n\n")) == "number_question"
    assert await ask(reply(200, EVENTS + b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}')) == "number_question"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(403), BalanceExhausted),
        (reply(500, b'{"code": "pre_consume_token_quota_failed"}'), BalanceExhausted),
        (reply(200, b'{"error": {"message": "token quota is not enough"}}'), BalanceExhausted),
        (reply(429, b"insufficient_quota"), BalanceExhausted),
        (reply(429), ProviderThrottled),
        (reply(400), ProviderRefused),
        (reply(401, f"Incorrect key {KEY}".encode()), ProviderRefused),
        (reply(404), ProviderRefused),
        (reply(302, location="http://169.254.169.254/"), ProviderRefused),
        (reply(500, f"{KEY}\nforged log line".encode()), ProviderUnavailable),
        (reply(200, b"<html>maintenance</html>"), ProviderUnavailable),
        (reply(200, b"x" * (LARGEST_ANSWER + 1)), ProviderUnavailable),
    ],
)
async def test_every_failure_has_its_family_and_none_shows_the_key(answer: Answer, error: type[ProviderError]) -> None:
    with pytest.raises(error) as caught:
        await ask(answer)
    assert type(caught.value) is error
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_bare_403_names_both_of_its_causes() -> None:
    with pytest.raises(BalanceExhausted, match="account is empty or its key lacks permission"):
        await ask(reply(403, b"forbidden"))
    with pytest.raises(BalanceExhausted, match=r"account is empty .*\(403\)"):
        await ask(reply(403, b"token quota is not enough"))


async def test_retry_after_is_passed_on() -> None:
    for header, seconds in (("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None)):
        with pytest.raises(ProviderThrottled) as caught:
            await ask(reply(429, Retry_After=header))
        assert caught.value.retry_after == seconds


async def test_a_network_that_fails_is_told_of_by_its_kind_alone() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"{KEY} refused", request=request)

    with pytest.raises(ProviderUnavailable, match="could not be reached: ConnectError"):
        await ask(down)


def test_the_key_is_in_no_repr_and_bad_settings_are_named() -> None:
    assert KEY not in repr(OpenAiConfig("https://llm.test", KEY))
    for address in ("llm.test/v1", "ftp://llm.test", "http://", "http://llm.test:port", ""):
        with pytest.raises(ConfigError, match="address"):
            OpenAiConfig(address, KEY)
    for key in ("sk-کلید", "two words", "line\nbreak"):
        with pytest.raises(ConfigError, match="key") as caught:
            OpenAiConfig("https://llm.test", key)
        assert key not in str(caught.value)


async def test_a_caller_who_speaks_of_an_empty_account_empties_none() -> None:
    echo = b'{"error": "bad request", "asked": "<transcript>\\ntoken quota is not enough\\n</transcript>"}'
    with pytest.raises(ProviderRefused):
        await ask(reply(400, echo))
