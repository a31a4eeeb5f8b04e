"""All settings, as one frozen tree."""

from base64 import b64encode
from collections.abc import Iterator

import attrs
from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import campaigns, connecting, hearing, kinds, services, speaking, telephony
from callengine.settings.about import about
from callengine.settings.admin import AdminSettings
from callengine.settings.audio import AudioSettings, MediaSettings, SftpSettings, TranscriptLogSettings
from callengine.settings.requests import RequestSettings


@frozen
class Settings:
    """All settings; the groups are the tables of callengine.toml."""

    company: str = field(
        default="", converter=kinds.text, metadata=about("Company whose scenarios and contacts are served", "COMPANY")
    )
    ari: telephony.AriSettings = field(factory=telephony.AriSettings)
    dialing: telephony.DialingSettings = field(factory=telephony.DialingSettings)
    limits: telephony.LimitSettings = field(factory=telephony.LimitSettings)
    lines: tuple[telephony.LineSettings, ...] = field(
        default=(), converter=telephony.line_tables, metadata=about("Lines with limits of their own, as tables [[lines]]")
    )
    calls: telephony.CallSettings = field(factory=telephony.CallSettings)
    operators: connecting.OperatorSettings = field(factory=connecting.OperatorSettings)
    inbound: connecting.InboundSettings = field(factory=connecting.InboundSettings)
    test_mode: telephony.TestModeSettings = field(factory=telephony.TestModeSettings)
    contacts: campaigns.ContactSettings = field(factory=campaigns.ContactSettings)
    pacing: campaigns.PacingSettings = field(factory=campaigns.PacingSettings)
    store: campaigns.StoreSettings = field(factory=campaigns.StoreSettings)
    scenarios: services.ScenarioSettings = field(factory=services.ScenarioSettings)
    panel: services.PanelSettings = field(factory=services.PanelSettings)
    http: services.HttpSettings = field(factory=services.HttpSettings)
    llm: services.LlmSettings = field(factory=services.LlmSettings)
    stt: hearing.SttSettings = field(factory=hearing.SttSettings)
    tts: speaking.TtsSettings = field(factory=speaking.TtsSettings)
    sms: speaking.SmsSettings = field(factory=speaking.SmsSettings)
    requests: RequestSettings = field(factory=RequestSettings)
    audio: AudioSettings = field(factory=AudioSettings)
    media: MediaSettings = field(factory=MediaSettings)
    sftp: SftpSettings = field(factory=SftpSettings)
    transcript_logs: TranscriptLogSettings = field(factory=TranscriptLogSettings)
    keep: services.KeepSettings = field(factory=services.KeepSettings)
    admin: AdminSettings = field(factory=AdminSettings)
    logs: services.LogSettings = field(factory=services.LogSettings)

    @property
    def pbx_configured(self) -> bool:
        """Whether there is a PBX to talk to; otherwise calls run on the simulated one."""
        return bool(self.ari.base_url)

    @property
    def panel_configured(self) -> bool:
        """Whether contacts come from a panel."""
        return bool(self.panel.base_url)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """All secrets that are set, for whoever must keep them out of logs: plain, and as a Basic header carries them."""
    return tuple(dict.fromkeys((*_secrets(settings), *_basic(settings.ari), *settings.requests.token_of.values())))


def _basic(ari: telephony.AriSettings) -> Iterator[str]:
    if ari.password:
        yield b64encode(f"{ari.username}:{ari.password.get_secret_value()}".encode()).decode("ascii")


def _secrets(group: object) -> Iterator[str]:
    if isinstance(group, Secret):
        if group:
            yield group.get_secret_value()
        return
    kind = type(group)
    if attrs.has(kind):
        for attribute in attrs.fields(kind):
            yield from _secrets(getattr(group, attribute.name))
