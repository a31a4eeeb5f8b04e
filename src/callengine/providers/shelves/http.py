"""A shelf with us: the PBX fetches what it plays from the engine's own HTTP port."""

import hmac
import time
from collections import OrderedDict
from itertools import chain
from typing import Final

import trio
from attrs import define, evolve, field, frozen
from attrs.validators import matches_re

from callengine.errors import ProviderUnavailable
from callengine.providers.shelves.base import CALLENGINE, KEPT_SECONDS, checked, digest_of

CUSTOM: Final = "sound:custom/"
"""What the media URI of a prompt begins with, in scenarios."""

MOST_SPEECH: Final = 64 * 1024 * 1024
"""Bytes: over an hour of telephone speech."""

MOST_PROMPTS: Final = 256 * 1024 * 1024


@frozen
class _Lying:
    """What lies under a name. The address holds the content's hash: the PBX keeps what it fetched by address."""

    content: bytes
    address: str
    taken_up: float


@define(eq=False)
class HttpShelf:
    """A `Shelf` in memory. What was said to or of a contact is nowhere on disk here, and gone with the process.

    Speech gives way where it is more than `MOST_SPEECH` or nobody asked for it in `KEPT_SECONDS`; prompts stay.

    Attributes:
        base_url: where the PBX reaches our HTTP port, without a slash at its end.
        token: part of every address; nobody must be able to guess it.
    """

    base_url: str
    token: str = field(validator=matches_re(r"[0-9A-Za-z_-]{16,}"), repr=False)
    _speech: "OrderedDict[str, _Lying]" = field(factory=OrderedDict, init=False, repr=False)
    _prompts: dict[str, _Lying] = field(factory=dict, init=False, repr=False)

    @property
    def endings(self) -> tuple[str, ...]:
        return (".wav",)  # by its address the PBX fetches one file, and takes it for one of 8 kHz

    async def take_up(self, file: str) -> bool:
        await trio.lowlevel.checkpoint()
        lying = self._at(file)
        if lying is not None and _is_speech(file):
            self._speech[file] = evolve(lying, taken_up=time.monotonic())
            self._speech.move_to_end(file)
        return lying is not None

    async def holds(self, file: str, digest: str) -> bool:
        await trio.lowlevel.checkpoint()
        lying = self._at(file)
        return lying is not None and lying.address == _address(digest)

    async def put(self, file: str, content: bytes) -> None:
        await trio.lowlevel.checkpoint()
        checked(file)
        prompts = sum(len(lying.content) for name, lying in self._prompts.items() if name != file)
        if not _is_speech(file) and prompts + len(content) > MOST_PROMPTS:
            raise ProviderUnavailable(f"prompts of more than {MOST_PROMPTS // 2**20} MiB are not served: give the PBX a folder")
        lying = _Lying(content, _address(digest_of(content)), time.monotonic())
        if not _is_speech(file):
            self._prompts[file] = lying
            return
        self._speech[file] = lying
        self._speech.move_to_end(file)
        self._make_room()

    def media(self, file: str) -> str:
        lying = self._at(file)
        if lying is None:
            raise ProviderUnavailable(f"{file} is not here")
        return f"sound:{self.base_url}/media/{self.token}/{lying.address}"

    def playable(self, uri: str) -> str:
        file = f"{uri.removeprefix(CUSTOM)}.wav"
        return self.media(file) if uri.startswith(CUSTOM) and file in self._prompts else uri

    def content(self, token: str, address: str) -> bytes | None:
        """What lies at an address, for who knows the token."""
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        lying = chain(self._prompts.values(), self._speech.values())
        return next((each.content for each in lying if each.address == address), None)

    def _at(self, file: str) -> _Lying | None:
        checked(file)
        return self._speech.get(file) if _is_speech(file) else self._prompts.get(file)

    def _make_room(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        together = sum(len(lying.content) for lying in self._speech.values())
        while len(self._speech) > 1:
            first = next(iter(self._speech.values()))
            if together <= MOST_SPEECH and first.taken_up >= oldest:
                return
            self._speech.popitem(last=False)
            together -= len(first.content)


def _address(digest: str) -> str:
    return f"{digest}.wav"


def _is_speech(file: str) -> bool:
    return file.startswith(f"{CALLENGINE}/")
