"""The store that lasts: one task carries all units of work to the database, as many in one commit as are waiting."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Protocol, TypeVar, cast

import outcome
import trio
from attrs import define, field, frozen

from callengine.errors import CallEngineError, ConfigError, StoreError
from callengine.model import Ambient, Book
from callengine.store.address import address_of
from callengine.store.database import Database, Unit, open_database

T = TypeVar("T")

WAITING: Final = 1000
"""Units that may wait; who comes later waits for room."""

GROUP: Final = 100
"""Units in one commit, at most."""

_SHORTEST_DELAY, _LONGEST_DELAY = 0.0005, 0.01
_WORLD: Final = "world"
"""The page of the notebook that says whose calls the store holds."""


class Executor(Protocol):
    """Runs work that blocks, one piece after another, and always to its end."""

    async def __call__(self, work: Callable[[], T]) -> T: ...


@frozen
class InThread:
    """Runs work in a thread, one piece at a time."""

    _turn: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False)

    async def __call__(self, work: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(work, limiter=self._turn)


@frozen
class Inline:
    """Runs work right here, after a short time drawn from the seed, so that under a virtual clock others have their turn."""

    ambient: Ambient

    async def __call__(self, work: Callable[[], T]) -> T:
        await trio.sleep(self.ambient.rng.uniform(_SHORTEST_DELAY, _LONGEST_DELAY))
        return work()


@define(eq=False)
class _Order:
    """A unit on its way to the database.

    Attributes:
        taken: it is being carried out: too late to withdraw it.
        withdrawn: whoever gave it does not want it any more.
    """

    unit: Unit
    settled: trio.Event = field(factory=trio.Event, init=False)
    taken: bool = field(default=False, init=False)
    withdrawn: bool = field(default=False, init=False)
    came: outcome.Outcome[object] | None = field(default=None, init=False)

    def settle(self, came: outcome.Outcome[object]) -> None:
        self.came = came
        self.settled.set()


@define(eq=False)
class Commits:
    """What commits took so far.

    Attributes:
        number: of commits.
        units: that were in them.
        seconds: that they took together, and `last_seconds` the last one.
        told: is told the seconds of each.
    """

    number: int = 0
    units: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0
    told: Callable[[float], None] = field(default=lambda _: None)


@define(eq=False)
class DurableStore:
    """A `Store` in a database.

    Attributes:
        name: for people; without a password.
        commits: figures of what was written.
    """

    name: str
    commits: Commits
    shared: bool = field(default=True, init=False)
    _database: Database
    _orders: trio.MemorySendChannel[_Order]
    _read_by: Executor

    async def write(self, unit: Callable[[Book], T]) -> T:
        """Run a unit of work. When this returns, what the unit wrote is durable; when it is cancelled, nothing was written.

        A unit that is being carried out cannot be cancelled any more: its result is returned then, too.

        Raises:
            StoreError: the unit was not written; where the database was lost in a commit, that is not known.
        """
        order = _Order(unit)
        try:
            await self._orders.send(order)
        except (trio.ClosedResourceError, trio.BrokenResourceError):
            raise StoreError(f"the store {self.name} is closed") from None
        await _end_of(order)
        assert order.came is not None
        return cast(T, order.came.unwrap())

    async def read(self, unit: Callable[[Book], T]) -> T:
        """Run a unit that writes nothing, on what is committed.

        Raises:
            StoreError: the store cannot be read.
        """
        return await self._read_by(partial(self._database.read, unit))

    async def is_served(self) -> bool:
        """Whether an engine runs on this store.

        Raises:
            StoreError: the store cannot be read.
            ConfigError: the lock of its engine may not be looked at.
        """
        return await self._read_by(self._database.is_served)

    async def stamp(self, *, simulated: bool) -> None:
        """Write down whose calls the store holds, the first time; later, see that they are of the same kind.

        Raises:
            ConfigError: they are of the other kind.
        """
        ours, other = ("simulated", "real") if simulated else ("real", "simulated")

        def unit(book: Book) -> None:
            found = book.notebook.read(_WORLD)
            if found is None:
                book.notebook.write(_WORLD, ours)
            elif found != ours:
                raise ConfigError(
                    f"the store {self.name} holds {other} calls, and these would be {ours} ones: name another STORE_URL"
                )

        await self.write(unit)


async def _end_of(order: _Order) -> None:
    try:
        await order.settled.wait()
    except trio.Cancelled:
        if not order.taken:
            order.withdrawn = True
            raise
        with trio.CancelScope(shield=True):  # the database bounds it
            await order.settled.wait()


@asynccontextmanager
async def open_store(
    url: str, ambient: Ambient, *, exclusive: bool = False, inline: bool = False, executor: Executor | None = None
) -> AsyncIterator[DurableStore]:
    """Open a store for the time of the block, its tables brought up to date.

    Whatever cancels the block, who unwinds inside it can still write.

    Args:
        url: `sqlite:///PATH` or `postgresql://...`; empty for a file in the working folder.
        exclusive: as the one engine on this store.
        inline: use no threads, for a virtual clock.
        executor: carries out what is written, in place of a thread.

    Raises:
        ConfigError: there can be no such store, another engine runs on it, or a newer version wrote it.
        StoreError: it cannot be opened.
    """
    write_by = executor or (Inline(ambient) if inline else InThread())
    read_by = Inline(ambient) if inline else InThread()
    database = await read_by(partial(open_database, address_of(url), ambient, exclusive=exclusive))
    try:
        send, receive = trio.open_memory_channel[_Order](WAITING)
        store = DurableStore(database.address.name, Commits(), database, send, read_by)
        failed: Exception | None = None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_carry, receive, database, write_by, store.commits)
            try:
                yield store
            except Exception as error:  # noqa: BLE001  # raised again below, without the nursery's group around it
                failed = error
            finally:
                send.close()
        if failed is not None:
            raise failed
    finally:
        database.close()


async def _carry(orders: trio.MemoryReceiveChannel[_Order], database: Database, execute: Executor, commits: Commits) -> None:
    """Carry orders out until no more can come. Who unwinds must still be able to write, so nothing else ends it."""
    with trio.CancelScope(shield=True), orders:
        async for first in orders:
            group = [order for order in (first, *_at_hand(orders)) if not order.withdrawn]
            if group:
                for order in group:
                    order.taken = True
                await _carry_out(group, database, execute, commits)


def _at_hand(orders: trio.MemoryReceiveChannel[_Order]) -> list[_Order]:
    found: list[_Order] = []
    while len(found) < GROUP - 1:
        try:
            found.append(orders.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            break
    return found


async def _carry_out(group: Sequence[_Order], database: Database, execute: Executor, commits: Commits) -> None:
    began = time.perf_counter()
    try:
        came = await execute(partial(database.write, [order.unit for order in group]))
    except CallEngineError as error:
        for order in group:
            order.settle(outcome.Error(type(error)(*error.args)))
        return
    except BaseException:  # a fault of our own ends the store; nobody may wait for it
        for order in group:
            order.settle(outcome.Error(StoreError("the store failed by a fault of its own: see the log")))
        raise
    commits.last_seconds = time.perf_counter() - began
    commits.seconds += commits.last_seconds
    commits.told(commits.last_seconds)
    commits.number += 1
    commits.units += len(group)
    for order, result in zip(group, came, strict=True):
        order.settle(result)
