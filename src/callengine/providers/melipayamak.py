"""Short messages by MeliPayamak, whose key stands in the address that is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import msgspec
from attrs import field, frozen
from attrs.validators import gt

from callengine.errors import ProviderRefused
from callengine.providers.http import HttpService, checked_key, open_service

BASE_URL = "https://console.melipayamak.com"
LARGEST_BODY = 64 * 1024
"""Bytes of an answer; what is needed of it takes a hundred."""


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
        checked_key(self.api_key, "SMS_API_KEY")


@frozen
class MeliPayamakMessenger:
    """A `Messenger`; made by `open_messenger`, which owns the connections. Nothing is sent twice."""

    config: MeliPayamakConfig
    service: HttpService

    async def send(self, to: str, text: str) -> None:
        """Send a short message.

        Raises:
            ProviderThrottled: too many requests.
            ProviderRefused: the key, a number or the text is wrong, or the credit does not suffice.
            ProviderUnavailable: the network or the service failed. The message may have been sent.
        """
        url = f"{self.config.base_url}/api/send/advanced/{quote(self.config.api_key, safe='')}"
        body = {"from": self.config.sender, "to": [to], "text": text, "udh": ""}
        content = await self.service.ask(self.service.post(url, body), LARGEST_BODY)
        if says_failed(content):
            raise ProviderRefused(f"the message service did not send: {self.service.words.shown(content)}")

    async def credit(self) -> float:
        """What is left on the account, in rials. Nothing is sent, and nothing paid for.

        Raises:
            ProviderThrottled: too many requests.
            ProviderRefused: the key is wrong.
            ProviderUnavailable: the network or the service failed.
        """
        url = f"{self.config.base_url}/api/receive/credit/{quote(self.config.api_key, safe='')}"
        content = await self.service.ask(self.service.client.build_request("GET", url), LARGEST_BODY)
        found = self.service.read_json(content, _Credit)
        if found.amount is None:
            raise ProviderRefused(f"the message service tells no credit: {self.service.words.shown(content)}")
        return found.amount


@asynccontextmanager
async def open_messenger(
    config: MeliPayamakConfig, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[MeliPayamakMessenger]:
    """Hold the connections to the service while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    secrets = (config.api_key, quote(config.api_key, safe=""))
    async with open_service("the message service", patience=config.timeout, secrets=secrets, transport=transport) as service:
        yield MeliPayamakMessenger(config, service)


class _Answer(msgspec.Struct, rename="camel"):
    rec_ids: list[int | None] | None = None
    rec_id: int | None = None
    status: str | None = None


class _Credit(msgspec.Struct):
    amount: float | None = None


def says_failed(content: bytes) -> bool:
    """Whether the body of a success says that nothing was sent.

    A message that was sent has an id, with words on success or with none. Where there is no id, the status says why. An answer
    that says neither is that of a message that may have been sent.
    """
    try:
        answer = msgspec.json.decode(content, type=_Answer, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    ids = [each for each in (answer.rec_id, *(answer.rec_ids or ())) if each is not None]
    return not any(each > 0 for each in ids) and bool(ids or (answer.status or "").strip())
