"""Settings of campaigns: whom to call, when again, how many at once, and where it is written down."""

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.model import Result, RetryRule
from callengine.settings import choices, kinds
from callengine.settings.about import NOT_SET, about


@frozen
class ContactSettings:
    """Whom to call, and what counts as a number that may be called."""

    static: tuple[str, ...] = field(
        default=(), converter=kinds.words, metadata=about("Numbers to call when there is no panel", "STATIC_CONTACTS")
    )
    file: Path | None = field(
        default=None, converter=kinds.folder, metadata=about("File of contacts to call when there is no panel", "CONTACTS_FILE")
    )
    campaign: str = field(
        default="main",
        converter=kinds.text,
        metadata=about("Campaign that contacts belong to; within it a list calls every number once", "CAMPAIGN"),
    )
    region: str = field(
        default="",
        converter=kinds.region,
        metadata=about(
            "Country whose numbers may be written without a prefix, such as IR; all spellings of a number are then one."
            " Empty: numbers are taken as they are written",
            "REGION",
        ),
    )
    allowed_prefixes: tuple[str, ...] = field(
        default=(),
        converter=kinds.prefixes,
        metadata=about("Prefixes of international numbers that may be called besides those of REGION", "ALLOWED_PREFIXES"),
    )
    retries: Mapping[Result, RetryRule] = field(
        factory=dict,
        converter=kinds.retries,
        metadata=about("When to call again, by result: missed=3/3600 is three attempts in all, an hour apart", "RETRIES"),
    )


@frozen
class PacingSettings:
    """How many calls are placed for the operators there are."""

    mode: choices.PacingMode = field(
        default="agentless",
        converter=choices.pacing_mode,
        metadata=about(
            "agentless: as many as the lines carry; progressive: one for each ready operator; power: DIAL_LEVEL for each;"
            " predictive: as many as keep abandoned calls below ABANDON_TARGET",
            "PACING_MODE",
        ),
    )
    dial_level: float = field(
        default=1.5, converter=kinds.factor, metadata=about("Calls for each ready operator in mode power", "DIAL_LEVEL")
    )
    abandon_target: float = field(
        default=0.025,
        converter=kinds.share,
        metadata=about("Share of live answers that may find no operator in time, for mode predictive", "ABANDON_TARGET"),
    )
    abandon_after: float = field(
        default=2.0,
        converter=kinds.seconds,
        metadata=about("Seconds a customer waits for an operator until the call counts as abandoned", "ABANDON_AFTER"),
    )


@frozen
class StoreSettings:
    """Where contacts, attempts and results are written down. It survives restarts."""

    url: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.store_url,
        metadata=about(
            "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE. Empty: callengine.db in the working folder",
            "STORE_URL",
        ),
    )
    min_free_mb: int = field(
        default=100,
        converter=kinds.whole,
        metadata=about("MiB of free disk below which no new calls are placed, for SQLite. 0: never mind", "STORE_MIN_FREE_MB"),
    )
