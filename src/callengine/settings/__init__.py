"""Settings: the only reader of the environment.

`load_settings` gives one frozen tree, `Settings`. Each field carries its environment name and its meaning; `.env.example`
and `docs/settings.md` are written from them (`python -m callengine.settings.reference`).
"""

from typed_settings.types import Secret

from callengine.settings.kinds import LogLevel
from callengine.settings.lines import line_specs
from callengine.settings.load import load_settings
from callengine.settings.notes import notes_on
from callengine.settings.services import (
    AudioSettings,
    ContactSettings,
    HttpSettings,
    KeepSettings,
    LlmSettings,
    LogSettings,
    PanelSettings,
    ScenarioSettings,
    SmsSettings,
    SttSettings,
    TtsSettings,
)
from callengine.settings.telephony import (
    AriSettings,
    CallSettings,
    DialingSettings,
    LimitSettings,
    LineSettings,
    OperatorSettings,
    TestModeSettings,
)
from callengine.settings.tree import Settings, secrets_of

__all__ = [
    "AriSettings",
    "AudioSettings",
    "CallSettings",
    "ContactSettings",
    "DialingSettings",
    "HttpSettings",
    "KeepSettings",
    "LimitSettings",
    "LineSettings",
    "LlmSettings",
    "LogLevel",
    "LogSettings",
    "OperatorSettings",
    "PanelSettings",
    "ScenarioSettings",
    "Secret",
    "Settings",
    "SmsSettings",
    "SttSettings",
    "TestModeSettings",
    "TtsSettings",
    "line_specs",
    "load_settings",
    "notes_on",
    "secrets_of",
]
