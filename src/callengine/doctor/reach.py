"""Whether an address can be reached, and if not, at which of the steps on the way it fails."""

import socket
import ssl
from urllib.parse import urlsplit

import trio
from attrs import frozen

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}

CONNECTED_WITHIN = 8.0
"""Seconds for the name, the connection and the handshake together."""


@frozen
class Unreached:
    """Why an address cannot be reached, and how to mend it."""

    sentence: str
    remedy: str


async def reach(url: str, setting: str, *, verify: bool = True) -> Unreached | None:
    """Connect, shake hands where the address asks for TLS, and hang up; None where that went well. Nothing is asked.

    Args:
        setting: that names the address, for the remedy.
        verify: whether the certificate matters.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    where = f"{host}:{port}"
    with trio.move_on_after(CONNECTED_WITHIN):
        try:
            stream = await trio.open_tcp_stream(host, port)
        except OSError as error:
            return _unconnected(error, where, setting)
        except UnicodeError:
            return Unreached(f"{host} cannot be the name of a host", f"Correct {setting}")
        async with stream:
            if parts.scheme not in ("https", "wss"):
                return None
            return await _shaken(stream, host, where, setting, verify=verify)
    return Unreached(
        f"{where} does not answer within {CONNECTED_WITHIN:g} s",
        f"See that {setting} is right, and that no firewall stands between; where the web is behind a proxy, set HTTPS_PROXY",
    )


def _unconnected(error: OSError, where: str, setting: str) -> Unreached:
    cause = _first(error)
    if isinstance(cause, socket.gaierror):
        return Unreached(
            f"the name of {where} cannot be resolved ({cause.strerror})",
            f"See that {setting} is spelt rightly, and that this machine has a name server (/etc/resolv.conf)",
        )
    if isinstance(cause, ConnectionRefusedError):
        return Unreached(
            f"nothing listens at {where}", f"Start what should listen there, or correct host and port in {setting}"
        )
    return Unreached(
        f"{where} cannot be connected to ({cause.strerror or cause})",
        f"See that {setting} is right, and that network and firewall let this machine through",
    )


def _first(error: OSError) -> OSError:
    """The error behind the one that trio makes of several tries."""
    cause = error.__cause__
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return cause if isinstance(cause, OSError) else error


async def _shaken(stream: trio.SocketStream, host: str, where: str, setting: str, *, verify: bool) -> Unreached | None:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        await trio.SSLStream(stream, context, server_hostname=host, https_compatible=True).do_handshake()
    except trio.BrokenResourceError as error:
        cause = error.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unreached(
                f"the certificate of {where} is not accepted: {cause.verify_message}",
                f"Have its certificate renewed, or use the name it was made out to in {setting}; for an authority of one's"
                " own, let SSL_CERT_FILE name its certificate",
            )
        return Unreached(
            f"{where} does not speak TLS ({type(cause or error).__name__})",
            f"See whether {setting} should begin with http:// instead, or name another port",
        )
    return None
