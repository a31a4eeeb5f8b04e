"""A caller's ear: a socket of ours, so that a test knows which sound reached the caller, and when."""

import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import trio
from attrs import define, field, frozen

from tests.e2e.speech import RATE

RTP_HEADER = 12
"""Bytes before the sound, in a packet without extensions."""

LARGEST_PACKET = 2048


@frozen
class Heard:
    """A packet of sound.

    Attributes:
        at: when it arrived, in seconds since the epoch.
        sound: u-law.
    """

    at: float
    sound: bytes


@define
class Ear:
    """Where a caller's sound arrives: at this UDP port of loopback."""

    port: int
    heard: list[Heard] = field(factory=list)

    async def listen(self, arrivals: trio.socket.SocketType) -> None:
        """Hear everything from now on, until cancelled."""
        while True:
            packet = await arrivals.recv(LARGEST_PACKET)
            self.heard.append(Heard(time.time(), packet[RTP_HEADER:]))


@asynccontextmanager
async def open_ear() -> AsyncGenerator[Ear, None]:
    """An ear that hears until the block ends."""
    with trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as arrivals:
        await arrivals.bind(("127.0.0.1", 0))
        ear = Ear(int(arrivals.getsockname()[1]))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ear.listen, arrivals)
            yield ear
            nursery.cancel_scope.cancel()


def recording(heard: Iterable[Heard]) -> bytes:
    """All of it together, as the WAV that `listening.py` understands."""
    raw = ["-t", "raw", "-e", "u-law", "-b", "8", "-r", str(RATE), "-c", "1", "-"]
    wav = ["-t", "wav", "-e", "signed", "-b", "16", "-"]
    spoken = b"".join(each.sound for each in heard)
    return subprocess.run(["sox", *raw, *wav], input=spoken, capture_output=True, check=True).stdout
