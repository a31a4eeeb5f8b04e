"""A program that writes units to a store until it kills itself: `python doomed.py URL`.

It reads lines `POINT NUMBER NAME` and forks for each a process that dies at the so-manieth passing of that point. That process
prints the names of the units whose `write` has returned, and after it has died the line `.`.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import trio
from attrs import define
from sqlalchemy import Connection, Engine, event

from callengine.model import Book, SystemAmbient
from callengine.store import open_store

T = TypeVar("T")
WRITERS = 3
ROUNDS = 4


@define(eq=False)
class Death:
    """Counts the passings of a point, and kills the process at the last one."""

    point: str
    left: int

    def passes(self, point: str) -> None:
        if point == self.point:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    async def __call__(self, work: Callable[[], T]) -> T:
        self.passes("before the transaction")
        result = await trio.to_thread.run_sync(work)
        self.passes("after the commit")
        return result


async def live(url: str, death: Death, name: str) -> None:
    async with open_store(url, SystemAmbient(), exclusive=True, executor=death) as store:
        event.listen(Engine, "commit", lambda connection: _at_commit(connection, death))

        async def write(writer: int) -> None:
            for number in range(ROUNDS):
                await store.write(partial(_unit, f"{name}-{writer}-{number}", death))
                os.write(1, f"{name}-{writer}-{number}\n".encode())

        async with trio.open_nursery() as nursery:
            for writer in range(WRITERS):
                nursery.start_soon(write, writer)


def _at_commit(connection: Connection, death: Death) -> None:
    death.passes("before the commit")


def _unit(name: str, death: Death, book: Book) -> None:
    book.notebook.write(f"{name} first", "half")
    death.passes("in a unit")
    book.notebook.write(f"{name} second", "half")


def main() -> None:
    for line in sys.stdin:
        point, number, name = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            trio.run(live, sys.argv[1], Death(point, int(number)), name)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        os.write(1, b"killed\n" if os.WIFSIGNALED(status) else b"lived\n")


if __name__ == "__main__":
    main()
