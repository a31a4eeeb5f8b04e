"""A shelf on a server that we upload to by SFTP. It needs `paramiko`: pip install 'callengine[sftp]'.

A library in threads, and not OpenSSH's `sftp` as a child: the connection stays open, so that speech is not late by a handshake
each time, and it takes passwords too.
"""

import io
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import trio
from attrs import define, field

from callengine.errors import ConfigError, ProviderUnavailable
from callengine.providers.shelves.base import BOTH, CALLENGINE, KEPT_SECONDS, checked, digest_of, is_speech, sound_uri
from callengine.providers.shelves.ssh import SftpConfig, connect

if TYPE_CHECKING:
    from paramiko import SFTPClient, SSHClient

T = TypeVar("T")

_LIST: Final = ".callengine.json"
"""Digest and size of each prompt that lies on the server; SFTP cannot ask a server for a digest."""

_LARGEST_LIST: Final = 1024 * 1024
_CLOSED_WITHIN: Final = 2.0


@asynccontextmanager
async def open_sftp_shelf(config: SftpConfig) -> "AsyncIterator[SftpShelf]":
    """A shelf on a server, which is first spoken to when something is asked of it; the connection is closed after the block.

    Raises:
        ConfigError: paramiko is not installed.
    """
    try:
        await trio.to_thread.run_sync(__import__, "paramiko")
    except ImportError:
        raise ConfigError("MEDIA_DELIVERY is sftp, which needs paramiko: pip install 'callengine[sftp]'") from None
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what goes wrong reaches us as an error
    shelf = SftpShelf(config)
    try:
        yield shelf
    finally:
        with trio.move_on_after(_CLOSED_WITHIN, shield=True):
            await shelf.close()


@define(eq=False)
class SftpShelf:
    """A `Shelf` on a server: one connection, one piece of work at a time, in a thread.

    A caller who hangs up does not wait for the thread, which ends within the timeouts of the connection. Speech that nobody
    asked for in `KEPT_SECONDS` is deleted each time some is uploaded.
    """

    config: SftpConfig
    _turn: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False, repr=False)
    _client: "SSHClient | None" = field(default=None, init=False, repr=False)
    _sftp: "SFTPClient | None" = field(default=None, init=False, repr=False)

    @property
    def endings(self) -> tuple[str, ...]:
        return BOTH

    async def take_up(self, file: str) -> bool:
        return await self._work(partial(_taken_up, self._path(file)))

    async def holds(self, file: str, digest: str) -> bool:
        return await self._work(partial(_holds, self.config.folder, file, digest, self._path(file)))

    async def put(self, file: str, content: bytes) -> None:
        await self._work(partial(_put, self.config.folder, file, content, self._path(file)))

    def media(self, file: str) -> str:
        return sound_uri(self.config.folder.rstrip("/").rpartition("/")[2], file)

    def playable(self, uri: str) -> str:
        return uri

    async def close(self) -> None:
        """Close the connection; what a thread still does on it fails."""
        await trio.to_thread.run_sync(self._drop, abandon_on_cancel=True)

    def _path(self, file: str) -> str:
        return f"{self.config.folder.rstrip('/')}/{checked(file)}"

    async def _work(self, work: "Callable[[SFTPClient], T]") -> T:
        within = partial(self._connected, work)
        return await trio.to_thread.run_sync(within, abandon_on_cancel=True, limiter=self._turn)

    def _connected(self, work: "Callable[[SFTPClient], T]") -> T:
        """Do some work on the connection; on a new one if that of before has died meanwhile."""
        from paramiko import SSHException

        config = self.config
        for is_new in (self._sftp is None, True):
            try:
                return work(self._sftp or self._connect())
            except PermissionError:
                raise ProviderUnavailable(
                    f"SFTP_DIR: the user {config.user} may not read and write {config.folder} on {config.host}: let them, or"
                    " name another SFTP_USER"
                ) from None
            except FileNotFoundError:
                raise ProviderUnavailable(
                    f"SFTP_DIR: {config.folder} is not there on {config.host}: make it, and let the user {config.user} write"
                    " to it"
                ) from None
            except (SSHException, OSError, EOFError) as error:
                self._drop()
                if is_new:
                    words = str(error) or type(error).__name__
                    raise ProviderUnavailable(f"SFTP to {config.host}, port {config.port}: {words}") from None
        raise AssertionError("the second turn returns or raises")

    def _connect(self) -> "SFTPClient":
        self._client = connect(self.config)
        self._sftp = self._client.open_sftp()
        if (channel := self._sftp.get_channel()) is not None:
            channel.settimeout(self.config.timeout)
        return self._sftp

    def _drop(self) -> None:
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            client.close()


def _taken_up(path: str, sftp: "SFTPClient") -> bool:
    try:
        sftp.utime(path, None)
    except FileNotFoundError:
        return False
    return True


def _holds(folder: str, file: str, digest: str, path: str, sftp: "SFTPClient") -> bool:
    try:
        size = sftp.stat(path).st_size
    except FileNotFoundError:
        return False
    return _listed(folder, sftp).get(file) == [digest, size]


def _put(folder: str, file: str, content: bytes, path: str, sftp: "SFTPClient") -> None:
    above = path.rpartition("/")[0]
    for each in dict.fromkeys((folder, above)):
        _make(each, sftp)
    if above.endswith(f"/{CALLENGINE}"):
        _clear(above, sftp)
    _replace(path, content, sftp)
    if above == folder.rstrip("/"):
        listed = {**_listed(folder, sftp), file: [digest_of(content), len(content)]}
        _replace(f"{above}/{_LIST}", json.dumps(listed, indent=1, sort_keys=True).encode(), sftp)


def _replace(path: str, content: bytes, sftp: "SFTPClient") -> None:
    """Upload beside, then rename: whoever reads meanwhile gets the old file or the new one, whole."""
    above, _, name = path.rpartition("/")
    part = f"{above}/{name.partition('.')[0] or 'list'}.{secrets.token_hex(4)}_.part"
    try:
        sftp.putfo(io.BytesIO(content), part, len(content))
        sftp.chmod(part, 0o644)
        sftp.posix_rename(part, path)
    except OSError:
        with suppress(OSError):
            sftp.remove(part)
        raise


def _make(folder: str, sftp: "SFTPClient") -> None:
    try:
        sftp.stat(folder)
    except FileNotFoundError:
        sftp.mkdir(folder)
        sftp.chmod(folder, 0o755)


def _clear(folder: str, sftp: "SFTPClient") -> None:
    oldest = time.time() - KEPT_SECONDS
    for each in sftp.listdir_attr(folder):
        if is_speech(each.filename) and (each.st_mtime or 0) < oldest:
            with suppress(FileNotFoundError):
                sftp.remove(f"{folder}/{each.filename}")


def _listed(folder: str, sftp: "SFTPClient") -> dict[str, list[str | int | None]]:
    """What the list on the server says; nothing where it is none."""
    try:
        with sftp.open(f"{folder.rstrip('/')}/{_LIST}") as file:
            found = json.loads(file.read(_LARGEST_LIST))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
