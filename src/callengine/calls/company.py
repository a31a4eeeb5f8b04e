"""The company of a customer who waits long: the hold audio, and a word now and then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog

from callengine.calls.context import CallContext
from callengine.errors import AriError

Word = Callable[[], Awaitable[str]]
"""Waits until something is to be said, and returns its media URI."""

log = structlog.get_logger()


@asynccontextmanager
async def in_company(call: CallContext, word: Word) -> AsyncIterator[None]:
    """Keep the customer company for the time of a block; on leaving it, music and word are cut off.

    Raises:
        AriRefused: they could not be stopped.
        AriLost: the PBX did not answer.
    """
    async with call.talk.playing(call.beside, partial(_company, call, word)):
        yield
    await call.talk.stop_music()


async def _company(call: CallContext, word: Word) -> None:
    while True:
        try:
            async with call.on_hold():
                media = await word()
            await call.talk.play(media)
        except AriError as error:  # one word is lost, not the rest of the wait
            log.warning("hold audio interrupted", error=str(error))
