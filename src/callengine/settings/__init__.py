"""Settings: the only reader of the environment.

`load_settings` gives one frozen tree, `Settings`. Each field carries its environment name and its meaning; `.env.example`
and `docs/settings.md` are written from them (`python -m callengine.settings.reference`).
"""

from typed_settings.types import Secret

from callengine.settings.admin import AdminSettings
from callengine.settings.audio import AudioSettings, MediaSettings, SftpSettings, TranscriptLogSettings
from callengine.settings.campaigns import ContactSettings, PacingSettings, StoreSettings
from callengine.settings.choices import LogLevel
from callengine.settings.connecting import InboundSettings, OperatorSettings
from callengine.settings.hearing import SttSettings
from callengine.settings.lines import line_spec, line_specs
from callengine.settings.load import load_settings
from callengine.settings.notes import notes_on
from callengine.settings.operators import endpoint_of, fallback, over_trunk
from callengine.settings.requests import RequestSettings
from callengine.settings.rosters import RosterEntry, operator_target
from callengine.settings.services import (
    HttpSettings,
    KeepSettings,
    LlmSettings,
    LogSettings,
    PanelSettings,
    ScenarioSettings,
)
from callengine.settings.speaking import SmsSettings, TtsSettings
from callengine.settings.telephony import (
    AriSettings,
    CallSettings,
    DialingSettings,
    LimitSettings,
    LineSettings,
    TestModeSettings,
)
from callengine.settings.tree import Settings, secrets_of

__all__ = [
    "AdminSettings",
    "AriSettings",
    "AudioSettings",
    "CallSettings",
    "ContactSettings",
    "DialingSettings",
    "HttpSettings",
    "InboundSettings",
    "KeepSettings",
    "LimitSettings",
    "LineSettings",
    "LlmSettings",
    "LogLevel",
    "LogSettings",
    "MediaSettings",
    "OperatorSettings",
    "PacingSettings",
    "PanelSettings",
    "RequestSettings",
    "RosterEntry",
    "ScenarioSettings",
    "Secret",
    "Settings",
    "SftpSettings",
    "SmsSettings",
    "StoreSettings",
    "SttSettings",
    "TestModeSettings",
    "TranscriptLogSettings",
    "TtsSettings",
    "endpoint_of",
    "fallback",
    "line_spec",
    "line_specs",
    "load_settings",
    "notes_on",
    "operator_target",
    "over_trunk",
    "secrets_of",
]
