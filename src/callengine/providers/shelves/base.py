"""The port to a shelf, and the names of what lies on one."""

import re
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final, Protocol

CALLENGINE: Final = "callengine"
"""The folder of speech within a shelf. What lies in it is deleted when nobody has asked for it in `KEPT_SECONDS`."""

BOTH: Final = (".wav16", ".wav")
"""The endings of a prompt where the PBX chooses: it plays the one that suits the call's codec."""

KEPT_SECONDS: Final = 24 * 3600.0

_FILE: Final = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_SPEECH: Final = re.compile(r"[0-9a-f]{64}\.(wav|\w+\.part)")


class Shelf(Protocol):
    """Files by name, such as `hello.wav`, or `callengine/<hash>.wav` for speech.

    Each method raises:
        ProviderUnavailable: what keeps the files cannot be reached, read or written; the message says what to do.
        ValueError: the name is none of a file here.
    """

    @property
    def endings(self) -> tuple[str, ...]:
        """Of the files that make up a prompt: `.wav`, of 8 kHz, and `.wav16`, the same at 16 kHz."""
        ...

    async def take_up(self, file: str) -> bool:
        """Tell whether there is such a file; the time that it is kept for begins anew."""
        ...

    async def holds(self, file: str, digest: str) -> bool:
        """Tell whether there is such a prompt with this content."""
        ...

    async def put(self, file: str, content: bytes) -> None:
        """Keep a file, in place of one of the same name; whoever reads meanwhile gets the one or the other, whole."""
        ...

    def media(self, file: str) -> str:
        """The media URI by which the PBX plays it."""
        ...

    def playable(self, uri: str) -> str:
        """The media URI by which the PBX plays what a scenario knows by `uri`: another where the sound lies with us."""
        ...


def digest_of(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return sha256(content).hexdigest()


def checked(file: str) -> PurePosixPath:
    """A file's name as a path: one file, or one in a folder, and nothing outside.

    Raises:
        ValueError: it is another.
    """
    if not _FILE.fullmatch(file):
        raise ValueError(f"{file!r} is no name of a file on a shelf")
    return PurePosixPath(file)


def is_speech(name: str) -> bool:
    """Whether a file of the folder `callengine` is one of ours, or a part of one."""
    return _SPEECH.fullmatch(name) is not None


def sound_uri(folder: str, file: str) -> str:
    """How the PBX calls a file in a folder of its sounds."""
    return f"sound:{folder}/{checked(file).with_suffix('')}"
