"""Language models behind the OpenAI-compatible chat completions API: GapGPT, OpenAI, local servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import stamina
from attrs import field, frozen
from attrs.validators import ge, gt

from callengine.errors import (
    BalanceExhausted,
    ConfigError,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.providers.bodies import body_of
from callengine.providers.completion import content_of, names_empty_account

LARGEST_BODY = 1024 * 1024
"""Bytes. The name of an intent takes a few hundred, with all that surrounds it."""

_PASSING_STATUSES = {408, 409, 425}
_LONGEST_REASON = 200


@frozen
class OpenAiConfig:
    """Where the model is and who pays.

    Attributes:
        base_url: up to and without `/chat/completions`.
        api_key: never shown, in no error either.
        model: the service's name for it.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
        attempts: how often a request is sent at most. Only what may succeed the next time is sent again.
    """

    base_url: str
    api_key: str = field(repr=False)
    model: str = "gpt-4o-mini"
    timeout: float = field(default=20.0, validator=gt(0))
    attempts: int = field(default=2, validator=ge(1))

    def __attrs_post_init__(self) -> None:
        if not self.api_key.isascii() or not self.api_key.isprintable() or " " in self.api_key:
            raise ConfigError("the API key of the language model holds characters no key has; copy it again")
        try:
            url = httpx.URL(self.base_url)
        except httpx.InvalidURL as error:
            raise ConfigError(f"the address of the language model is wrong: {error}") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ConfigError(f"the address of the language model must begin with http:// or https://: {self.base_url!r}")


@frozen
class OpenAiModel:
    """A `LanguageModel`; made by `open_model`, which owns the client."""

    config: OpenAiConfig
    client: httpx.AsyncClient = field(repr=False)

    async def complete(self, prompt: str) -> str:
        """Return the model's answer.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the request or the key is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no answer.
        """
        retrying = stamina.retry_context(
            on=ProviderUnavailable, attempts=self.config.attempts, timeout=None, wait_initial=0.2, wait_max=1.0, wait_jitter=0.0
        )
        async for attempt in retrying:
            with attempt:
                return content_of(await self._post(prompt))
        raise AssertionError("stamina ends with an answer or an error")

    async def _post(self, prompt: str) -> bytes:
        url = self.config.base_url.rstrip("/") + "/chat/completions"
        body = {
            "model": self.config.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
            "stream": False,
        }
        try:
            async with self.client.stream("POST", url, json=body) as response:
                content = await body_of(response, LARGEST_BODY)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"the language model could not be reached: {type(error).__name__}") from None
        if content is None:
            raise ProviderUnavailable(f"the language model's answer is larger than {LARGEST_BODY} bytes")
        if response.is_success:
            return content
        raise _error_of(response, content, self.config.api_key)


@asynccontextmanager
async def open_model(config: OpenAiConfig, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[OpenAiModel]:
    """Hold the connections to the service while the block runs.

    Args:
        config: where and who.
        transport: instead of the network, for tests.
    """
    headers = {"Authorization": f"Bearer {config.api_key}", "Accept": "application/json", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(timeout=config.timeout, headers=headers, transport=transport) as client:
        yield OpenAiModel(config, client)


def _error_of(response: httpx.Response, content: bytes, api_key: str) -> ProviderError:
    status = response.status_code
    reason = _shown(content.decode("utf-8", "replace"), api_key)
    if status == 402 or names_empty_account(content):
        return BalanceExhausted(f"the language model's account is empty ({status}): {reason}")
    if status == 403:  # GapGPT's word for an empty account; other services refuse a key so.
        return BalanceExhausted(f"the language model's account is empty or its key lacks permission (403): {reason}")
    if status == 429:
        return ProviderThrottled(
            f"the language model asks for patience: {reason}", _seconds(response.headers.get("Retry-After"))
        )
    if status >= 500 or status in _PASSING_STATUSES:
        return ProviderUnavailable(f"the language model failed ({status}): {reason}")
    return ProviderRefused(f"the language model refused ({status}): {reason}")


def _shown(text: str, api_key: str) -> str:
    """The service's own words for a log line: without the key, which some services repeat, short, and without line breaks."""
    without_key = text.replace(api_key, "***") if api_key else text
    return ascii(" ".join(without_key.split())[:_LONGEST_REASON])


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After where it counts seconds (RFC 9110, 10.2.3); its other form, a date, is left unread."""
    if retry_after is None or not retry_after.strip().isascii() or not retry_after.strip().isdigit():
        return None
    return float(retry_after)
