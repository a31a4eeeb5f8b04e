"""Whether the panel answers and knows us. No contact is fetched, nothing is told."""

from typing import Final

from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.doctor.reach import reach
from callengine.engine.panel_side import panel_of
from callengine.errors import PanelUnavailable
from callengine.panel import PanelClient

WHAT: Final = "panel"

_NOT_OURS: Final = (401, 403)
_UNPROVEN: Final = "Contacts were not asked for, because that would take them"


async def check_panel(patient: Patient, sheet: Sheet) -> None:
    """Ask for something that no panel has, with the token and without."""
    settings = patient.settings
    if not settings.panel_configured:
        sheet.skip(
            WHAT, "No panel is configured (PANEL_BASE_URL): contacts come from STATIC_CONTACTS, a file or an imported list"
        )
        return
    if not settings.panel.token:
        sheet.warn(WHAT, "PANEL_API_TOKEN is empty", "Set PANEL_API_TOKEN to the token that the panel gives to diallers")
    unreached = await reach(settings.panel.base_url, "PANEL_BASE_URL")
    if unreached is not None:
        sheet.fail(WHAT, unreached.sentence, unreached.remedy)
        return
    async with panel_of(settings) as panel:
        assert panel is not None
        try:
            await _check_token(panel, sheet)
        except PanelUnavailable as error:
            sheet.fail(WHAT, str(error), "See whether the panel is overloaded, and that PANEL_BASE_URL is its address")


async def _check_token(panel: PanelClient, sheet: Sheet) -> None:
    known = await panel.look(with_token=True)
    if known in _NOT_OURS:
        sheet.fail(
            WHAT, f"The panel refuses the token ({known})", "Set PANEL_API_TOKEN to the token that the panel gives to diallers"
        )
    elif known >= 500:
        sheet.fail(WHAT, f"The panel fails ({known})", "Have whoever runs the panel look at its log")
    elif 300 <= known < 400:
        sheet.fail(
            WHAT,
            f"The panel answers {known}, to be asked elsewhere, and redirects are not followed",
            "Set PANEL_BASE_URL to the address it redirects to, up to and without /api/dialer/",
        )
    elif await panel.look(with_token=False) in _NOT_OURS:
        sheet.ok(WHAT, f"The panel answers, and takes the token. {_UNPROVEN}")
    else:
        sheet.ok(WHAT, f"The panel answers ({known}). {_UNPROVEN}, so whether it takes the token is not known")
