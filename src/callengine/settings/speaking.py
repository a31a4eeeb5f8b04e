"""Settings of text to speech and of short messages."""

from urllib.parse import urlsplit

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import choices, kinds
from callengine.settings.about import NOT_SET, about

_OPENAI = "api.openai.com"


@frozen
class TtsSettings:
    """Text to speech; its speech goes to AST_SOUND_DIR."""

    provider: choices.TtsProvider = field(
        default="auto",
        converter=choices.tts_provider,
        metadata=about(
            "none; local: espeak-ng on this machine; vira; cartesia; openai: any service that speaks OpenAI's audio/speech; or"
            " auto: vira or cartesia, whichever has a token",
            "TTS_PROVIDER",
        ),
    )
    language: str = field(
        default="en",
        converter=kinds.language,
        metadata=about("Code of the language that is spoken, such as en or fa", "TTS_LANGUAGE"),
    )
    voice: str = field(
        default="",
        converter=kinds.text,
        metadata=about("The provider's name or id of who speaks. Empty: its usual one; cartesia needs an id", "TTS_VOICE"),
    )
    speed: float = field(
        default=1.0,
        converter=kinds.speed,
        metadata=about("How fast is spoken, 0.6 to 1.5 times the usual", "TTS_SPEED"),
    )
    model: str = field(
        default="",
        converter=kinds.text,
        metadata=about("Name of the model. Empty: sonic-3 for cartesia, gpt-4o-mini-tts for openai", "TTS_MODEL"),
    )
    vira_token: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Gateway token of Vira's text to speech", "VIRA_TTS_TOKEN"),
    )
    vira_url: str = field(
        default="https://partai.gw.isahab.ir/avasho/v2/avasho/request",
        converter=kinds.http_url,
        metadata=about("Address of Vira's text to speech", "VIRA_TTS_URL"),
    )
    cartesia_api_key: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Key for Cartesia's text to speech", "CARTESIA_API_KEY"),
    )
    base_url: str = field(
        default=f"https://{_OPENAI}/v1",
        converter=kinds.http_url,
        metadata=about("Address for openai, up to and without /audio/speech", "TTS_BASE_URL"),
    )
    api_key: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Key for TTS_BASE_URL. Empty: OPENAI_API_KEY at OpenAI itself, elsewhere none", "TTS_API_KEY"),
    )
    format: choices.SpeechFormat = field(
        default="wav",
        converter=choices.speech_format,
        metadata=about("What openai is asked to send: wav, or mp3 where a server knows no wav (needs ffmpeg)", "TTS_FORMAT"),
    )
    timeout: float = field(
        default=30.0, converter=kinds.seconds, metadata=about("Seconds to wait for synthesised speech", "TTS_TIMEOUT")
    )
    max_parallel: int = field(default=10, converter=kinds.at_least_one, metadata=about("Syntheses at once", "MAX_PARALLEL_TTS"))

    @property
    def chosen(self) -> choices.TtsProvider:
        """Who speaks: `provider`, or for `auto` the first who can; never `auto`."""
        if self.provider != "auto":
            return self.provider
        if self.vira_token:
            return "vira"
        return "cartesia" if self.cartesia_api_key and self.voice else "none"

    @property
    def at_openai(self) -> bool:
        """Whether the base address is OpenAI's own."""
        return urlsplit(self.base_url).hostname == _OPENAI


@frozen
class SmsSettings:
    """Short messages: alerts, and those of scenarios."""

    provider: choices.SmsProvider = field(
        default="auto",
        converter=choices.sms_provider,
        metadata=about(
            "melipayamak; webhook: a web service of one's own; or auto: melipayamak with SMS_API_KEY and SMS_FROM, else webhook"
            " with SMS_WEBHOOK_URL",
            "SMS_PROVIDER",
        ),
    )
    api_key: Secret[str] = field(default=NOT_SET, converter=kinds.secret, metadata=about("Key of MeliPayamak", "SMS_API_KEY"))
    sender: str = field(default="", converter=kinds.text, metadata=about("Number the messages come from", "SMS_FROM"))
    webhook_url: str = field(
        default="",
        converter=kinds.http_url,
        metadata=about("Address that messages are posted to, as JSON with to, from and text", "SMS_WEBHOOK_URL"),
    )
    webhook_token: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Bearer token for SMS_WEBHOOK_URL", "SMS_WEBHOOK_TOKEN"),
    )
    admins: tuple[str, ...] = field(
        default=(),
        converter=kinds.words,
        metadata=about("Numbers that are told when dialling pauses", "SMS_ADMINS"),
    )

    @property
    def chosen(self) -> choices.SmsProvider | None:
        """Who sends: `provider`, or for `auto` the first who can; never `auto`, and None where nobody can."""
        if self.provider != "auto":
            return self.provider
        if self.api_key and self.sender:
            return "melipayamak"
        return "webhook" if self.webhook_url else None
