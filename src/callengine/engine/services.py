"""What runs for as long as the engine does, and is ended in order."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import trio

from callengine.ari import Transport
from callengine.settings import AdminSettings

if TYPE_CHECKING:
    from callengine.web import Media, Reloadable

CLOSED_WITHIN = 1.0
"""Seconds that closing idle connections may take."""


class Service(Protocol):
    """Something that runs for as long as the engine does."""

    def __call__(self, task_status: trio.TaskStatus[None]) -> Awaitable[None]: ...


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Run a service for the time of the block, and until whatever cancels the block has unwound it."""
    scope = trio.CancelScope(shield=True)

    async def within(task_status: trio.TaskStatus[None]) -> None:
        with scope:
            await service(task_status)

    async with trio.open_nursery() as nursery:
        with trio.CancelScope(shield=True):  # cancelled while it starts, a shielded service would never end
            await nursery.start(within)
        try:
            yield
        finally:
            scope.cancel()


@asynccontextmanager
async def closing(transport: Transport) -> AsyncIterator[None]:
    """Leave no connection open."""
    try:
        yield
    finally:
        with trio.move_on_after(CLOSED_WITHIN, shield=True):
            await transport.close_idle()


@asynccontextmanager
async def admin_port(engine: "Reloadable", settings: AdminSettings, media: "Media | None" = None) -> AsyncIterator[None]:
    """The engine's own HTTP port, if it is to have one.

    Args:
        media: what the PBX fetches there, if anything.

    Raises:
        ConfigError: its address cannot be listened on.
    """
    if not settings.port:
        yield
        return
    from callengine.web import application, serve  # its libraries take a third of a second to import

    app = application(engine, settings.token.get_secret_value(), media)
    async with running(lambda task_status: serve(app, settings.host, settings.port, task_status=task_status)):
        yield
