"""The panel that gives contacts and takes results: its API as one company sees it."""

from callengine.panel.client import REPORT_RESULT, PanelClient, PanelConfig, open_panel
from callengine.panel.registering import Registrar, Teller
from callengine.panel.report import (
    DUPLICATE_NUMBER,
    ID_REUSED,
    INVALID_NUMBER,
    UNCONFIRMED,
    Known,
    Reporter,
    pausing,
    status_of,
    subject_of,
)
from callengine.panel.shapes import (
    Announcement,
    Batch,
    Metadata,
    PanelAgent,
    PanelLine,
    PanelNumber,
    PanelScenario,
    announcement_of,
)

__all__ = [
    "DUPLICATE_NUMBER",
    "ID_REUSED",
    "INVALID_NUMBER",
    "REPORT_RESULT",
    "UNCONFIRMED",
    "Announcement",
    "Batch",
    "Known",
    "Metadata",
    "PanelAgent",
    "PanelClient",
    "PanelConfig",
    "PanelLine",
    "PanelNumber",
    "PanelScenario",
    "Registrar",
    "Reporter",
    "Teller",
    "announcement_of",
    "open_panel",
    "pausing",
    "status_of",
    "subject_of",
]
