"""What services answer, within bounds."""

import httpx
import trio


async def body_of(response: httpx.Response, most: int) -> bytes | None:
    """Read the body of an answer that is being streamed; None for one of more than `most` bytes, whose rest is left unread.

    Raises:
        httpx.HTTPError: it broke off.
    """
    content = bytearray()
    # httpx reads through generators within generators and closes none but the outermost: left early, the others would be found
    # by the collector. A cancellation begins at the innermost and unwinds them all.
    with trio.CancelScope() as reading:
        async for part in response.aiter_bytes():
            if len(content) <= most:
                content += part
            if len(content) > most:
                reading.cancel()
    return None if reading.cancel_called else bytes(content)
