"""What can be asked over the engine's own HTTP port."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import attrs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from callengine.errors import ConfigError, StoreError
from callengine.scenarios import Reading
from callengine.web.metrics import CONTENT_TYPE, Measured, exposition

MEDIA_SECONDS = 7 * 86_400
"""For which the PBX plays sound that it has fetched without asking again. Asterisk asks under a lock that all calls share."""


class Reloadable(Measured, Protocol):
    """The engine, as this room sees it."""

    async def reload(self) -> Reading:
        """Read the scenario files again.

        Raises:
            ConfigError: the engine has no files of scenarios.
        """
        ...


class Media(Protocol):
    """Sound that the PBX fetches, as this room sees it."""

    def content(self, token: str, address: str) -> bytes | None:
        """A WAV file by its address, for who knows the token."""
        ...


def application(engine: Reloadable, token: str = "", media: Media | None = None) -> Starlette:
    """The ASGI application.

    - `POST /admin/reload-scenarios`: reads the scenario files again, and says what came of it.
    - `GET /metrics`: the engine's figures, for Prometheus.
    - `GET /healthz`: `{"status": "ok"}` for as long as the engine runs; needs no token.
    - `GET /media/<token>/<address>`: sound for the PBX, which carries no Bearer token; the path has one of its own.

    Args:
        token: what requests must carry as a Bearer token; empty where none is asked for.
        media: what is served to the PBX; without it there is no such path.
    """

    async def reload(request: Request) -> JSONResponse:
        if not _carries(request, token):
            return _stranger()
        try:
            return JSONResponse(told(await engine.reload()))
        except ConfigError as error:
            return JSONResponse({"error": str(error)}, 409)

    async def metrics(request: Request) -> Response:
        if not _carries(request, token):
            return _stranger()
        try:
            return Response(exposition(await engine.figures()), media_type=CONTENT_TYPE)
        except StoreError as error:
            return JSONResponse({"error": str(error)}, 503)

    routes = [
        Route("/admin/reload-scenarios", reload, methods=["POST"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route("/healthz", _health, methods=["GET"]),
    ]
    if media is not None:
        routes.append(Route("/media/{token}/{address}", _fetching(media), methods=["GET"]))
    return Starlette(routes=routes)


def _fetching(media: Media) -> Callable[[Request], Awaitable[Response]]:
    async def fetch(request: Request) -> Response:
        address = request.path_params["address"]
        content = media.content(request.path_params["token"], address)
        if content is None:
            return Response("there is no such sound", 404)
        # An address holds the hash of its content: what was fetched once never changes.
        headers = {"Cache-Control": f"private, max-age={MEDIA_SECONDS}", "ETag": f'"{address}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(None, 304, headers)
        return Response(content, media_type="audio/wav", headers=headers)

    return fetch


def _stranger() -> JSONResponse:
    return JSONResponse({"error": "give ADMIN_TOKEN as a Bearer token"}, 401, {"WWW-Authenticate": "Bearer"})


async def _health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _carries(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").encode("latin-1")
    return not token or hmac.compare_digest(given, f"Bearer {token}".encode())


def told(reading: Reading) -> Mapping[str, Sequence[str] | Sequence[Mapping[str, str | Sequence[str]]]]:
    """What came of a reload, for JSON."""
    return {
        "loaded": reading.loaded,
        "kept": reading.kept,
        "removed": reading.removed,
        "refused": [attrs.asdict(refusal) for refusal in reading.refused],
    }
