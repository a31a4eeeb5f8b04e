"""Short messages by a web service of one's own: whatever gateway there is, a few lines of code speak this."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from attrs import field, frozen
from attrs.validators import gt

from callengine.providers.http import HttpService, checked_key, checked_url, open_service

LARGEST_BODY = 64 * 1024
"""Bytes of an answer, of which nothing but the status is needed."""


@frozen
class WebhookConfig:
    """Who sends.

    Attributes:
        url: what messages are posted to; it may hold a secret, so it is never shown.
        token: sent as a Bearer token; empty for none. Never shown either.
        sender: the number that messages come from; empty where the service knows.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
    """

    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    sender: str = ""
    timeout: float = field(default=10.0, validator=gt(0))

    def __attrs_post_init__(self) -> None:
        checked_url(self.url, "SMS_WEBHOOK_URL")
        if self.token:
            checked_key(self.token, "SMS_WEBHOOK_TOKEN")


@frozen
class WebhookMessenger:
    """A `Messenger`; made by `open_webhook`, which owns the connections. Nothing is sent twice."""

    config: WebhookConfig
    service: HttpService

    async def send(self, to: str, text: str) -> None:
        """Send a short message; a 2xx answer says that it is sent.

        Raises:
            ProviderThrottled: too many requests.
            ProviderRefused: the token, a number or the text is wrong, or the answer is a redirect.
            ProviderUnavailable: the network or the service failed. The message may have been sent.
        """
        body = {"to": to, "from": self.config.sender, "text": text}
        await self.service.ask(self.service.post(self.config.url, body), LARGEST_BODY)


@asynccontextmanager
async def open_webhook(
    config: WebhookConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[WebhookMessenger]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    opened = open_service(
        "the message service",
        patience=config.timeout,
        headers={"Authorization": f"Bearer {config.token}"} if config.token else {},
        secrets=(config.token, config.url),
        transport=transport,
    )
    async with opened as service:
        yield WebhookMessenger(config, service)
