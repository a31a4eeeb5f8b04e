"""Settings of everything beside the telephone: scenarios, the panel, providers, files, logs."""

from pathlib import Path

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import choices, kinds
from callengine.settings.about import NOT_SET, about


@frozen
class ScenarioSettings:
    """Where call flows are. After loading, `dir` is always there."""

    dir: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about("Folder of scenario files. Empty: config/scenarios if it exists, else flows", "SCENARIOS_DIR"),
    )
    watch: bool = field(
        default=True,
        converter=kinds.flag,
        metadata=about("Whether scenario files are read again as soon as they change", "SCENARIOS_WATCH"),
    )


@frozen
class PanelSettings:
    """The panel that gives contacts and takes results."""

    base_url: str = field(
        default="",
        converter=kinds.http_url,
        metadata=about("The panel's address. Empty: no panel", "PANEL_BASE_URL"),
    )
    token: Secret[str] = field(
        default=NOT_SET, converter=kinds.secret, metadata=about("Bearer token of the panel", "PANEL_API_TOKEN")
    )
    batch_size: int = field(
        default=0,
        converter=kinds.whole,
        metadata=about("Contacts asked for at once. 0: the panel decides", "DIALER_BATCH_SIZE"),
    )
    poll_seconds: float = field(
        default=60.0,
        converter=kinds.seconds,
        metadata=about("Seconds between two questions to the panel when it names no time", "DIALER_DEFAULT_RETRY"),
    )
    old_fields: bool = field(
        default=False,
        converter=kinds.flag,
        metadata=about(
            "Whether results name scenario, outbound_line and batch_id as older panels want them, and scenarios register by"
            " name alone",
            "PANEL_OLD_FIELDS",
        ),
    )
    user_message: bool = field(
        default=True,
        converter=kinds.flag,
        metadata=about("Whether results tell the panel what the customer said last", "PANEL_USER_MESSAGE"),
    )


@frozen
class HttpSettings:
    """Requests to the panel and to providers."""

    max_connections: int = field(
        default=100,
        converter=kinds.at_least_one,
        metadata=about("HTTP connections to the panel at once", "HTTP_MAX_CONNECTIONS"),
    )
    timeout: float = field(
        default=10.0,
        converter=kinds.seconds,
        metadata=about("Seconds to wait for an HTTP answer where nothing else is said", "HTTP_TIMEOUT"),
    )
    attempts: int = field(
        default=2,
        converter=kinds.at_least_one,
        metadata=about("Times a provider that fails is asked for one answer, within its timeout", "PROVIDER_ATTEMPTS"),
    )
    hedge_seconds: float = field(
        default=0.0,
        converter=kinds.seconds_or_zero,
        metadata=about(
            "Seconds after which a slow provider is asked a second time beside the first; both may cost. 0: never",
            "PROVIDER_HEDGE_SECONDS",
        ),
    )
    failures: int = field(
        default=5,
        converter=kinds.whole,
        metadata=about("Failures in a row after which a provider is left alone for a while. 0: never", "PROVIDER_FAILURES"),
    )
    rest_seconds: float = field(
        default=30.0,
        converter=kinds.seconds,
        metadata=about("Seconds for which such a provider is left alone", "PROVIDER_REST_SECONDS"),
    )


@frozen
class LlmSettings:
    """The language model that classifies replies. Without a key the fallback tokens of a scenario do it."""

    base_url: str = field(
        default="https://api.gapgpt.app/v1",
        converter=kinds.http_url,
        metadata=about("GapGPT, or any service that speaks OpenAI's chat completions", "GAPGPT_BASE_URL"),
    )
    api_key: Secret[str] = field(
        default=NOT_SET, converter=kinds.secret, metadata=about("Key for GAPGPT_BASE_URL", "GAPGPT_API_KEY")
    )
    openai_api_key: Secret[str] = field(
        default=NOT_SET, converter=kinds.secret, metadata=about("Key for OpenAI itself", "OPENAI_API_KEY")
    )
    model: str = field(
        default="gpt-4o-mini",
        converter=kinds.text,
        metadata=about("Name of the model, unless a scenario names another", "LLM_MODEL"),
    )
    structured: choices.Structured = field(
        default="auto",
        converter=choices.structured,
        metadata=about(
            "Whether the model is asked to answer in a form (JSON schema) and to say how sure it is: on, off, or auto: until"
            " the service refuses it",
            "LLM_STRUCTURED",
        ),
    )
    timeout: float = field(
        default=20.0, converter=kinds.seconds, metadata=about("Seconds to wait for a classification", "LLM_TIMEOUT")
    )
    max_parallel: int = field(
        default=10, converter=kinds.at_least_one, metadata=about("Classifications at once", "MAX_PARALLEL_LLM")
    )


@frozen
class KeepSettings:
    """What of a call is kept after it. Nothing, unless someone asks for it."""

    recordings: bool = field(
        default=False, converter=kinds.flag, metadata=about("Whether recordings stay on the PBX", "KEEP_RECORDINGS")
    )
    recording_days: int = field(
        default=30,
        converter=kinds.at_least_one,
        metadata=about("Days after which recordings that were kept are deleted", "KEEP_RECORDINGS_DAYS"),
    )
    transcripts: bool = field(
        default=False, converter=kinds.flag, metadata=about("Whether what customers said is stored", "KEEP_TRANSCRIPTS")
    )
    transcript_days: int = field(
        default=30,
        converter=kinds.at_least_one,
        metadata=about("Days after which transcripts that were kept are erased", "KEEP_TRANSCRIPTS_DAYS"),
    )


@frozen
class LogSettings:
    """Logs."""

    level: choices.LogLevel = field(
        default="INFO",
        converter=choices.log_level,
        metadata=about("Least level that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL", "LOG_LEVEL"),
    )
    format: choices.LogFormat = field(
        default="auto",
        converter=choices.log_format,
        metadata=about("console, json, or auto: console on a terminal, else json", "LOG_FORMAT"),
    )
    dir: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about("Folder for a rotating app.log. Empty: none", "LOG_DIR"),
    )
