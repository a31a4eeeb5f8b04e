"""A shelf in the PBX's own folders of sounds, on this machine."""

import errno
import os
import pwd
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

import trio
from attrs import define, field
from attrs.validators import min_len

from callengine.errors import ProviderUnavailable
from callengine.providers.shelves.base import BOTH, CALLENGINE, KEPT_SECONDS, checked, digest_of, is_speech, sound_uri

T = TypeVar("T")

MOST_LOOKED_AT = 64
"""Files, each time one is written."""


@define(eq=False)
class FolderShelf:
    """A `Shelf` in folders of the PBX.

    Speech holds what was said to or of a contact, so none stays for ever: each time some is written, up to `MOST_LOOKED_AT`
    other files are looked at in turn, and those that nobody asked for within `KEPT_SECONDS` are deleted. While nothing new is
    spoken, nothing is deleted.

    Attributes:
        folders: folders of custom sounds, all of the same name; each lies directly in a folder where the PBX looks for
            sounds: /var/lib/asterisk/sounds, or that of a language in it. A file lies in all of them.
        setting: that names them, for messages.
    """

    folders: tuple[Path, ...] = field(validator=min_len(1))
    setting: str = "AST_SOUND_DIR"
    _disk: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False, repr=False)
    _to_look_at: dict[Path, deque[Path]] = field(factory=dict, init=False, repr=False)

    @property
    def endings(self) -> tuple[str, ...]:
        return BOTH

    async def take_up(self, file: str) -> bool:
        return await self._each(partial(_taken_up, str(checked(file))))

    async def holds(self, file: str, digest: str) -> bool:
        return await self._each(partial(_holds, str(checked(file)), digest))

    async def put(self, file: str, content: bytes) -> None:
        await self._each(partial(self._put, str(checked(file)), content))

    def media(self, file: str) -> str:
        return sound_uri(self.folders[0].name, file)

    def playable(self, uri: str) -> str:
        return uri

    async def _each(self, work: Callable[[Path], bool]) -> bool:
        """Do some work in each folder until it answers no; whether it never did.

        In a thread, one at a time, so that no file is deleted while it is taken up again. A caller who hangs up does not wait
        for the thread: files appear whole or not at all.
        """
        for folder in self.folders:
            within = partial(work, folder)
            try:
                if not await trio.to_thread.run_sync(within, abandon_on_cancel=True, limiter=self._disk):
                    return False
            except OSError as error:
                raise ProviderUnavailable(f"{self.setting}: {unusable(folder, error)}") from None
        return True

    def _put(self, file: str, content: bytes, folder: Path) -> bool:
        target = folder / file
        _make(folder)
        _make(target.parent)
        if target.parent.name == CALLENGINE:
            self._clear(target.parent)
        replace(target, content)
        return True

    def _clear(self, shelf: Path) -> None:
        """Delete what is too old of the next few files; where all have been looked at, begin again."""
        to_look_at = self._to_look_at.setdefault(shelf, deque())
        if not to_look_at:
            to_look_at.extend(path for path in shelf.iterdir() if is_speech(path.name))
        oldest = time.time() - KEPT_SECONDS
        for _ in range(min(MOST_LOOKED_AT, len(to_look_at))):
            path = to_look_at.popleft()
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def replace(target: Path, content: bytes) -> None:
    """Write a file that the PBX may read, in one step for whoever reads it.

    Raises:
        OSError: it cannot be written.
    """
    with NamedTemporaryFile(prefix=f"{target.stem}.", suffix=".part", dir=target.parent, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def unusable(folder: Path, error: OSError) -> str:
    """Why a folder cannot be used, and what to do about it."""
    who, why = whoami(), error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"the user {who} may not read and write {folder} ({why}): sudo chown {who} {folder}, or let a group that {who} is"
            f" in write there: sudo chgrp GROUP {folder} && sudo chmod g+rwxs {folder}"
        )
    if error.errno == errno.ENOENT:
        return f"{folder} is not there ({why}): make it for the user {who}, as in: sudo install -d -o {who} {folder}"
    return f"{folder} cannot be used ({why})"


def whoami() -> str:
    """The name of the user this process runs as."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _make(folder: Path) -> None:
    """Make a folder that the PBX may read, where the one above it is there."""
    with suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(0o755)


def _taken_up(file: str, folder: Path) -> bool:
    try:
        os.utime(folder / file)
    except FileNotFoundError:
        return False
    return True


def _holds(file: str, digest: str, folder: Path) -> bool:
    try:
        return digest_of((folder / file).read_bytes()) == digest
    except FileNotFoundError:
        return False
