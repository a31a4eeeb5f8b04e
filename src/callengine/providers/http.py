"""Services over HTTP: what speaking to any of them has in common."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx
import msgspec
from attrs import field, frozen

from callengine.errors import ConfigError, ProviderUnavailable
from callengine.providers.bodies import body_of
from callengine.providers.wording import ServiceWords, Tells, never

T = TypeVar("T")

LARGEST_ANSWER = 1024 * 1024
"""Bytes; a text takes a few hundred, with all that surrounds it."""


@frozen
class HttpService:
    """A service. Made by `open_service`, which owns the client.

    Attributes:
        words: for what goes wrong with it.
        client: holds the connections.
    """

    words: ServiceWords
    client: httpx.AsyncClient = field(repr=False)

    def post(self, url: str, body: Mapping[str, object]) -> httpx.Request:
        """A request with a JSON body, in ASCII: what a text holds may be no Unicode."""
        return self.client.build_request("POST", url, content=json.dumps(body), headers={"Content-Type": "application/json"})

    def form(self, url: str, fields: Mapping[str, str | Sequence[str]], file: str, audio: bytes) -> httpx.Request:
        """A request with a form that holds fields and a WAV file.

        Args:
            fields: by name; several values are as many fields of that name.
            file: the name of the field that holds the file.
            audio: the file.
        """
        data = {name: [encodable(value) for value in ([of] if isinstance(of, str) else of)] for name, of in fields.items()}
        return self.client.build_request("POST", url, data=data, files={file: ("audio.wav", audio, "audio/wav")})

    async def ask(self, request: httpx.Request, largest: int = LARGEST_ANSWER) -> bytes:
        """Send a request and return the body of a success.

        Args:
            request: made by `post`, or by the client.
            largest: bytes of the body.

        Raises:
            BalanceExhausted: the account is empty.
            NothingHeard: the audio holds no speech.
            ProviderThrottled: too many requests.
            ProviderRefused: the request or the key is wrong.
            ProviderUnavailable: the network or the service failed, or the answer is too large or packed.
        """
        try:
            response = await self.client.send(request, stream=True)
            try:
                content = await self._content(response, largest)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:  # its words may hold the address, and so a key
            raise ProviderUnavailable(f"{self.words.name} could not be reached: {type(error).__name__}") from None
        if not response.is_success:
            raise self.words.error(response.status_code, content, response.headers.get("Retry-After"))
        return content

    async def _content(self, response: httpx.Response, largest: int) -> bytes:
        """The body of an answer; nothing of one that is packed, because unpacked it could be of any size."""
        packed = response.headers.get("Content-Encoding", "identity") != "identity"
        content = None if packed else await body_of(response, largest)
        if content is not None:
            return content
        if not response.is_success:
            return b""
        what = "in a content encoding that was not asked for" if packed else f"more than {largest} bytes"
        raise ProviderUnavailable(f"{self.words.name} answered {what}")

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
            NothingHeard: it is another, which says that the audio holds no speech.
            ProviderUnavailable: it is no JSON, or of another shape.
        """
        try:
            return msgspec.json.decode(content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self.words.not_an_answer(content) from None


@asynccontextmanager
async def open_service(
    name: str,
    *,
    patience: float,
    headers: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    empty_account: Tells = never,
    no_speech: Tells = never,
    verify: bool = True,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[HttpService]:
    """Hold the connections to a service while the block runs. No redirect is followed and no cookie kept.

    Args:
        patience: seconds for each wait for the network; `Bounds` limit the whole.
        headers: that every request carries.
        verify: whether certificates are checked.
        transport: instead of the network, for tests.
    """
    async with httpx.AsyncClient(
        timeout=patience,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "callengine", **(headers or {})},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # or one caller's would be sent for the next
        limits=httpx.Limits(max_connections=None),  # `Bounds` limit the uses
        verify=verify,
        transport=transport,
    ) as client:
        yield HttpService(ServiceWords(name, secrets, empty_account, no_speech), client)


def checked_key(key: str, setting: str) -> str:
    """Return a key that can stand in a header.

    Raises:
        ConfigError: it cannot, or there is none.
    """
    if not key:
        raise ConfigError(f"{setting} is empty")
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


def encodable(text: str) -> str:
    """Text that can be sent: half characters, which files may hold, are replaced."""
    return text.encode("utf-8", "replace").decode()
