"""Connections to a PBX in earnest: TCP, with TLS where the address says so."""

import ssl
from urllib.parse import urlsplit

import trio

from callengine.model import StreamOpener

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def tcp_opener(url: str) -> StreamOpener:
    """The opener for `http`, `https`, `ws` and `wss` addresses. What it opens may raise OSError, as the port asks."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context() if parts.scheme in {"https", "wss"} else None

    async def open_stream() -> trio.abc.Stream:
        stream = await trio.open_tcp_stream(host, port)
        if context is None:
            return stream
        return trio.SSLStream(stream, context, server_hostname=host, https_compatible=True)

    return open_stream
