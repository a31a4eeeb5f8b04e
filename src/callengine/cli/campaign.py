"""`callengine campaign`: pause, resume, and how things stand. It works beside a running engine, which looks once a second."""

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from callengine.cli.opened import with_store
from callengine.lines import day_began
from callengine.model import AbandonRate, Book, Pause, Store, SystemAmbient
from callengine.settings import Settings
from callengine.store import DurableStore

app = App(name="campaign", help="Pause and resume dialling, and see how the campaign stands.", result_action="return_value")


@app.command
async def pause(*, reason: str = "", store: str | None = None, config: Path | None = None) -> int:
    """Place no new calls from now on. Calls in progress go on, and who calls us is served.

    Parameters
    ----------
    reason
        Why, for whoever asks for the status.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(_: Settings, there: Store) -> int:
        ambient = SystemAmbient()
        begun = Pause(ambient.new_id(), "operator", reason or "on purpose", ambient.wall())
        new = await there.write(lambda book: book.pauses.begin(begun))
        print("paused: no new calls" if new else "paused already")
        return 0

    return await with_store(config, store, work)


@app.command
async def resume(*, store: str | None = None, config: Path | None = None) -> int:
    """Place calls again, whatever the dialler was paused for.

    Parameters
    ----------
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(_: Settings, there: Store) -> int:
        now = SystemAmbient().wall()
        ended = await there.write(lambda book: book.pauses.end(now, "callengine campaign resume"))
        print("resumed" if ended else "nothing was paused")
        return 0

    return await with_store(config, store, work)


@app.command
async def status(
    *,
    campaign: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Show how a campaign stands.

    Whether an engine runs, its contacts, the calls of today, why it is paused, what waits for the panel, how many calls were
    abandoned.

    Parameters
    ----------
    campaign
        Instead of the configured one.
    as_json
        For machines.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(settings: Settings, there: DurableStore) -> int:
        name, now = campaign or settings.contacts.campaign, SystemAmbient().wall()
        served = await there.is_served()
        standing = await there.read(lambda book: _standing(book, name, now, settings, served=served))
        if as_json:
            print(json.dumps(attrs.asdict(standing), indent=2))
        else:
            _show(standing)
        return 0

    return await with_store(config, store, work)


@frozen
class Standing:
    """How a campaign stands.

    Attributes:
        engine_runs: an engine has the store open.
        contacts: by state.
        attempts_today: calls placed to contacts since the day began, in LINES_ZONE or this machine's.
        open_attempts: calls under way; where no engine runs, those that one was killed in.
        pauses: why no calls are placed now, each with its kind and since when.
        last_pause: the latest that is over, and by whose word; empty if there was none.
        outbox: results that wait for the panel, and what the last try came to.
        refused_answers: of the panel, kept for inspection; with the latest reason.
        abandoned_24h, abandoned_30d: shares of live answers.
        test_mode: every call goes to one number.
    """

    campaign: str
    engine_runs: bool
    contacts: Mapping[str, int]
    attempts_today: int
    open_attempts: int
    pauses: tuple[str, ...]
    last_pause: str
    outbox: int
    outbox_error: str
    refused_answers: int
    refused_latest: str
    abandoned_24h: float
    abandoned_30d: float
    answers_30d: int
    do_not_dial: int
    test_mode: bool


def _standing(book: Book, campaign: str, now: datetime, settings: Settings, *, served: bool) -> Standing:
    over = [(each, ended, by) for each, ended, by in book.pauses.history() if ended is not None]
    refused = book.inspection.latest(100)
    day, month = (book.ledger.rate(campaign, now - timedelta(days=days)) for days in (1, 30))
    return Standing(
        campaign=campaign,
        engine_runs=served,
        contacts={state.value: count for state, count in book.contacts.counts(campaign).items()},
        attempts_today=book.attempts.placed_since(_midnight(now, settings), campaign),
        open_attempts=len(book.attempts.unfinished()),
        pauses=tuple(f"{each.kind}: {each.reason} (since {_at(each.since)})" for each in book.pauses.in_force()),
        last_pause=f"{over[0][0].kind}: {over[0][0].reason}, ended {_at(over[0][1])} by {over[0][2]}" if over else "",
        outbox=book.outbox.waiting(),
        outbox_error=book.outbox.last_error(),
        refused_answers=len(refused),
        refused_latest=refused[0].reason if refused else "",
        abandoned_24h=_ratio(day),
        abandoned_30d=_ratio(month),
        answers_30d=month.answers,
        do_not_dial=book.do_not_dial.count(),
        test_mode=settings.test_mode.on,
    )


def _midnight(now: datetime, settings: Settings) -> datetime:
    """When the day began that it is, where a line's day ends."""
    if settings.limits.zone:
        return day_began(now, ZoneInfo(settings.limits.zone))
    return datetime.combine(now.astimezone().date(), time.min).astimezone()


def _at(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _ratio(rate: AbandonRate) -> float:
    return round(rate.ratio, 5)


def _show(standing: Standing) -> None:
    table = Table("campaign", standing.campaign, header_style="bold")
    if standing.test_mode:
        table.add_row("test mode", "every call goes to APP_TEST_MODE_REDIRECT_NUMBER")
    table.add_row("engine", "runs" if standing.engine_runs else "none runs on this store")
    for state in ("pending", "dialling", "done"):
        table.add_row(f"contacts {state}", str(standing.contacts.get(state, 0)))
    table.add_row("calls placed today", str(standing.attempts_today))
    table.add_row("calls under way", str(standing.open_attempts))
    table.add_row("paused", "\n".join(standing.pauses) or "no")
    if standing.last_pause:
        table.add_row("last pause", standing.last_pause)
    table.add_row("results waiting for the panel", str(standing.outbox))
    if standing.outbox_error:
        table.add_row("last try", standing.outbox_error)
    if standing.refused_answers:
        table.add_row("panel answers refused", f"{standing.refused_answers}, the latest: {standing.refused_latest}")
    table.add_row("abandoned, 24 h", f"{standing.abandoned_24h:.2%}")
    table.add_row("abandoned, 30 days", f"{standing.abandoned_30d:.2%} of {standing.answers_30d} answers")
    table.add_row("do not dial", str(standing.do_not_dial))
    Console().print(table)
