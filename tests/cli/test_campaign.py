"""`callengine campaign status`, on a file and on PostgreSQL, beside an engine and without one."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import attrs
import pytest
import trio

from callengine.cli.campaign import pause, status
from callengine.errors import ConfigError
from callengine.model import Attempt, AttemptState, Book, SystemAmbient
from callengine.store import open_store
from tests.store.given import attempt_for, ended, person

AMBIENT = SystemAmbient()


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINES_ZONE", "UTC")


def placed(name: str, number: int, at: datetime, campaign: str = "main") -> Attempt:
    contact = attrs.evolve(person(name, number), campaign=campaign)
    return attrs.evolve(attempt_for(contact, f"of {name}"), intended_at=at, placed_at=at)


def call(book: Book, attempt: Attempt, state: AttemptState) -> None:
    book.intend(attrs.evolve(attempt, placed_at=None))
    book.update(ended(attempt, state=state))


async def standing(url: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert await status(as_json=True, store=url) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


async def test_whether_an_engine_runs_is_seen_without_disturbing_it(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (await standing(url, capsys))["engine_runs"] is False
    async with open_store(url, AMBIENT, exclusive=True) as store:
        assert (await standing(url, capsys))["engine_runs"] is True
        await store.write(lambda book: book.notebook.write("still", "written"))
        with pytest.raises(ConfigError, match="another engine runs"):
            async with open_store(url, AMBIENT, exclusive=True):
                pass
    assert (await standing(url, capsys))["engine_runs"] is False


async def test_an_engine_starts_though_its_lock_is_looked_at_all_the_time(url: str) -> None:
    async with open_store(url, AMBIENT) as beside, trio.open_nursery() as nursery:

        @nursery.start_soon
        async def look() -> None:
            while True:
                await beside.is_served()

        for _ in range(20):
            async with open_store(url, AMBIENT, exclusive=True):
                assert await beside.is_served()
        nursery.cancel_scope.cancel()


async def test_calls_of_today_are_counted_with_those_that_are_being_placed(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    midnight = datetime.combine(AMBIENT.wall().astimezone(UTC).date(), time.min, UTC)
    async with open_store(url, AMBIENT) as store:

        def unit(book: Book) -> None:
            call(book, placed("today", 1, midnight), AttemptState.SETTLED)
            call(book, placed("yesterday", 2, midnight - timedelta(seconds=1)), AttemptState.SETTLED)
            call(book, placed("elsewhere", 3, midnight, "other"), AttemptState.SETTLED)
            call(book, placed("withdrawn", 4, midnight), AttemptState.NEVER_PLACED)
            book.intend(attrs.evolve(placed("now", 5, midnight), placed_at=None))

        await store.write(unit)
    told = await standing(url, capsys)
    assert (told["attempts_today"], told["open_attempts"]) == (2, 1)
    assert await status(store=url, campaign="other") == 0
    shown = capsys.readouterr().out
    assert "none runs on this store" in shown
    assert "calls placed today" in shown


async def test_a_pause_is_shown_with_its_reason(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await pause(reason="lunch", store=url) == 0
    capsys.readouterr()
    assert "operator: lunch (since " in str((await standing(url, capsys))["pauses"])
