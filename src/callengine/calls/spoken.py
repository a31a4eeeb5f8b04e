"""Texts made audible where nothing depends on it: a failure is logged, and the text is not heard."""

import structlog
import trio

from callengine.errors import ProviderError
from callengine.providers import Speaker

log = structlog.get_logger()


async def spoken(speaker: Speaker | None, text: str, within: float) -> str | None:
    """The media URI of a text; None where there is no speaker, or it failed.

    Args:
        within: seconds it may take.
    """
    if speaker is None:
        return None
    try:
        with trio.move_on_after(within):
            return await speaker.media(text)
        log.warning("text to speech took too long", seconds=within)
    except ProviderError as error:
        log.warning("text to speech failed", error=str(error))
    return None
