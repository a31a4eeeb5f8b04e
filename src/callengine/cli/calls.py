"""`callengine calls`: what became of calls, moment by moment. It works beside a running engine."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from callengine.calls import replay as replayed
from callengine.cli.opened import opened
from callengine.cli.printable import printable
from callengine.cli.record import Written, shown, written
from callengine.cli.verdict import told
from callengine.errors import CallEngineError, ConfigError, StoreError
from callengine.fsm import Chart, compile_flow, load
from callengine.model import Attempt, Book, Received, digits_of

Flag = Annotated[bool, Parameter(negative=())]

app = App(name="calls", help="Calls that were made or came in.", result_action="return_value")

_PAGE = 500


@app.command(name="list")
async def list_(
    *,
    number: str = "",
    line: str = "",
    result: str = "",
    limit: int = 50,
    inbound: Flag = False,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Show the latest calls, the newest first: when, id, number, line, scenario, result.

    Parameters
    ----------
    number
        Only calls with this number, written with the prefix of its country.
    line
        Only calls on this line.
    result
        Only calls that ended so, such as `busy`.
    limit
        So many at most.
    inbound
        Those that came in, instead of those that were made.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        wanted = _digits(number)

        def fits(call: Attempt | Received) -> bool:
            ended = "" if call.outcome is None else call.outcome.result
            return line in ("", call.line) and result in ("", ended) and (not number or _number(call).endswith(wanted))

        async with opened(config, store) as (_, there):
            for call in await there.read(partial(_latest, fits, limit, inbound=inbound)):
                print(_row(call))
    return verdict.code


@app.command
async def show(call: str, *, store: str | None = None, config: Path | None = None) -> int:
    """Show one call: what is known of it, and its timeline.

    Parameters
    ----------
    call
        The id of the call or of the attempt, or the beginning of one.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (_, there):
            record = await there.read(partial(_written, call))
        for text in shown(record):
            print(text)
    return verdict.code


@app.command
async def replay(call: str, *, store: str | None = None, config: Path | None = None) -> int:
    """Walk a call through its flow again, and say whether both agree. The exit code is 1 if they do not.

    Parameters
    ----------
    call
        The id of the call or of the attempt, or the beginning of one.
    store
        The store's address, instead of the configured one.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        async with opened(config, store) as (_, there):
            record = await there.read(partial(_written, call))
        if record.timeline is None:
            raise StoreError("no timeline of this call was kept")
        cut = record.timeline.cut
        came_of_it = replayed(
            _chart(record), record.timeline.moments, record.call.outcome, inbound=record.inbound, whole=not cut
        )
        if came_of_it.parts:
            print(f"parts after {came_of_it.steps} steps: {printable(came_of_it.parts)}")
            verdict.code = 1
        else:
            print(f"agrees: {came_of_it.steps} steps" + (f"; {cut} moments were not kept" if cut else ""))
    return verdict.code


def _chart(record: Written) -> Chart:
    """Compiled from what was kept.

    Raises:
        StoreError: nothing was, or what is compiled from it is another chart.
    """
    if record.source is None:
        raise StoreError("the flow of this call was not kept")
    content, path, name = record.source
    scenario = load(content, path).scenario
    flow = next((each for each in scenario.flows if each.name == name), None) if scenario is not None else None
    if scenario is None or flow is None:
        raise StoreError(f"the flow that was kept of {printable(path)} cannot be read by this version")
    try:
        chart = compile_flow(scenario, flow)
    except CallEngineError as error:
        raise StoreError(f"the flow that was kept cannot be compiled by this version: {error}") from error
    if chart.id != record.call.chart:
        raise StoreError(f"the flow that was kept of {printable(path)} is not the one of this call by this version's reckoning")
    return chart


def _written(name: str, book: Book) -> Written:
    return written(book, name)


def _digits(number: str) -> str:
    try:
        return digits_of(number) if number else ""
    except ValueError as error:
        raise ConfigError(f"--number: {error}") from None


def _number(call: Attempt | Received) -> str:
    return call.contact.number if isinstance(call, Attempt) else call.caller.removeprefix("+")


def _latest(fits: Callable[[Attempt | Received], bool], limit: int, book: Book, *, inbound: bool) -> list[Attempt | Received]:
    found: list[Attempt | Received] = []
    for call in _received(book) if inbound else _attempts(book):
        if len(found) >= limit:
            break
        if fits(call):
            found.append(call)
    return found


def _attempts(book: Book) -> Iterator[Attempt]:
    before: int | None = None
    while page := book.attempts.page(before=before, limit=_PAGE):
        yield from (attempt for _, attempt in page)
        before = page[-1][0]


def _received(book: Book) -> Iterator[Received]:
    before: int | None = None
    while page := book.calls.page(before=before, limit=_PAGE):
        yield from (received for _, received in page)
        before = page[-1][0]


def _row(call: Attempt | Received) -> str:
    at = call.intended_at if isinstance(call, Attempt) else call.arrived_at
    state = call.state.value if isinstance(call, Attempt) else "under way"
    ended = state if call.outcome is None else call.outcome.result
    test = ("test mode",) if isinstance(call, Attempt) and call.rehearsal else ()
    columns = (f"{at.astimezone():%Y-%m-%d %H:%M:%S}", call.call, _number(call), call.line or "", call.scenario, ended, *test)
    return printable("\0".join(columns)).replace("\\x00", "\t")
