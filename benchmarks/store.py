"""What it costs to write things down: commits of one writer alone, of many at once, and the two of each call."""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import trio

from benchmarks.figures import MILLI, Figure
from callengine.errors import CallEngineError
from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    Book,
    CallId,
    CallResult,
    Cause,
    ChannelId,
    ChartId,
    Contact,
    ContactId,
    Digits,
    LineId,
    Result,
    SystemAmbient,
)
from callengine.store import DurableStore, open_store
from tests.e2e.packages import CannotFetch
from tests.store.postgres import running_server

ALONE = 200
WRITERS = 100
EACH = 20
OUTCOME = CallResult(Result("hangup"), Cause.CUSTOMER_GONE, answered=True, seconds=12.0)


def measure() -> Iterable[Figure]:
    for database, opened in (("SQLite", _file), ("PostgreSQL", _server)):
        try:
            with opened() as url:
                yield from trio.run(_measure, database, url)
        except (CannotFetch, CallEngineError) as error:
            yield Figure(f"{database}: not here ({error})", 0, "")


@contextmanager
def _file() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'store.db'}"


@contextmanager
def _server() -> Iterator[str]:
    with running_server(fsync="on", full_page_writes="on") as server:
        yield server.fresh()


async def _measure(database: str, url: str) -> list[Figure]:
    ambient = SystemAmbient()
    async with open_store(url, ambient, exclusive=True) as store:
        numbers = count()

        async def note() -> None:
            await store.write(partial(_note, f"{next(numbers)}"))

        async def call() -> None:
            await _call(store, ambient, next(numbers))

        alone = await _seconds(note, 1, ALONE)
        together = await _seconds(note, WRITERS, EACH)
        calls = await _seconds(call, 1, ALONE)
        calls_together = await _seconds(call, WRITERS, EACH)
    return [
        Figure(f"{database}: commits of one writer", 1 / alone, "a second"),
        Figure(f"{database}: units of {WRITERS} writers", 1 / together, "a second"),
        Figure(f"{database}: intend and settle a call, alone", calls * MILLI, "ms"),
        Figure(f"{database}: intend and settle a call, {WRITERS} at once", calls_together * MILLI, "ms a call"),
    ]


async def _seconds(work: Callable[[], Awaitable[None]], writers: int, times: int) -> float:
    """Seconds for each piece of work, by the clock: what a commit costs is mostly waiting for the disk."""

    async def writer() -> None:
        for _ in range(times):
            await work()

    began = time.perf_counter()
    async with trio.open_nursery() as nursery:
        for _ in range(writers):
            nursery.start_soon(writer)
    return (time.perf_counter() - began) / (writers * times)


def _note(name: str, book: Book) -> None:
    book.notebook.write(name, name)


async def _call(store: DurableStore, ambient: SystemAmbient, number: int) -> None:
    attempt = Attempt(
        id=AttemptId(ambient.new_id()),
        contact=Contact(ContactId(ambient.new_id()), Digits(f"98{number:09}"), f"0{number:09}", campaign="main"),
        call=CallId(ambient.new_id()),
        line=LineId("1001"),
        scenario="sales",
        chart=ChartId("chart"),
        intended_at=ambient.wall(),
        channel=ChannelId(ambient.new_id()),
    )
    await store.write(lambda book: book.intend(attempt))
    settled = attrs.evolve(attempt, state=AttemptState.SETTLED, outcome=OUTCOME, placed_at=ambient.wall())
    await store.write(lambda book: book.update(settled))
