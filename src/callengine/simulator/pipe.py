"""A connection in memory, with the back-pressure a socket has.

trio's own memory streams accept any number of unread bytes, which would hide a peer that does not read.
"""

from operator import index

import trio
from attrs import define, field

CAPACITY = 64 * 1024
"""Bytes that may lie unread in one direction: about what a kernel's socket buffer takes on loopback."""


@define(eq=False)
class _Lane:
    """One direction of a pipe."""

    capacity: int
    data: bytearray = field(factory=bytearray)
    writer_gone: bool = False
    reader_gone: bool = False
    readers: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot)
    writers: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot)

    def end(self) -> None:
        self.writer_gone = True
        self.readers.unpark_all()
        self.writers.unpark_all()

    def abandon(self) -> None:
        self.reader_gone = True
        self.data.clear()
        self.readers.unpark_all()
        self.writers.unpark_all()

    async def put(self, data: bytes | bytearray | memoryview) -> None:
        rest = memoryview(data)
        await trio.lowlevel.checkpoint_if_cancelled()
        while True:
            if self.writer_gone:
                raise trio.ClosedResourceError("this end was closed")
            if self.reader_gone:
                raise trio.BrokenResourceError("the other end was closed")
            room = self.capacity - len(self.data)
            if room > 0 and rest:
                self.data += rest[:room]
                rest = rest[room:]
                self.readers.unpark()
            if not rest:
                await trio.lowlevel.cancel_shielded_checkpoint()
                return
            await self.writers.park()

    async def get(self, max_bytes: int | None) -> bytes:
        await trio.lowlevel.checkpoint_if_cancelled()
        parked = False
        while not self.data:
            if self.reader_gone:
                raise trio.ClosedResourceError("this end was closed")
            if self.writer_gone:
                break
            await self.readers.park()
            parked = True
        if not parked:
            await trio.lowlevel.cancel_shielded_checkpoint()
        taken = bytes(self.data[:max_bytes])
        del self.data[:max_bytes]
        self.writers.unpark()
        return taken

    async def wait_room(self) -> None:
        await trio.lowlevel.checkpoint()
        while len(self.data) >= self.capacity and not (self.reader_gone or self.writer_gone):
            await self.writers.park()
        if self.writer_gone:
            raise trio.ClosedResourceError("this end was closed")


@define(eq=False)
class PipeEnd(trio.abc.HalfCloseableStream):
    """One end of a bounded in-memory connection; made in pairs by `pipe_pair`."""

    _incoming: _Lane
    _outgoing: _Lane
    _sending: bool = field(default=False, init=False)
    _receiving: bool = field(default=False, init=False)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        if self._sending:
            raise trio.BusyResourceError("another task is sending on this end")
        self._sending = True
        try:
            await self._outgoing.put(data)
        finally:
            self._sending = False

    async def wait_send_all_might_not_block(self) -> None:
        if self._sending:
            raise trio.BusyResourceError("another task is sending on this end")
        self._sending = True
        try:
            await self._outgoing.wait_room()
        finally:
            self._sending = False

    async def send_eof(self) -> None:
        if self._sending:
            raise trio.BusyResourceError("another task is sending on this end")
        if self._incoming.reader_gone:
            raise trio.ClosedResourceError("this end was closed")
        self._outgoing.end()
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if self._receiving:
            raise trio.BusyResourceError("another task is receiving on this end")
        if max_bytes is not None and index(max_bytes) < 1:
            raise ValueError("max_bytes must be at least 1")
        self._receiving = True
        try:
            return await self._incoming.get(max_bytes)
        finally:
            self._receiving = False

    async def aclose(self) -> None:
        self._outgoing.end()
        self._incoming.abandon()
        await trio.lowlevel.checkpoint()


def pipe_pair(capacity: int = CAPACITY) -> tuple[PipeEnd, PipeEnd]:
    """Two connected ends; each direction holds at most `capacity` unread bytes."""
    there, back = _Lane(capacity), _Lane(capacity)
    return PipeEnd(back, there), PipeEnd(there, back)
