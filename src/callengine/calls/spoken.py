"""Texts made audible."""

from collections.abc import Mapping
from types import MappingProxyType

import structlog
import trio

from callengine.calls.context import CallContext
from callengine.errors import ProviderError

log = structlog.get_logger()


async def spoken(call: CallContext, template: str, within: float, more: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The media URI of a text with its placeholders filled; None, and a line in the log, where it cannot be had in time.

    Args:
        within: seconds.
        more: names that only this text knows.
    """
    if call.services.speaker is None:
        log.warning("no text to speech", text=template)
        return None
    try:
        with trio.move_on_after(within):
            return await call.services.speaker.media(call.text(template, more))
        log.warning("text to speech took too long", seconds=within)
    except ProviderError as error:
        log.warning("text to speech failed", error=str(error))
    return None
