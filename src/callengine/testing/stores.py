"""What every store must keep to, so that whoever writes one of their own can hold it against the same promises."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TypeAlias

import trio

from callengine.model import Book, Store

OpenStore: TypeAlias = Callable[[], AbstractAsyncContextManager[Store]]

_MANY = 40


class _Sabotage(Exception):  # a unit's own error, which no store can know
    """Raised by a unit after it has written."""


def _note(name: str, book: Book) -> str:
    book.notebook.write(name, name)
    return name


def _spoilt(name: str, book: Book) -> str:
    book.notebook.write(name, name)
    raise _Sabotage(name)


def _noted(name: str, book: Book) -> bool:
    return book.notebook.read(name) == name


async def check_store(open_store: OpenStore) -> None:
    """Check that a store keeps what units write, keeps nothing of a unit that fails, and is still right when opened again.

    Args:
        open_store: opens the same store each time; it must be empty before the first.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    async with open_store() as store:
        await _check_units(store)
        await _check_many(store)
        await _check_cancelled(store)
    async with open_store() as store:
        assert await store.read(partial(_noted, "kept")), "what a unit wrote is gone after the store was opened again"
        assert not await store.read(partial(_noted, "spoilt")), "a unit that raised is there after the store was opened again"


async def _check_units(store: Store) -> None:
    assert await store.write(partial(_note, "kept")) == "kept", "write does not return what the unit returned"
    assert await store.read(partial(_noted, "kept")), "read does not see what write has returned from"
    try:
        await store.write(partial(_spoilt, "spoilt"))
    except _Sabotage:
        pass
    else:
        raise AssertionError("the error that a unit raised did not come out of write")
    assert not await store.read(partial(_noted, "spoilt")), "a unit that raised has left something behind"


async def _check_many(store: Store) -> None:
    returned: list[str] = []
    failed: list[str] = []

    async def write(number: int) -> None:
        unit = _spoilt if number % 4 == 0 else _note
        try:
            returned.append(await store.write(partial(unit, f"many {number}")))
        except _Sabotage as error:
            failed.append(str(error))

    async with trio.open_nursery() as nursery:
        for number in range(_MANY):
            nursery.start_soon(write, number)
    good = {f"many {number}" for number in range(_MANY) if number % 4}
    assert set(returned) == good and len(returned) == len(good), "writers at once did not each get their own result"
    assert len(failed) == _MANY - len(good), "writers at once did not each get their own error"
    for number in range(_MANY):
        there = await store.read(partial(_noted, f"many {number}"))
        assert there == bool(number % 4), "of units written at once, one that failed is there or one that did not is missing"


async def _check_cancelled(store: Store) -> None:
    returned = False
    with trio.CancelScope() as scope:
        scope.cancel()
        await store.write(partial(_note, "cancelled"))
        returned = True
    there = await store.read(partial(_noted, "cancelled"))
    assert there == returned, "a cancelled write was kept though it did not return, or returned though it was not kept"
