"""Short messages by a web service of one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from callengine.errors import ConfigError, ProviderRefused
from callengine.providers import Messenger
from callengine.providers.webhook import WebhookConfig, open_webhook
from callengine.testing import SECRET, Reply, Subject, check_messenger

URL = "https://gateway.test/send/canary-path-771"


async def send(config: WebhookConfig, status: int = 200, content: bytes = b"") -> httpx.Request:
    asked: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, content=content, headers={"Location": "https://evil.test/"})

    async with open_webhook(config, httpx.MockTransport(service)) as messenger:
        await messenger.send("09121234567", "سلام")
    [request] = asked
    return request


@pytest.mark.parametrize("good", [Reply(200), Reply(202, b"queued"), Reply(204, b"")], ids=["ok", "accepted", "empty"])
async def test_it_conforms(good: Reply) -> None:
    @asynccontextmanager
    async def webhook(url: str) -> AsyncIterator[Messenger]:
        async with open_webhook(WebhookConfig(url, SECRET)) as opened:
            yield opened

    await check_messenger(Subject(webhook, good, delivers=False))


async def test_a_message_is_posted_as_json() -> None:
    request = await send(WebhookConfig(URL, SECRET, "50004"))
    assert (request.method, str(request.url)) == ("POST", URL)
    assert request.headers["Authorization"] == f"Bearer {SECRET}"
    assert request.headers["Content-Type"] == "application/json"
    assert msgspec.json.decode(request.content) == {"to": "09121234567", "from": "50004", "text": "سلام"}
    assert "Authorization" not in (await send(WebhookConfig(URL))).headers


async def test_a_redirect_is_not_followed_and_no_error_shows_token_or_address() -> None:
    for status in (302, 307, 400):
        with pytest.raises(ProviderRefused) as raised:
            await send(WebhookConfig(URL, SECRET), status, f"no {SECRET} at {URL}".encode())
        assert SECRET not in str(raised.value)
        assert "canary-path-771" not in str(raised.value)


def test_bad_settings_are_named_and_secrets_are_in_no_repr() -> None:
    assert SECRET not in repr(WebhookConfig(URL, SECRET))
    assert "canary" not in repr(WebhookConfig(URL, SECRET))
    with pytest.raises(ConfigError, match="SMS_WEBHOOK_URL"):
        WebhookConfig("gateway.test")
    with pytest.raises(ConfigError, match="SMS_WEBHOOK_TOKEN"):
        WebhookConfig(URL, "two words")
