"""A try of the event socket, for whoever only wants to know whether it can be had."""

import h11
import trio
import wsproto.utilities
from trio_websocket import ConnectionClosed, ConnectionRejected, HandshakeError, wrap_client_stream

from callengine.ari.config import AriConfig
from callengine.ari.socket import resource_of
from callengine.errors import AriError, AriLost, AriRefused
from callengine.model import StreamOpener

_WHAT = "the event socket"


async def try_event_socket(config: AriConfig, opener: StreamOpener) -> None:
    """Open the event socket of the application that `config` names, and close it again.

    Whoever serves an application of that name loses it: name one of your own.

    Raises:
        AriRefused: the handshake was answered, and not granted.
        AriLost: there is no connection, or no event socket at its other end.
    """
    try:
        with trio.fail_after(config.connect_timeout):
            stream = await opener()
    except (OSError, trio.TooSlowError) as error:
        raise AriLost(f"{_WHAT}: no connection: {str(error) or 'timed out'}") from error
    failed: AriError | None = None
    try:
        with trio.move_on_after(config.connect_timeout) as patience:
            await _handshake(config, stream)
    except* ConnectionRejected as rejections:
        failed = _refused(rejections)
    except* (HandshakeError, ConnectionClosed, wsproto.utilities.ProtocolError, h11.ProtocolError) as errors:
        failed = AriLost(f"{_WHAT}: what answers does not speak WebSocket ({type(errors.exceptions[0]).__name__})")
    except* trio.BrokenResourceError as errors:
        failed = AriLost(f"{_WHAT}: the connection broke: {_innermost(errors)}")
    finally:
        await trio.aclose_forcefully(stream)
    if failed is not None:
        raise failed
    if patience.cancelled_caught:
        raise AriLost(f"{_WHAT}: no handshake within {config.connect_timeout:g} s")


async def _handshake(config: AriConfig, stream: trio.abc.Stream) -> None:
    host, resource = resource_of(config)
    async with trio.open_nursery() as nursery:
        socket = await wrap_client_stream(
            nursery,
            stream,  # type: ignore[arg-type]  # its text promises any stream, its annotation only sockets
            host,
            resource,
            extra_headers=[(b"Authorization", config.authorization)],
        )
        await socket.aclose()  # or Asterisk would warn of it in its log
        nursery.cancel_scope.cancel()


def _refused(rejections: BaseExceptionGroup[ConnectionRejected]) -> AriError:
    first = rejections.exceptions[0]
    status = first.status_code if isinstance(first, ConnectionRejected) else 0
    return AriRefused(status, "the handshake was not granted", f"GET {_WHAT}")


def _innermost(errors: BaseExceptionGroup[trio.BrokenResourceError]) -> str:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error.__cause__ or error) or type(error).__name__
