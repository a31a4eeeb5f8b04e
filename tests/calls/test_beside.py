import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.calls.beside import Beside
from callengine.errors import AriLost, ProviderUnavailable


async def test_work_goes_on_beside_the_block(autojump_clock: MockClock) -> None:
    async def work() -> str:
        await trio.sleep(3)
        return "done"

    async with trio.open_nursery() as tasks, Beside(tasks)(work) as companion:
        await trio.sleep(2)
        assert await companion.result() == "done"
        assert trio.current_time() == 3


async def test_work_ends_with_the_block(autojump_clock: MockClock) -> None:
    ended: list[float] = []

    async def work() -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.append(trio.current_time())

    async with trio.open_nursery() as tasks:
        async with Beside(tasks)(work):
            await trio.sleep(1)
        assert ended == [1]


@pytest.mark.parametrize("error", [ProviderUnavailable("down"), AriLost("down")])
async def test_an_error_of_ours_is_raised_to_who_asks_and_crosses_no_nursery(error: Exception) -> None:
    async def work() -> None:
        raise error

    async with trio.open_nursery() as tasks:
        async with Beside(tasks)(work):
            await wait_all_tasks_blocked()
        async with Beside(tasks)(work) as companion:
            with pytest.raises(type(error)):
                await companion.result()


async def test_a_fault_ends_the_nursery_and_is_its_only_error() -> None:
    async def work() -> None:
        raise KeyError("a fault of ours")

    with pytest.raises(ExceptionGroup) as caught:
        async with trio.open_nursery() as tasks, Beside(tasks)(work) as companion:
            await companion.result()
    [error] = caught.value.exceptions
    assert isinstance(error, KeyError)
