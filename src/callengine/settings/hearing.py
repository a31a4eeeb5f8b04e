"""Settings of speech to text."""

from urllib.parse import urlsplit

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import choices, kinds
from callengine.settings.about import NOT_SET, about


@frozen
class SttSettings:
    """Speech to text. Without a provider every reply counts as silence."""

    provider: choices.SttProvider = field(
        default="auto",
        converter=choices.stt_provider,
        metadata=about(
            "vira, deepgram, openai (any service that speaks OpenAI's transcriptions), local (pocketsphinx on this machine,"
            " English only, within the scenario's phrases) or none; auto: vira where VIRA_STT_TOKEN is set, else deepgram"
            " where DEEPGRAM_API_KEY is, else none",
            "STT_PROVIDER",
        ),
    )
    language: str = field(
        default="",
        converter=kinds.language_or_none,
        metadata=about(
            "Code of the language that customers speak, such as en or fa, for deepgram (empty: English) and openai (empty: it"
            " finds out); vira knows Persian",
            "STT_LANGUAGE",
        ),
    )
    model: str = field(
        default="",
        converter=kinds.text,
        metadata=about(
            "Name of the model. Empty: nova-3 of deepgram; gpt-4o-mini-transcribe of OpenAI, whisper-1 of other servers",
            "STT_MODEL",
        ),
    )
    base_url: str = field(
        default="",
        converter=kinds.http_url,
        metadata=about(
            "Where openai or deepgram is: a server of one's own, up to /audio/transcriptions, or a regional endpoint. Empty:"
            " the vendor's usual address",
            "STT_BASE_URL",
        ),
    )
    api_key: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Key for openai. Empty: OPENAI_API_KEY where the address is OpenAI's own, else none", "STT_API_KEY"),
    )
    vira_token: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Gateway token of Vira's speech to text", "VIRA_STT_TOKEN"),
    )
    vira_url: str = field(
        default="", converter=kinds.http_url, metadata=about("Address of Vira's speech to text", "VIRA_STT_URL")
    )
    verify_ssl: bool = field(
        default=True,
        converter=kinds.flag,
        metadata=about("Whether Vira's certificates are checked", "VIRA_VERIFY_SSL"),
    )
    deepgram_api_key: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about("Key for Deepgram's speech to text", "DEEPGRAM_API_KEY"),
    )
    timeout: float = field(
        default=30.0, converter=kinds.seconds, metadata=about("Seconds to wait for a transcript", "STT_TIMEOUT")
    )
    max_parallel: int = field(
        default=10, converter=kinds.at_least_one, metadata=about("Transcriptions at once", "MAX_PARALLEL_STT")
    )

    @property
    def service(self) -> choices.SttProvider:
        """Who listens: whom `provider` names, or whose key there is; never `auto`."""
        if self.provider != "auto":
            return self.provider
        if self.vira_token:
            return "vira"
        return "deepgram" if self.deepgram_api_key else "none"

    @property
    def at_openai(self) -> bool:
        """Whether `openai` is OpenAI itself."""
        parts = urlsplit(self.base_url)
        return not self.base_url or (parts.scheme, parts.hostname) == ("https", "api.openai.com")

    def key_for_openai(self, openai: Secret[str]) -> Secret[str]:
        """The key to be shown to `openai`.

        Args:
            openai: the key for OpenAI itself, which nobody else is shown.
        """
        return self.api_key or (openai if self.at_openai else NOT_SET)
