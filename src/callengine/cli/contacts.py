"""`callengine contacts`: the people to call, in the store."""

from pathlib import Path
from typing import Annotated, Literal

import trio
from cyclopts import App, Parameter

from callengine.cli.bar import bar_over
from callengine.cli.exporting import export_to
from callengine.cli.opened import with_store
from callengine.cli.refusals import lines_of, refusals
from callengine.cli.tables import show
from callengine.dialer import Intake
from callengine.dialer.importing import import_contacts
from callengine.engine.wiring import numbering_of
from callengine.errors import ConfigError
from callengine.model import ContactState, Digits, Listed, Store, SystemAmbient
from callengine.settings import Settings

app = App(name="contacts", help="The people to call.")

State = Literal["pending", "dialling", "done"]


@app.command(name="import")
async def import_(
    file: Path,
    /,
    *,
    campaign: str | None = None,
    priority: int = 0,
    refused: Path | None = None,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Put the contacts of a CSV file on the list. Beside a running engine, they are called as soon as it is their turn.

    The exit code is 0 if every row could be used, 1 if some were refused or the store failed, 2 if a setting or a file is
    wrong. Interrupted, it may be done again: nobody is put on the list of a campaign twice.

    Parameters
    ----------
    file
        UTF-8, with a column `phone_number`; `priority`, `not_before` and `scenario` have a meaning, all others are fields.
    campaign
        That the contacts belong to, in place of CAMPAIGN.
    priority
        Of contacts that have none in the file; a larger one is called first.
    refused
        A CSV file to write the refused rows to, with line and reason.
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """

    async def work(settings: Settings, book: Store) -> int:
        ambient = SystemAmbient()
        intake = Intake(ambient, numbering_of(settings), campaign or settings.contacts.campaign, priority, settings.limits.zone)
        lines = await trio.to_thread.run_sync(lines_of, file)
        with refusals(file, refused) as refuse, bar_over(lines, "lines") as bar:
            done = await import_contacts(file, book, intake, refuse, bar.advance)
        print(f"{file}: {done.accepted:,} accepted, {done.repeated:,} repeated, {done.refused:,} refused.")
        return int(done.refused > 0)

    return await with_store(config, store, work)


@app.command
async def export(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)] = Path("-"),
    /,
    *,
    campaign: str | None = None,
    state: State | None = None,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Write contacts as CSV. A cell that a spreadsheet would take for a formula has a quote in front; `import` leaves it out.

    Parameters
    ----------
    file
        Where to write; - for standard output.
    campaign
        Only those of one campaign.
    state
        Only those in one state.
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    chosen = None if state is None else ContactState(state)
    return await with_store(config, store, lambda _, book: export_to(file, book, campaign, chosen))


@app.command(name="list")
async def list_(
    *,
    campaign: str | None = None,
    state: State | None = None,
    number: str | None = None,
    limit: int = 100,
    store: str | None = None,
    config: Path | None = None,
) -> int:
    """Show contacts, in the order in which they were put on the list.

    Parameters
    ----------
    campaign
        Only those of one campaign.
    state
        Only those in one state.
    number
        Only those with this number, in any spelling.
    limit
        How many at most.
    store
        The address of the store, in place of STORE_URL.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    chosen = None if state is None else ContactState(state)

    async def work(settings: Settings, book: Store) -> int:
        if number is None:
            page = await book.read(lambda seen: seen.contacts.page(campaign=campaign, state=chosen, limit=max(limit, 0)))
        else:
            known = _known(settings, number)
            page = await book.read(lambda seen: seen.contacts.find(known))
        fitting = [each for each in page if campaign in (None, each.contact.campaign) and chosen in (None, each.state)]
        show(("number", "campaign", "state", "due", "tried", "result", "scenario"), map(_row, fitting[: max(limit, 0)]))
        return 0

    return await with_store(config, store, work)


def _known(settings: Settings, number: str) -> Digits:
    try:
        return numbering_of(settings).known(number)
    except ValueError as error:
        raise ConfigError(f"--number: {error}") from error


def _row(listed: Listed) -> tuple[str, ...]:
    contact, due = listed.contact, listed.due_at.astimezone()
    shown = "" if listed.state is not ContactState.PENDING or due.timestamp() == 0 else f"{due:%F %H:%M}"
    return (
        contact.number,
        contact.campaign,
        listed.state.value,
        shown,
        str(contact.tried),
        listed.result or "",
        contact.scenario,
    )
