"""All checks, at the same time and within bounds."""

from collections.abc import Awaitable, Callable
from functools import partial

import trio
from attrs import frozen

from callengine.doctor.disk import check_folders, check_store
from callengine.doctor.endpoints import check_lines
from callengine.doctor.finding import Finding, Sheet
from callengine.doctor.listening import check_ears
from callengine.doctor.machines import check_machines
from callengine.doctor.messages import check_messages
from callengine.doctor.panel import check_panel
from callengine.doctor.patient import Patient
from callengine.doctor.pbx import check_pbx
from callengine.doctor.programs import check_ffmpeg
from callengine.doctor.requests import check_requests
from callengine.doctor.scenarios import WHAT as SCENARIOS
from callengine.doctor.scenarios import look_at_scenarios
from callengine.doctor.sounds import check_delivery
from callengine.doctor.speaking import check_speech
from callengine.doctor.thinking import check_model
from callengine.errors import CallEngineError, ConfigError
from callengine.settings import Settings


@frozen
class Check:
    """One of the things that are tried.

    Attributes:
        what: it is about, in case it does not come to an end.
    """

    what: str
    run: Callable[[Patient, Sheet], Awaitable[None]]


CHECKS = (
    Check("store", check_store),
    Check("folders", check_folders),
    Check("lines", check_lines),
    Check("sounds", check_delivery),
    Check("PBX", check_pbx),
    Check("ffmpeg", check_ffmpeg),
    Check("speech to text", check_ears),
    Check("language model", check_model),
    Check("text to speech", check_speech),
    Check("answering machines", check_machines),
    Check("panel", check_panel),
    Check("short messages", check_messages),
    Check("web services", check_requests),
)


async def examine(
    settings: Settings,
    store: str,
    tell: Callable[[Finding], None],
    *,
    simulated: bool = False,
    clean: Callable[[str], str] = str,
    within: float = 60.0,
) -> None:
    """Look at the scenarios, then run every check, all at once, and tell what they find in their order.

    Args:
        store: the address of the store that a run would use.
        tell: is told each finding as soon as the checks before it are done.
        simulated: whether calls would run on the simulated PBX.
        clean: takes secrets out of a text.
        within: seconds for all of it; a check that takes longer has failed.
    """
    deadline = trio.current_time() + within
    first = Sheet(clean)
    look = partial(look_at_scenarios, settings, first, simulated=simulated)
    with trio.move_on_at(deadline) as patience:
        scenarios = await trio.to_thread.run_sync(look, abandon_on_cancel=True)
    if patience.cancelled_caught:
        first, scenarios = Sheet(clean), ()
        _late(SCENARIOS, first, within)
    patient = Patient(settings, store, scenarios, simulated)
    for finding in first.findings:
        tell(finding)
    sheets = [(Sheet(clean), trio.Event()) for _ in CHECKS]
    async with trio.open_nursery() as nursery:
        for check, (sheet, done) in zip(CHECKS, sheets, strict=True):
            nursery.start_soon(_carry_out, check, patient, sheet, done, deadline, within)
        for sheet, done in sheets:
            await done.wait()
            for finding in sheet.findings:
                tell(finding)


async def _carry_out(check: Check, patient: Patient, sheet: Sheet, done: trio.Event, deadline: float, within: float) -> None:
    with trio.move_on_at(deadline) as patience:
        try:
            await check.run(patient, sheet)
        except ConfigError as error:
            sheet.fail(check.what, str(error), "Correct that setting; docs/settings.md says what each takes")
        except CallEngineError as error:
            sheet.fail(check.what, str(error), "Try again, and if it stays so, look at the log of the engine")
    if patience.cancelled_caught:
        _late(check.what, sheet, within)
    done.set()


def _late(what: str, sheet: Sheet, within: float) -> None:
    sheet.fail(what, f"It did not answer within {within:g} s", "See whether it is overloaded, or give --within more seconds")
