"""ffmpeg as a child process that cannot outgrow its bounds: in time, in memory, in what it gives, in how many there are."""

import os
import shutil
import sys
from functools import partial
from pathlib import Path

import trio
from attrs import field, frozen
from attrs.validators import gt

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers.audio import LARGEST_WAV, Sound, read_wav

TELEPHONE_CHAIN = "highpass=f=120,lowpass=f=3800,afftdn=nf=-25,loudnorm=I=-19:TP=-2:LRA=8"
"""Takes hum, hiss and noise out of telephone speech and brings it to one loudness."""

REMEDY = "on Debian: apt-get install ffmpeg"

_MOST_MEMORY = 1024 * 1024 * 1024
"""Bytes of address space; a recording takes less than 400 MB of it, 70 MB in earnest (ffmpeg 5.1.9)."""

_MOST_WORDS = 2000
"""Bytes that are kept of what it complains about."""

_PIECE = 65536

_PIPE = -1
"""As `subprocess` calls it, which trio takes over."""


@frozen
class Ffmpeg:
    """Turns sound of any kind into mono, 16-bit sound of a rate (tried with ffmpeg 5.1.9).

    Attributes:
        executable: its name on the PATH, or a path.
        timeout: seconds, the wait for a turn included, after which the child is killed; so it is when the caller is cancelled.
        at_once: children at the same time.
    """

    executable: str = "ffmpeg"
    timeout: float = field(default=10.0, validator=gt(0))
    at_once: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(max(1, os.cpu_count() or 1)))

    @property
    def installed(self) -> bool:
        """Whether it can be found."""
        return shutil.which(self.executable) is not None

    async def convert(self, source: bytes | Path, rate: int, chain: str = "", kind: str = "wav") -> Sound:
        """The first sound of a file, or of one that is given whole.

        Args:
            rate: samples a second that are wanted.
            chain: filters, in ffmpeg's words.
            kind: the reader of bytes, in ffmpeg's words. It is never left to guess: some readers open what a file names.

        Raises:
            ProviderRefused: ffmpeg makes no sound of it.
            ProviderUnavailable: ffmpeg is not installed, crashed, took too long, or gave too much or no usable WAV file.
        """
        given = source if isinstance(source, bytes) else b""
        origin = ["-f", kind, "-i", "pipe:0"] if isinstance(source, bytes) else ["-i", f"file:{source}"]
        filters = ["-af", chain] if chain else []
        target = [
            "-map",
            "0:a:0",
            *filters,
            "-ac",
            "1",
            "-ar",
            str(rate),
            "-c:a",
            "pcm_s16le",
            "-bitexact",
            "-f",
            "wav",
            "pipe:1",
        ]
        quiet = ["-hide_banner", "-v", "error", "-threads", "1", "-filter_threads", "1"]
        made = await self._run([self.executable, *quiet, *origin, *target], given)
        try:
            sound = read_wav(made)
        except ValueError as error:
            raise ProviderUnavailable(f"ffmpeg gave no usable WAV file: {error}") from None
        if sound.rate != rate or not sound.samples:
            raise ProviderUnavailable(f"ffmpeg gave {len(sound.samples)} samples of {sound.rate} Hz; {rate} Hz were asked for")
        return sound

    async def _run(self, command: list[str], given: bytes) -> bytes:
        with trio.move_on_after(self.timeout):
            async with self.at_once:
                try:
                    return await _bounded(command, given)
                except OSError as error:
                    raise ProviderUnavailable(f"{self.executable} cannot be started ({error.strerror}); {REMEDY}") from None
        raise ProviderUnavailable(f"ffmpeg did not finish within {self.timeout:g} s")


async def _bounded(command: list[str], given: bytes) -> bytes:
    """What a child gives out.

    Raises:
        OSError: it cannot be started.
        ProviderError: it failed, or gave more than is taken.
    """
    said = bytearray()
    async with trio.open_nursery() as nursery:
        start = partial(trio.run_process, command, stdin=_PIPE, stdout=_PIPE, stderr=_PIPE, check=False, deliver_cancel=_kill)
        try:
            child: trio.Process = await nursery.start(start)
        except OSError as error:  # raised here, it would leave the nursery in a group
            failed: OSError | None = error
        else:
            failed = None
            _limit(child.pid)
            nursery.start_soon(_feed, child, given)
            nursery.start_soon(_listen, child, said)
            made = await _taken(child)
    if failed is not None:
        raise failed
    if made is None:
        raise ProviderUnavailable(f"ffmpeg gave more than {LARGEST_WAV} bytes")
    words = ascii(bytes(said).decode("utf-8", "replace").strip()[-200:])
    code = child.returncode or 0
    if code < 0:
        raise ProviderUnavailable(f"ffmpeg was ended by signal {-code}: {words}")
    if code > 0:
        raise ProviderRefused(f"ffmpeg refused ({code}): {words}")
    return made


def _limit(pid: int) -> None:
    """Bound the memory of a child. Set from here: code between fork and exec is not safe where there are threads."""
    if sys.platform == "linux":
        import resource

        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        except ProcessLookupError:
            return  # it has ended already


async def _feed(child: trio.Process, given: bytes) -> None:
    """Give it all, and the end of it; one that ends without having read everything says why by its exit code."""
    assert child.stdin is not None
    async with child.stdin as stdin:
        try:
            await stdin.send_all(given)
        except trio.BrokenResourceError:
            return


async def _listen(child: trio.Process, said: bytearray) -> None:
    """Take in whatever it complains about, and keep the beginning."""
    assert child.stderr is not None
    async for piece in child.stderr:
        said += piece[: _MOST_WORDS - len(said)]


async def _taken(child: trio.Process) -> bytes | None:
    """All it gives out; None, and its end, where that is too much."""
    assert child.stdout is not None
    made = bytearray()
    while piece := await child.stdout.receive_some(_PIECE):
        made += piece
        if len(made) > LARGEST_WAV:
            child.kill()
            return None
    return bytes(made)


async def _kill(process: trio.Process) -> None:
    process.kill()
