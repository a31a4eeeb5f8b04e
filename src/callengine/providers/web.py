"""Web services that flows ask: hosts that are allowed and no others, each with its own token, everything within bounds."""

import ipaddress
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import msgspec
import trio
from attrs import field, frozen

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers.base import Json, WebRequest
from callengine.providers.bodies import body_of
from callengine.providers.bounds import ONCE, Bounds

LARGEST_ANSWER = 64 * 1024
"""Bytes. The parts that a flow remembers take a few hundred."""

_PORTS = {"http": 80, "https": 443}
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "callengine"}


@frozen
class WebHosts:
    """Which hosts may be asked, and the token each of them is shown. `host` stands for the scheme's own port.

    Attributes:
        allowed: `host` or `host:port`, in lower case.
        tokens: by the same.
    """

    allowed: frozenset[str]
    tokens: Mapping[str, str] = field(factory=dict, repr=False)

    def allow(self, url: str) -> bool:
        """Whether the host of a URL may be asked."""
        try:
            return not self.allowed.isdisjoint(_names_of(httpx.URL(url)))
        except httpx.InvalidURL:
            return False

    def headers_for(self, url: httpx.URL) -> dict[str, str]:
        """What a request carries besides its body.

        Raises:
            ProviderRefused: the host is not allowed, or its token would cross a network unprotected.
        """
        names = tuple(_names_of(url))
        if self.allowed.isdisjoint(names):
            raise ProviderRefused(f"{names[0]} is no host that may be asked: REQUEST_HOSTS does not name it")
        token = next((self.tokens[name] for name in names if name in self.tokens), None)
        if token is None:
            return {}
        if url.scheme != "https" and not _is_this_machine(url.host):
            raise ProviderRefused(f"{names[0]} has a token in REQUEST_TOKENS, which is sent over https alone: ask https://")
        return {"Authorization": f"Bearer {token}"}


def _names_of(url: httpx.URL) -> Iterable[str]:
    """What settings may call the host of a URL."""
    host = url.raw_host.decode("ascii").lower()
    host = f"[{host}]" if ":" in host else host
    usual = _PORTS.get(url.scheme)
    port = usual if url.port is None else url.port
    return (host, f"{host}:{port}") if port == usual else (f"{host}:{port}",)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@frozen
class HttpWebService:
    """A `WebService` over HTTP; made by `open_web`, which owns the client. Nothing is asked twice, no redirect is followed."""

    hosts: WebHosts
    limiter: trio.CapacityLimiter
    client: httpx.AsyncClient = field(repr=False)

    async def ask(self, request: WebRequest) -> Json:
        """Return the JSON of a 2xx answer; None for one without a body.

        Raises:
            ProviderRefused: the host is not allowed, or the answer is another than 2xx, too long, or no JSON.
            ProviderUnavailable: there was no answer in time. What was asked for may have been done.
        """
        try:
            url = httpx.URL(request.url)
        except httpx.InvalidURL:
            raise ProviderRefused("the address of a request is none, once it is filled in") from None
        headers = self.hosts.headers_for(url)
        return await Bounds(url.host, self.limiter, request.timeout, patience=ONCE).run(self._ask, request, url, headers)

    async def _ask(self, request: WebRequest, url: httpx.URL, headers: dict[str, str]) -> Json:
        body = None
        if request.body is not None:
            body = json.dumps(dict(request.body))  # in ASCII: what a text holds may be no Unicode
            headers = {**headers, "Content-Type": "application/json"}
        try:
            async with self.client.stream(request.method, url, content=body, headers=headers) as response:
                return _json_of(await _content_of(response, url.host), url.host)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(f"{url.host} could not be reached: {type(error).__name__}") from None


async def _content_of(response: httpx.Response, host: str) -> bytes:
    if not response.is_success:
        raise ProviderRefused(f"{host} answered {response.status_code}")
    if response.headers.get("Content-Encoding", "identity") != "identity":  # unpacked, it could be of any size
        raise ProviderRefused(f"{host} answered in a content encoding that was not asked for")
    content = await body_of(response, LARGEST_ANSWER)
    if content is None:
        raise ProviderRefused(f"the answer of {host} is longer than {LARGEST_ANSWER} bytes")
    return content


def _json_of(content: bytes, host: str) -> Json:
    if not content.strip():
        return None
    try:
        answer: Json = msgspec.json.decode(content)
    except msgspec.ValidationError:  # where no type is asked for, only numbers out of range lead to it
        raise ProviderRefused(f"what {host} answered has a number that is too large") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderRefused(f"what {host} answered is no JSON, or too deep") from None
    return answer


@asynccontextmanager
async def open_web(
    hosts: WebHosts, *, at_once: int, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[HttpWebService]:
    """Hold the connections to web services while the block runs.

    Args:
        at_once: requests; further ones wait for a place within their own time.
        transport: instead of the network, for tests.
    """
    # A transport of its own: of what the environment says of HTTP, certificates are heeded and proxies are not, which would
    # be shown what is meant for this machine.
    transport = transport or httpx.AsyncHTTPTransport(retries=0)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # or one caller's would be sent for the next
    async with httpx.AsyncClient(
        transport=transport,
        headers=_HEADERS,
        cookies=no_cookies,
        follow_redirects=False,
        timeout=None,  # noqa: S113  # each request has bounds of its own
    ) as client:
        yield HttpWebService(hosts, trio.CapacityLimiter(at_once), client)
