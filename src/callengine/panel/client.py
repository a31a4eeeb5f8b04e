"""Requests to the panel: one company's, with its token, everything within bounds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import trio
from attrs import field, frozen
from attrs.validators import ge, gt

from callengine.errors import ConfigError, PanelError, PanelRefused, PanelUnavailable
from callengine.model import MessageId

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A batch takes some fifty for each number."""

CLOSED_WITHIN = 1.0
"""Seconds that putting a connection back may take."""

NEXT_BATCH = "/api/dialer/next-batch"
REPORT_RESULT = "/api/dialer/report-result"
REGISTER_SCENARIOS = "/api/dialer/register-scenarios"
REGISTER_LINES = "/api/dialer/register-outbound-lines"

OK = 200
_PASSING_STATUSES = {408, 425, 429}
_LONGEST_REASON = 200
_LONGEST_SECONDS = 9
"""Digits of a Retry-After that is heeded."""


@frozen
class PanelConfig:
    """Where the panel is and who asks.

    Attributes:
        base_url: up to and without `/api/dialer/`.
        token: never shown, in no error either.
        company: every request carries it.
        timeout: seconds for one request, from the wish for a connection to the last byte of the answer.
    """

    base_url: str
    token: str = field(repr=False)
    company: str
    timeout: float = field(default=10.0, validator=gt(0))
    max_connections: int = field(default=100, validator=ge(1))

    def __attrs_post_init__(self) -> None:
        if not self.token.isascii() or not self.token.isprintable() or " " in self.token:
            raise ConfigError("PANEL_API_TOKEN holds characters no token has; copy it again")
        try:
            url = httpx.URL(self.base_url)
        except httpx.InvalidURL as error:
            raise ConfigError(f"PANEL_BASE_URL is wrong: {error}") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ConfigError("PANEL_BASE_URL must begin with http:// or https:// and name a host")


@frozen
class PanelClient:
    """The panel, as one company sees it; made by `open_panel`, which owns the connections. Nothing is asked twice."""

    config: PanelConfig
    http: httpx.AsyncClient = field(repr=False)

    async def next_batch(self, size: int | None) -> bytes:
        """Ask for contacts, and for the panel's word on everything else; `announcement_of` reads the answer.

        Args:
            size: how many contacts; None leaves it to the panel.

        Raises:
            PanelUnavailable: there was no answer in time, or the panel failed.
            PanelRefused: it said no, or its answer is too long.
        """
        asked = {"company": self.config.company} if size is None else {"size": str(size), "company": self.config.company}
        return await self._ask(self.http.build_request("GET", self._url(NEXT_BATCH), params=asked))

    async def tell(self, path: str, body: str, key: MessageId) -> None:
        """Tell the panel something; it has accepted it when this returns.

        Args:
            path: of the panel's API.
            body: a JSON object, which names the company.
            key: the same whenever the same is told again.

        Raises:
            PanelUnavailable: there was no answer in time, or the panel failed. It may have taken it.
            PanelRefused: it said no.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        await self._ask(self.http.build_request("POST", self._url(path), content=body, headers=headers))

    async def look(self, *, with_token: bool) -> int:
        """Ask for what no panel has, and return the status of its answer; nothing is taken and nothing told.

        It is a GET where results are posted: whoever guards the whole API looks at the token first.

        Raises:
            PanelUnavailable: there was no answer in time.
        """
        request = self.http.build_request("GET", self._url(REPORT_RESULT), params={"company": self.config.company})
        if not with_token:
            del request.headers["Authorization"]
        try:
            await self._ask(request)
        except PanelRefused as error:
            return error.status
        except PanelUnavailable as error:
            if error.status is None:
                raise
            return error.status
        return OK

    def _url(self, path: str) -> str:
        return self.config.base_url.rstrip("/") + path

    async def _ask(self, request: httpx.Request) -> bytes:
        with trio.move_on_after(self.config.timeout):
            return await self._answer(request)
        raise PanelUnavailable(f"the panel did not answer {request.url.path} within {self.config.timeout:g} s")

    async def _answer(self, request: httpx.Request) -> bytes:
        try:
            response = await self.http.send(request, stream=True)
            try:
                content = await _content_of(response)
            finally:
                with trio.move_on_after(CLOSED_WITHIN, shield=True):
                    await response.aclose()
        except httpx.HTTPError as error:
            raise PanelUnavailable(f"the panel could not be reached: {type(error).__name__}") from None
        if not response.is_success:
            raise _error_of(response, content or b"", self.config.token)
        if content is None:
            raise PanelRefused(f"the panel's answer is longer than {LARGEST_ANSWER} bytes", response.status_code)
        return content


async def _content_of(response: httpx.Response) -> bytes | None:
    """The body of an answer; None for one that is too long, whose rest is left unread."""
    if response.headers.get("Content-Encoding", "identity") != "identity":  # unpacked, it could be of any size
        raise PanelRefused("the panel answered in a content encoding that was not asked for", response.status_code)
    content = bytearray()
    # httpx reads through generators within generators and closes none but the outermost: left early, the others would be found
    # by the collector. A cancellation begins at the innermost and unwinds them all.
    with trio.CancelScope() as reading:
        async for part in response.aiter_bytes():
            content += part
            if len(content) > LARGEST_ANSWER:
                reading.cancel()
    return None if reading.cancel_called else bytes(content)


@asynccontextmanager
async def open_panel(config: PanelConfig, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[PanelClient]:
    """Hold the connections to the panel while the block runs.

    Args:
        transport: instead of the network, for tests.
    """
    limits = httpx.Limits(max_connections=config.max_connections, max_keepalive_connections=config.max_connections)
    # A transport of its own: of what the environment says of HTTP, certificates are heeded and proxies are not.
    transport = transport or httpx.AsyncHTTPTransport(retries=0, limits=limits)
    headers = {
        "Authorization": f"Bearer {config.token}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "callengine",
    }
    async with httpx.AsyncClient(
        transport=transport,
        headers=headers,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        timeout=None,  # noqa: S113  # each request has bounds of its own
    ) as http:
        yield PanelClient(config, http)


def _error_of(response: httpx.Response, content: bytes, token: str) -> PanelError:
    status = response.status_code
    reason = _shown(content.decode("utf-8", "replace"), token)
    path = response.request.url.path
    if status in _PASSING_STATUSES or status >= 500:
        return PanelUnavailable(
            f"the panel answered {path} with {status}: {reason}",
            status=status,
            retry_after=_seconds(response.headers.get("Retry-After", "")),
        )
    if response.is_redirect:
        return PanelRefused(f"the panel answered {path} with {status}, to ask elsewhere: set PANEL_BASE_URL to it", status)
    return PanelRefused(f"the panel answered {path} with {status}: {reason}", status)


def _shown(text: str, token: str) -> str:
    """The panel's own words for a log line: without the token, short, and without line breaks."""
    without_token = text.replace(token, "***") if token else text
    return ascii(" ".join(without_token.split())[:_LONGEST_REASON])


def _seconds(retry_after: str) -> float | None:
    """Read Retry-After where it counts seconds (RFC 9110, 10.2.3); its other form, a date, is left unread."""
    written = retry_after.strip()
    return float(written) if written.isascii() and written.isdigit() and len(written) <= _LONGEST_SECONDS else None
