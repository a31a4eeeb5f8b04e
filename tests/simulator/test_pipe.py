"""The in-memory connection behaves as trio's own rules for streams say, and holds a bounded amount."""

import pytest
import trio
from trio.testing import check_half_closeable_stream, wait_all_tasks_blocked

from callengine.simulator import PipeEnd, pipe_pair


async def test_it_keeps_trio_s_rules_for_streams() -> None:
    async def make() -> tuple[PipeEnd, PipeEnd]:
        return pipe_pair()

    async def make_clogged() -> tuple[PipeEnd, PipeEnd]:
        near, far = pipe_pair(capacity=1)
        await near.send_all(b"x")
        await far.send_all(b"x")
        return near, far

    await check_half_closeable_stream(make, make_clogged)


async def test_who_does_not_read_stops_who_writes(autojump_clock: trio.testing.MockClock) -> None:
    near, far = pipe_pair(capacity=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(near.send_all, b"x" * 25)
        await wait_all_tasks_blocked()
        assert await far.receive_some() == b"x" * 10
        assert await far.receive_some(4) == b"x" * 4
        await wait_all_tasks_blocked()
        assert len(await far.receive_some()) == 10
        assert await far.receive_some() == b"x"
    with trio.move_on_after(1) as patience:
        await far.receive_some()
    assert patience.cancelled_caught


async def test_a_peer_that_left_is_noticed() -> None:
    near, far = pipe_pair(capacity=1)

    async def send() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await near.send_all(b"too much")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        await wait_all_tasks_blocked()
        await far.aclose()
