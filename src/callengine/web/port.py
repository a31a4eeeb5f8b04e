"""The port itself: hypercorn within a nursery of ours."""

import logging
import socket

import hypercorn.trio
import structlog
import trio
from hypercorn.config import Config
from starlette.applications import Starlette

from callengine.errors import ConfigError

GRACE = 1.0
"""Seconds that requests get when the port is closed in an orderly way."""

log = structlog.get_logger()


async def serve(app: Starlette, host: str, port: int, *, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED) -> None:
    """Serve until cancelled; requests under way are then cut off.

    Args:
        port: 0 for any that is free.
        task_status: is given the URL as soon as the port is open.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    with _listening(host, port) as listener:
        url = "http://{}:{}".format(f"[{host}]" if ":" in host else host, listener.getsockname()[1])
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.errorlog = _faults_alone()
        config.graceful_timeout = GRACE
        async with trio.open_nursery() as nursery:
            await nursery.start(hypercorn.trio.serve, app, config)
            log.info("The HTTP port is open", url=url)
            task_status.started(url)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(f"ADMIN_HOST and ADMIN_PORT: {host}:{port} cannot be listened on ({why}): name others") from error


def _faults_alone() -> logging.Logger:
    """Where hypercorn writes what went wrong; what it says besides is ours to say."""
    logger = logging.getLogger("hypercorn.error")
    logger.setLevel(logging.WARNING)
    return logger
