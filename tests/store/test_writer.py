from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest
import trio
import trio.testing
from attrs import define, field

from callengine.errors import ConfigError, DoNotDial, StoreError
from callengine.model import Book, SeededAmbient, SystemAmbient
from callengine.store import DurableStore, open_store
from callengine.testing import check_store
from tests.store.postgres import Server

T = TypeVar("T")
AMBIENT = SystemAmbient()


def note(name: str, book: Book) -> str:
    book.notebook.write(name, "here")
    return name


def noted(name: str, book: Book) -> bool:
    return book.notebook.read(name) is not None


@define(eq=False)
class Gate:
    """An executor that waits at an open or closed gate, and tells that it was reached."""

    reached: trio.Event = field(factory=trio.Event)
    opened: trio.Event = field(factory=trio.Event)

    async def __call__(self, work: Callable[[], T]) -> T:
        self.reached.set()
        await self.opened.wait()
        return work()


async def test_a_store_keeps_its_promises(url: str) -> None:
    await check_store(lambda: open_store(url, AMBIENT))


async def test_what_waits_is_written_in_few_commits(url: str) -> None:
    async with open_store(url, AMBIENT) as store:
        async with trio.open_nursery() as nursery:
            for number in range(250):
                nursery.start_soon(store.write, partial(note, str(number)))
        assert store.commits.units == 250
        assert store.commits.number <= 10
        assert 0 < store.commits.last_seconds <= store.commits.seconds


async def test_a_unit_cancelled_while_it_waits_is_not_written_and_one_under_way_is(file_url: str) -> None:
    gate = Gate()
    returned: list[str] = []

    async def write(store: DurableStore, name: str) -> None:
        returned.append(await store.write(partial(note, name)))

    async with open_store(file_url, AMBIENT, executor=gate) as store:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(write, store, "under way")
            await gate.reached.wait()
            nursery.start_soon(write, store, "waits")
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
            gate.opened.set()
        assert returned == ["under way"]
        assert await store.read(partial(noted, "under way"))
        assert not await store.read(partial(noted, "waits"))


async def test_who_is_cancelled_inside_the_block_can_still_write_while_unwinding(file_url: str) -> None:
    with trio.CancelScope() as scope:
        async with open_store(file_url, AMBIENT) as store:
            try:
                scope.cancel()
                await trio.sleep_forever()
            finally:
                with trio.CancelScope(shield=True):
                    await store.write(partial(note, "settled"))
    async with open_store(file_url, AMBIENT) as store:
        assert await store.read(partial(noted, "settled"))


async def test_an_error_inside_the_block_comes_out_as_it_is(file_url: str) -> None:
    with pytest.raises(DoNotDial, match="not him"):
        async with open_store(file_url, AMBIENT):
            raise DoNotDial("not him")


async def test_a_closed_store_says_so(file_url: str) -> None:
    async with open_store(file_url, AMBIENT) as store:
        pass
    with pytest.raises(StoreError, match="closed"):
        await store.write(partial(note, "late"))


async def test_a_unit_that_reads_cannot_write(url: str) -> None:
    async with open_store(url, AMBIENT) as store:
        with pytest.raises(StoreError, match="read"):
            await store.read(partial(note, "sly"))
        assert not await store.read(partial(noted, "sly"))


async def test_without_threads_a_store_works_under_a_virtual_clock(
    file_url: str, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_store(file_url, SeededAmbient(1, trio.current_time), inline=True) as store:
        began = trio.current_time()
        await store.write(partial(note, "one"))
        assert 0 < trio.current_time() - began < 0.1
        assert await store.read(partial(noted, "one"))


async def test_a_store_is_for_one_engine_and_any_number_of_commands(url: str) -> None:
    async with open_store(url, AMBIENT, exclusive=True), open_store(url, AMBIENT) as command:
        await command.write(partial(note, "command"))
        with pytest.raises(ConfigError, match=r"another engine runs on .*: stop it, or give this one a STORE_URL of its own"):
            async with open_store(url, AMBIENT, exclusive=True):
                pass
    async with open_store(url, AMBIENT, exclusive=True) as next_engine:
        assert await next_engine.read(partial(noted, "command"))


@pytest.mark.parametrize("simulated", [True, False])
async def test_real_and_simulated_calls_do_not_share_a_store(file_url: str, simulated: bool) -> None:
    async with open_store(file_url, AMBIENT) as store:
        await store.stamp(simulated=simulated)
        await store.stamp(simulated=simulated)
        with pytest.raises(ConfigError, match="name another STORE_URL"):
            await store.stamp(simulated=not simulated)


async def test_lost_connections_are_made_again_and_the_lock_with_them(postgres: Server) -> None:
    url = postgres.fresh()
    async with open_store(url, AMBIENT, exclusive=True) as store:
        await store.write(partial(note, "before"))
        postgres.end_connections()
        await store.write(partial(note, "after"))
        assert await store.read(partial(noted, "before"))
        with pytest.raises(ConfigError, match="another engine"):
            async with open_store(url, AMBIENT, exclusive=True):
                pass
