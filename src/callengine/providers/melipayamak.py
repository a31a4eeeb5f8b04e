"""Short messages by MeliPayamak, whose key stands in the address that is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
from attrs import field, frozen
from attrs.validators import gt

from callengine.errors import ConfigError, ProviderError, ProviderRefused, ProviderThrottled, ProviderUnavailable
from callengine.providers.bodies import body_of

BASE_URL = "https://console.melipayamak.com"
LARGEST_BODY = 64 * 1024
"""Bytes of an answer; what is needed of it takes a hundred."""

_LONGEST_REASON = 200
_PASSING_STATUSES = {408, 425}


@frozen
class MeliPayamakConfig:
    """Who sends.

    Attributes:
        api_key: never shown, in no error either.
        sender: the number that messages come from.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
    """

    api_key: str = field(repr=False)
    sender: str
    timeout: float = field(default=10.0, validator=gt(0))
    base_url: str = BASE_URL

    def __attrs_post_init__(self) -> None:
        if not self.api_key.isascii() or not self.api_key.isprintable() or " " in self.api_key:
            raise ConfigError("SMS_API_KEY holds characters no key has; copy it again")


@frozen
class MeliPayamakMessenger:
    """A `Messenger`; made by `open_messenger`, which owns the client. Nothing is sent twice."""

    config: MeliPayamakConfig
    client: httpx.AsyncClient = field(repr=False)

    async def send(self, to: str, text: str) -> None:
        """Send a short message.

        Raises:
            ProviderThrottled: too many requests.
            ProviderRefused: the key, a number or the text is wrong.
            ProviderUnavailable: the network or the service failed. The message may have been sent.
        """
        url = f"{self.config.base_url}/api/send/advanced/{quote(self.config.api_key, safe='')}"
        body = {"from": self.config.sender, "to": [to], "text": text, "udh": ""}
        try:
            async with self.client.stream("POST", url, json=body) as response:
                content = await body_of(response, LARGEST_BODY)
        except httpx.HTTPError as error:  # its words may hold the address, and so the key
            raise ProviderUnavailable(f"the message service could not be reached: {type(error).__name__}") from None
        if not response.is_success:
            raise _error_of(response, content or b"", self.config.api_key)


@asynccontextmanager
async def open_messenger(
    config: MeliPayamakConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[MeliPayamakMessenger]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(timeout=config.timeout, headers=headers, transport=transport) as client:
        yield MeliPayamakMessenger(config, client)


def _error_of(response: httpx.Response, content: bytes, api_key: str) -> ProviderError:
    status = response.status_code
    reason = ascii(" ".join(content.decode("utf-8", "replace").replace(api_key, "***").split())[:_LONGEST_REASON])
    if status == 429:
        return ProviderThrottled(f"the message service asks for patience: {reason}")
    if status >= 500 or status in _PASSING_STATUSES:
        return ProviderUnavailable(f"the message service failed ({status}): {reason}")
    return ProviderRefused(f"the message service refused ({status}): {reason}")
