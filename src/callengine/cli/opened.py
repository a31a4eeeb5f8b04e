"""The configured store, for commands that work beside a running engine."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from callengine.cli.verdict import told
from callengine.model import SystemAmbient
from callengine.settings import Settings, load_settings
from callengine.store import DurableStore, open_store

DEFAULT_STORE = Path("callengine.db")
"""Where everything is written down, unless a setting names another place."""

REHEARSAL_STORE = "sqlite:///callengine-simulated.db"
"""Where simulated calls are written down where a real PBX is configured: nobody should count as called by them."""


def where_of(settings: Settings, *, simulated: bool = False) -> str:
    """The address of the store that a run uses."""
    url = settings.store.url.get_secret_value()
    if not url and simulated and settings.pbx_configured:
        return REHEARSAL_STORE
    return url or f"sqlite:///{DEFAULT_STORE}"


@asynccontextmanager
async def opened(config: Path | None, store: str | None) -> AsyncIterator[tuple[Settings, DurableStore]]:
    """The settings and their store, open for the time of the block.

    Args:
        config: the configuration file; callengine.toml of the working folder if None.
        store: its address, in place of the configured one.

    Raises:
        ConfigError: a setting is wrong, or there can be no such store.
        StoreError: the store cannot be opened.
    """
    settings = load_settings(config=config, overrides={"store.url": store})
    async with open_store(where_of(settings), SystemAmbient()) as book:
        yield settings, book


async def with_store(config: Path | None, store: str | None, work: Callable[[Settings, DurableStore], Awaitable[int]]) -> int:
    """Do some work with the configured store and return the command's exit code: that of the work, or of what went wrong."""
    with told() as verdict:
        async with opened(config, store) as (settings, book):
            verdict.code = await work(settings, book)
    return verdict.code
