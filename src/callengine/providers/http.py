"""Services over HTTP: what speaking to any of them has in common."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx
import msgspec
from attrs import field, frozen

from callengine.errors import (
    BalanceExhausted,
    ConfigError,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.providers.bodies import body_of

T = TypeVar("T")

LARGEST_ANSWER = 1024 * 1024
"""Bytes; a text takes a few hundred, with all that surrounds it."""

_PASSING_STATUSES = {408, 409, 425}
_LONGEST_REASON = 200


def _never(_: int, __: bytes) -> bool:
    return False


@frozen
class HttpService:
    """A service, and the words for what goes wrong with it. Made by `open_service`, which owns the client.

    Attributes:
        name: for messages, such as `the language model`.
        client: holds the connections.
        secrets: that no message may show; some services repeat the key that they refuse.
        empty_account: tells by status and body of an answer, a success or not, whether the account is used up.
    """

    name: str
    client: httpx.AsyncClient = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    empty_account: Callable[[int, bytes], bool] = field(default=_never, repr=False)

    def post(self, url: str, body: Mapping[str, object]) -> httpx.Request:
        """A request with a JSON body, in ASCII: what a text holds may be no Unicode."""
        return self.client.build_request("POST", url, content=json.dumps(body), headers={"Content-Type": "application/json"})

    async def ask(self, request: httpx.Request, largest: int = LARGEST_ANSWER) -> bytes:
        """Send a request and return the body of a success.

        Args:
            request: made by `post`, or by the client.
            largest: bytes of the body.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the request or the key is wrong.
            ProviderUnavailable: the network or the service failed, or the answer is too large.
        """
        try:
            response = await self.client.send(request, stream=True)
            try:
                content = await body_of(response, largest)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:  # its words may hold the address, and so a key
            raise ProviderUnavailable(f"{self.name} could not be reached: {type(error).__name__}") from None
        if content is None:
            raise ProviderUnavailable(f"{self.name} answered more than {largest} bytes")
        if not response.is_success:
            raise self._error(response, content)
        return content

    async def ask_json(self, request: httpx.Request, shape: type[T]) -> T:
        """Send a request and return the JSON of a success as a msgspec type.

        Raises:
            ProviderError: as `ask`.
            ProviderUnavailable: what came is no JSON, or of another shape.
        """
        return self.read_json(await self.ask(request), shape)

    def read_json(self, content: bytes, shape: type[T]) -> T:
        """Read JSON as a msgspec type.

        Raises:
            BalanceExhausted: it is another, which says that the account is empty.
            ProviderUnavailable: it is no JSON, or of another shape.
        """
        try:
            return msgspec.json.decode(content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if self.empty_account(200, content):
                raise BalanceExhausted(f"{self.name}: the account is empty: {self.shown(content)}") from None
            raise ProviderUnavailable(f"what {self.name} sent is not what was asked for: {self.shown(content)}") from None

    def _error(self, response: httpx.Response, content: bytes) -> ProviderError:
        status, reason = response.status_code, self.shown(content)
        if self.empty_account(status, content):
            also = " or its key lacks permission" if status == 403 else ""
            return BalanceExhausted(f"{self.name}: the account is empty{also} ({status}): {reason}")
        if status == 429:
            return ProviderThrottled(f"{self.name} asks for patience: {reason}", _seconds(response.headers.get("Retry-After")))
        if status >= 500 or status in _PASSING_STATUSES:
            return ProviderUnavailable(f"{self.name} failed ({status}): {reason}")
        message = f"{self.name} refused ({status}): {reason}"
        return ProviderRefused(message, status=status, answer=self._redacted(content))

    def shown(self, content: bytes) -> str:
        """A service's own words for a log line: without secrets, short, in ASCII and without line breaks."""
        return ascii(" ".join(self._redacted(content).split())[:_LONGEST_REASON])

    def _redacted(self, content: bytes) -> str:
        text = content.decode("utf-8", "replace")
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        return text


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After where it counts seconds (RFC 9110, 10.2.3); its other form, a date, is left unread."""
    if retry_after is None or not retry_after.strip().isascii() or not retry_after.strip().isdigit():
        return None
    return float(retry_after)


@asynccontextmanager
async def open_service(
    name: str,
    *,
    patience: float,
    headers: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    empty_account: Callable[[int, bytes], bool] = _never,
    verify: bool = True,
    connections: int = 100,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[HttpService]:
    """Hold the connections to a service while the block runs. No redirect is followed and no cookie kept.

    Args:
        patience: seconds for each wait for the network; `Bounds` limit the whole.
        headers: that every request carries.
        verify: whether certificates are checked.
        connections: at once.
        transport: instead of the network, for tests.
    """
    async with httpx.AsyncClient(
        timeout=patience,
        # Unpacked, an answer could be of any size.
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "callengine", **(headers or {})},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # or one caller's would be sent for the next
        limits=httpx.Limits(max_connections=connections),
        verify=verify,
        transport=transport,
    ) as client:
        yield HttpService(name, client, secrets, empty_account)


def checked_key(key: str, setting: str) -> str:
    """Return a key that can stand in a header.

    Raises:
        ConfigError: it cannot.
    """
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"{setting} holds characters no key has; copy it again")
    return key


def checked_url(url: str, setting: str) -> str:
    """Return an address, without a slash at its end.

    Raises:
        ConfigError: it is none.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{setting} is no address: {error}") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ConfigError(f"{setting}: the address must begin with http:// or https://, which {url!r} does not")
    return url.rstrip("/")
