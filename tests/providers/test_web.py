"""Web services on a real server of the loopback interface, in good and bad moods."""

import gzip
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
import trio
from attrs import define, field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from callengine import logs
from callengine.errors import ProviderError, ProviderRefused, ProviderUnavailable
from callengine.providers import Json, WebRequest
from callengine.providers.web import LARGEST_ANSWER, HttpWebService, WebHosts, open_web
from callengine.settings import LogSettings
from callengine.web import serve

PATIENCE = 20.0
TOKEN = "canary-token-5521"
JSON = {"Content-Type": "application/json"}


class Spaces:
    """A body without end. No generator: cut off, it would be left to the collector."""

    def __aiter__(self) -> "Spaces":
        return self

    async def __anext__(self) -> bytes:
        return b" " * 4096


@define
class Server:
    """What it was asked, and where it is."""

    asked: list[tuple[Request, bytes]] = field(factory=list)
    host: str = ""

    async def _note(self, request: Request) -> None:
        self.asked.append((request, await request.body()))

    async def good(self, request: Request) -> Response:
        await self._note(request)
        return Response(b'{"customer": {"balance": 5.0}}', headers={**JSON, "Set-Cookie": "caller=first; Path=/"})

    async def answers(self, request: Request) -> Response:
        await self._note(request)
        bodies: Mapping[str, bytes] = {
            "html": b"<html>maintenance</html>",
            "half": b'{"customer": ',
            "latin": b'"\xff"',
            "deep": b"[" * 60_000,
            "huge_number": b"1" * 60_000,
            "huge_power": b'{"n": 1e999}',
            "empty": b"",
            "null": b"null",
            "longest": b'"' + b"x" * (LARGEST_ANSWER - 2) + b'"',
        }
        return Response(bodies[request.path_params["which"]], headers=JSON)

    async def status(self, request: Request) -> Response:
        await self._note(request)
        return Response(b'{"secret": "of the body"}', status_code=request.path_params["code"], headers=JSON)

    async def elsewhere(self, request: Request) -> Response:
        await self._note(request)
        return RedirectResponse("/good", status_code=302)

    async def slow(self, request: Request) -> Response:
        await self._note(request)
        await trio.sleep_forever()

    async def endless(self, request: Request) -> Response:
        await self._note(request)
        return StreamingResponse(Spaces())

    async def drips(self, request: Request) -> Response:
        await self._note(request)

        async def parts() -> AsyncIterator[bytes]:
            yield b"["
            await trio.sleep_forever()

        return StreamingResponse(parts())

    async def packed(self, request: Request) -> Response:
        await self._note(request)
        return Response(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"})

    @property
    def app(self) -> Starlette:
        every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return Starlette(
            routes=[
                Route("/good", self.good, methods=every),
                Route("/answers/{which}", self.answers),
                Route("/status/{code:int}", self.status),
                Route("/elsewhere", self.elsewhere),
                Route("/slow", self.slow),
                Route("/endless", self.endless),
                Route("/drips", self.drips),
                Route("/packed", self.packed),
            ]
        )


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    with trio.fail_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            url: str = await nursery.start(lambda **given: serve(server.app, "127.0.0.1", 0, **given))
            server.host = url.removeprefix("http://")
            yield server
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def service(server: Server, token: str = "") -> AsyncIterator[HttpWebService]:
    hosts = WebHosts(frozenset({server.host}), {server.host: token} if token else {})
    async with open_web(hosts, at_once=2) as web:
        yield web


def to(
    server: Server, path: str, method: str = "GET", body: Mapping[str, str] | None = None, timeout: float = 5.0
) -> WebRequest:
    return WebRequest(method, f"http://{server.host}{path}", body, timeout)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_service_is_asked_and_its_json_is_returned(method: str) -> None:
    async with serving() as server, service(server) as web:
        assert await web.ask(to(server, "/good?q=a%20b%26c", method, {"note": "سلام \ud800"})) == {"customer": {"balance": 5.0}}
    [(request, body)] = server.asked
    assert (request.method, request.url.query) == (method, "q=a%20b%26c")
    assert request.headers["content-type"] == "application/json"
    assert msgspec.json.decode(body.replace(rb" \ud800", b"")) == {"note": "سلام"}


async def test_a_request_without_a_body_has_none_and_no_cookie_of_another_caller() -> None:
    async with serving() as server, service(server) as web:
        await web.ask(to(server, "/good"))
        await web.ask(to(server, "/good"))
    for request, body in server.asked:
        assert body == b""
        assert {"cookie", "authorization", "content-type"}.isdisjoint(request.headers)


@pytest.mark.parametrize(("path", "answer"), [("empty", None), ("null", None), ("longest", "x" * (LARGEST_ANSWER - 2))])
async def test_answers_at_the_edge(path: str, answer: Json) -> None:
    async with serving() as server, service(server) as web:
        assert await web.ask(to(server, f"/answers/{path}")) == answer


@pytest.mark.parametrize(
    ("path", "error", "told"),
    [
        ("/answers/html", ProviderRefused, "no JSON"),
        ("/answers/half", ProviderRefused, "no JSON"),
        ("/answers/latin", ProviderRefused, "no JSON"),
        ("/answers/deep", ProviderRefused, "too deep"),
        ("/answers/huge_number", ProviderRefused, "a number that is too large"),
        ("/answers/huge_power", ProviderRefused, "a number that is too large"),
        ("/status/404", ProviderRefused, "answered 404"),
        ("/status/500", ProviderRefused, "answered 500"),
        ("/elsewhere", ProviderRefused, "answered 302"),
        ("/endless", ProviderRefused, "longer than 65536 bytes"),
        ("/packed", ProviderRefused, "content encoding"),
        ("/slow", ProviderUnavailable, "within 0.3 s"),
        ("/drips", ProviderUnavailable, "within 0.3 s"),
    ],
)
async def test_every_failure_has_its_family_and_is_asked_for_once(path: str, error: type[ProviderError], told: str) -> None:
    async with serving() as server, service(server) as web:
        with pytest.raises(error, match=told) as caught:
            await web.ask(to(server, path, timeout=0.3 if error is ProviderUnavailable else 5.0))
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)
    assert len(server.asked) == 1


async def test_a_place_is_waited_for_within_the_time_of_the_request() -> None:
    async with serving() as server, service(server) as web, trio.open_nursery() as nursery:

        async def ask_slowly() -> None:
            with pytest.raises(ProviderUnavailable):
                await web.ask(to(server, "/slow", timeout=3.0))

        nursery.start_soon(ask_slowly)
        nursery.start_soon(ask_slowly)
        while len(server.asked) < 2:
            await trio.lowlevel.checkpoint()
        with pytest.raises(ProviderUnavailable, match=r"within 0\.2 s"):
            await web.ask(to(server, "/good", timeout=0.2))
        assert len(server.asked) == 2
        nursery.cancel_scope.cancel()


async def test_nobody_there() -> None:
    hosts = WebHosts(frozenset({"127.0.0.1:1"}))
    async with open_web(hosts, at_once=1) as web:
        with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1 could not be reached: ConnectError"):
            await web.ask(WebRequest("GET", "http://127.0.0.1:1/", None, 5.0))


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com.evil.test/",
        "https://evil.test/crm.example.com",
        "https://evil.test#crm.example.com",
        "https://crm.example.com@evil.test/",
        "https://crm.example.com:8443/",
        "http://crm.example.com:443/",
        "https://CRM.example.com./",
        "http://intern.test/",
        "http://intern.test:8081/",
        "http://169.254.169.254/latest",
        "https://crm.example.com:port/",
        "https://crm.example.com:0/",
    ],
)
async def test_only_hosts_that_are_allowed_are_asked(url: str) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was asked")

    hosts = WebHosts(frozenset({"crm.example.com", "intern.test:8080"}))
    assert not hosts.allow(url)
    async with open_web(hosts, at_once=1, transport=httpx.MockTransport(never)) as web:
        with pytest.raises(ProviderRefused, match=r"REQUEST_HOSTS|address"):
            await web.ask(WebRequest("GET", url, None, 5.0))


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/a",
        "https://CRM.example.com:443",
        "http://crm.example.com/{customer_id}?a={b}",
        "http://intern.test:8080/",
        "https://intern.test:8080/",
        "http://[::1]:9/",
        "https://other.test/",
    ],
)
def test_hosts_that_are_allowed(url: str) -> None:
    assert WebHosts(frozenset({"crm.example.com", "intern.test:8080", "[::1]:9", "other.test:443"})).allow(url)


async def test_a_token_goes_to_its_host_alone_and_over_no_plain_network() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={})

    hosts = WebHosts(frozenset({"crm.example.com", "other.test", "localhost", "127.0.0.1:81"}), {"crm.example.com": TOKEN})
    here = WebHosts(hosts.allowed, {"localhost": TOKEN, "127.0.0.1:81": TOKEN})
    for asked, urls in (
        (hosts, ("https://crm.example.com/", "https://crm.example.com:443/", "https://other.test/", "http://localhost/")),
        (here, ("http://localhost/", "http://127.0.0.1:81/", "http://other.test/")),
    ):
        async with open_web(asked, at_once=1, transport=httpx.MockTransport(answer)) as web:
            for url in urls:
                await web.ask(WebRequest("GET", url, None, 5.0))
            if asked is hosts:
                with pytest.raises(ProviderRefused, match="REQUEST_TOKENS") as caught:
                    await web.ask(WebRequest("GET", "http://crm.example.com/", None, 5.0))
                assert TOKEN not in str(caught.value)
    bearer = f"Bearer {TOKEN}"
    assert seen == [bearer, bearer, None, None, bearer, bearer, None]


async def test_a_token_stands_in_no_log_and_in_no_repr(logs_as_they_were: None) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(level="DEBUG"), stream=stream)
    async with serving() as server, service(server, token=TOKEN) as web:
        await web.ask(to(server, "/good?phone=09121234567"))
        with pytest.raises(ProviderRefused):
            await web.ask(to(server, "/status/500"))
        assert TOKEN not in repr(web)
    assert server.asked[0][0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in stream.getvalue()
    assert "09121234567" not in stream.getvalue()


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with serving() as server, service(server, token=TOKEN) as web:
        await web.ask(to(server, "/good"))
    assert len(server.asked) == 1
