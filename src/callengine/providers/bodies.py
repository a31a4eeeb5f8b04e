"""What services answer, within bounds."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import httpx


async def body_of(response: httpx.Response, most: int) -> bytes | None:
    """Read the body of an answer that is being streamed; None for one of more than `most` bytes, whose rest is left unread.

    Raises:
        httpx.HTTPError: it broke off.
    """
    content = bytearray()
    # A generator by httpx's code, an iterator by its annotation; left early, it must be closed here and not by the collector.
    async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_bytes())) as parts:
        async for part in parts:
            content += part
            if len(content) > most:
                return None
    return bytes(content)
