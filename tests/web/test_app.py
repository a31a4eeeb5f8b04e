"""What the HTTP port answers, without a port."""

import httpx
import pytest
from attrs import define

from callengine.errors import ConfigError, StoreError
from callengine.model import Figures
from callengine.scenarios import Reading, Refusal
from callengine.web import application

RELOAD = "/admin/reload-scenarios"
REFUSED = Refusal("flows/two.yaml", ("flows/two.yaml:3:5: F101 error: no such step",), kept="two")


@define
class FakeEngine:
    files: bool = True
    reloads: int = 0
    store_fails: bool = False

    async def reload(self) -> Reading:
        self.reloads += 1
        if not self.files:
            raise ConfigError("no files")
        return Reading((), ("one",), ("two",), ("three",), (REFUSED,), {}, ())

    async def figures(self) -> Figures:
        if self.store_fails:
            raise StoreError("the store is locked")
        return Figures(attempts=3)


def client(engine: FakeEngine, token: str = "") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application(engine, token)), base_url="http://engine")


async def test_a_reload_says_what_came_of_it() -> None:
    engine = FakeEngine()
    async with client(engine) as http:
        answer = await http.post(RELOAD)
    assert (answer.status_code, engine.reloads) == (200, 1)
    assert answer.json() == {
        "loaded": ["one"],
        "kept": ["two"],
        "removed": ["three"],
        "refused": [{"path": "flows/two.yaml", "reasons": ["flows/two.yaml:3:5: F101 error: no such step"], "kept": "two"}],
    }


@pytest.mark.parametrize("given", [b"", b"Bearer wrong", b"s3cret", b"Bearer \xff"])
async def test_without_the_token_nothing_is_done(given: bytes) -> None:
    engine = FakeEngine()
    async with client(engine, "s3cret") as http:
        answer = await http.post(RELOAD, headers={b"Authorization": given})
    assert (answer.status_code, answer.headers["www-authenticate"], engine.reloads) == (401, "Bearer", 0)


async def test_with_the_token_it_is() -> None:
    engine = FakeEngine()
    async with client(engine, "s3cret") as http:
        answer = await http.post(RELOAD, headers={"Authorization": "Bearer s3cret"})
    assert (answer.status_code, engine.reloads) == (200, 1)


async def test_an_engine_without_files_says_so() -> None:
    async with client(FakeEngine(files=False)) as http:
        answer = await http.post(RELOAD)
    assert (answer.status_code, answer.json()) == (409, {"error": "no files"})


@pytest.mark.parametrize(("method", "path", "status"), [("GET", RELOAD, 405), ("GET", "/", 404), ("POST", "/healthz", 405)])
async def test_nothing_else_is_served(method: str, path: str, status: int) -> None:
    engine = FakeEngine()
    async with client(engine) as http:
        answer = await http.request(method, path)
    assert (answer.status_code, engine.reloads) == (status, 0)


async def test_health_needs_no_token() -> None:
    async with client(FakeEngine(), "s3cret") as http:
        answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_metrics_want_the_token_like_everything_else() -> None:
    async with client(FakeEngine(), "s3cret") as http:
        stranger = await http.get("/metrics")
        answer = await http.get("/metrics", headers={"Authorization": "Bearer s3cret"})
    assert (stranger.status_code, answer.status_code) == (401, 200)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "callengine_attempts_total 3.0" in answer.text


async def test_metrics_say_so_when_the_store_cannot_be_read() -> None:
    async with client(FakeEngine(store_fails=True)) as http:
        answer = await http.get("/metrics")
    assert (answer.status_code, answer.json()) == (503, {"error": "the store is locked"})


class Shelf:
    """Sound under one address."""

    def content(self, token: str, address: str) -> bytes | None:
        return b"RIFF" if (token, address) == ("t0ken", "ab12.wav") else None


async def test_the_pbx_fetches_sound_without_a_bearer_token() -> None:
    app = application(FakeEngine(), "s3cret", Shelf())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://engine") as http:
        found = await http.get("/media/t0ken/ab12.wav")
        absent = [
            await http.get(f"/media/{path}") for path in ("wrong/ab12.wav", "t0ken/other.wav", "t0ken/../metrics", "t0ken")
        ]
        metrics = await http.get("/metrics")
        known = await http.head("/media/t0ken/ab12.wav", headers={"If-None-Match": '"ab12.wav"'})
    assert (known.status_code, known.content) == (304, b"")
    assert (found.status_code, found.content, found.headers["content-type"]) == (200, b"RIFF", "audio/wav")
    assert (found.headers["cache-control"], found.headers["etag"]) == ("private, max-age=604800", '"ab12.wav"')
    assert [answer.status_code for answer in (*absent, metrics)] == [404, 404, 404, 404, 401]


async def test_without_sound_to_serve_there_is_no_such_path() -> None:
    async with client(FakeEngine()) as http:
        assert (await http.get("/media/t0ken/ab12.wav")).status_code == 404
