"""Settings of the PBX, its lines, and the calls on them."""

from collections.abc import Iterable, Mapping
from datetime import time

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.model import Result
from callengine.settings import choices, kinds
from callengine.settings.about import NOT_SET, about


@frozen
class AriSettings:
    """How the PBX is reached. After loading, no URL holds credentials, and `ws_url` is always there if `base_url` is."""

    base_url: str = field(
        default="",
        converter=kinds.http_url,
        metadata=about(
            "Asterisk's REST interface, such as http://127.0.0.1:8088/ari. Empty: calls run on the simulated PBX",
            "ARI_BASE_URL",
        ),
    )
    ws_url: str = field(
        default="",
        converter=kinds.socket_url,
        metadata=about("Asterisk's event socket. Empty: derived from ARI_BASE_URL", "ARI_WS_URL"),
    )
    app: str = field(
        default="callengine",
        converter=kinds.text,
        metadata=about("Name of the Stasis application the dialplan sends calls to", "ARI_APP_NAME"),
    )
    username: str = field(default="", converter=kinds.text, metadata=about("User of ari.conf", "ARI_USERNAME"))
    password: Secret[str] = field(
        default=NOT_SET, converter=kinds.secret, metadata=about("Password of that user", "ARI_PASSWORD")
    )
    timeout: float = field(
        default=10.0, converter=kinds.seconds, metadata=about("Seconds to wait for the answer to one request", "ARI_TIMEOUT")
    )


@frozen
class DialingSettings:
    """How contacts are dialled, and when."""

    trunk: str = field(
        default="",
        converter=kinds.text,
        metadata=about("PJSIP endpoint that outbound calls leave by: PJSIP/<digits>@<trunk>", "OUTBOUND_TRUNK"),
    )
    outbound_numbers: tuple[str, ...] = field(
        default=(),
        converter=kinds.telephones,
        metadata=about("Numbers of the lines, until the panel sends its own", "OUTBOUND_NUMBERS"),
    )
    default_caller_id: str = field(
        default="",
        converter=kinds.telephone,
        metadata=about("The one line, where neither OUTBOUND_NUMBERS nor [[lines]] names any", "DEFAULT_CALLER_ID"),
    )
    dial_string: str = field(
        default="{number}",
        converter=kinds.dial_string,
        metadata=about("What is dialled, made of {number}, {e164}, {line} and {line_last4}", "DIAL_STRING"),
    )
    origination_timeout: float = field(
        default=30.0, converter=kinds.seconds, metadata=about("Seconds a call may ring", "ORIGINATION_TIMEOUT")
    )
    window_start: time | None = field(
        default=None,
        converter=kinds.clock_time,
        metadata=about("Nobody is called before this time of day, HH:MM. Empty: no restriction", "CALL_WINDOW_START"),
    )
    window_end: time | None = field(
        default=None,
        converter=kinds.clock_time,
        metadata=about("Nobody is called from this time of day on, HH:MM. Empty: no restriction", "CALL_WINDOW_END"),
    )
    window_zone: choices.WindowZone = field(
        default="here",
        converter=choices.window_zone,
        metadata=about(
            "Whose clock the call window goes by: here, or contact; with contact, nobody is called whose zone is not known",
            "CALL_WINDOW_ZONE",
        ),
    )
    days: tuple[int, ...] = field(
        default=(),
        converter=kinds.weekdays,
        metadata=about("Days of the week on which people are called: mon-fri. Empty: every day", "CALL_DAYS"),
    )
    holidays: str = field(
        default="",
        converter=kinds.text,
        metadata=about("Country, or country and region, on whose holidays nobody is called: IR, DE-BY", "CALL_HOLIDAYS"),
    )
    fail_alert_threshold: int = field(
        default=3,
        converter=kinds.whole,
        metadata=about(
            "Consecutive failures after which dialling pauses and the admins are told. 0: never", "FAIL_ALERT_THRESHOLD"
        ),
    )
    probe_seconds: float = field(
        default=0.0,
        converter=kinds.seconds_or_zero,
        metadata=about(
            "Seconds after which a dialler that paused itself calls one contact to see whether it works again. 0: it waits to"
            " be resumed",
            "RESUME_PROBE_SECONDS",
        ),
    )


@frozen
class LimitSettings:
    """What may run at once. The first four hold for every line that has no limit of its own."""

    concurrent: int = field(
        default=2,
        converter=kinds.whole,
        metadata=about("Calls at once on a line, inbound and outbound together", "MAX_CONCURRENT_CALLS"),
    )
    per_minute: int = field(
        default=10,
        converter=kinds.whole,
        metadata=about("Calls placed on a line in a minute. 0: no limit", "MAX_CALLS_PER_MINUTE"),
    )
    per_day: int = field(
        default=200,
        converter=kinds.whole,
        metadata=about("Calls placed on a line in a day. 0: no limit", "MAX_CALLS_PER_DAY"),
    )
    per_second: int = field(
        default=1,
        converter=kinds.whole,
        metadata=about("Calls placed on a line in a second. 0: no limit", "MAX_ORIGINATIONS_PER_SECOND_PER_LINE"),
    )
    overall_per_second: int = field(
        default=3,
        converter=kinds.whole,
        metadata=about("Calls placed on all lines together in a second. 0: no limit", "MAX_ORIGINATIONS_PER_SECOND"),
    )
    outbound: int = field(
        default=0,
        converter=kinds.whole,
        metadata=about("Outbound calls at once on all lines together. 0: no limit", "MAX_CONCURRENT_OUTBOUND_CALLS"),
    )
    inbound: int = field(
        default=0,
        converter=kinds.whole,
        metadata=about("Inbound calls at once on all lines together. 0: no limit", "MAX_CONCURRENT_INBOUND_CALLS"),
    )
    operator_slots: int | None = field(
        default=None,
        converter=kinds.whole_or_none,
        metadata=about(
            "Slots kept free for operator legs over the trunk. Empty: one if an active scenario transfers that way",
            "RESERVED_OPERATOR_SLOTS",
        ),
    )

    zone: str = field(
        default="",
        converter=kinds.zone,
        metadata=about(
            "Time zone in which a line's day ends, such as Asia/Tehran. Empty: what the panel says, else this machine's",
            "LINES_ZONE",
        ),
    )


@frozen
class LineSettings:
    """One line of its own limits: a table `[[lines]]` in callengine.toml. None: what `LimitSettings` says."""

    number: str = field(default="", converter=kinds.telephone, metadata=about("The line's number; required"))
    caller_id: str = field(default="", converter=kinds.telephone, metadata=about("Number shown. Empty: the line's number"))
    display_name: str = field(default="", converter=kinds.text, metadata=about("Name for people"))
    concurrent: int | None = field(default=None, converter=kinds.whole_or_none, metadata=about("Calls at once"))
    per_minute: int | None = field(default=None, converter=kinds.whole_or_none, metadata=about("Calls placed in a minute"))
    per_day: int | None = field(default=None, converter=kinds.whole_or_none, metadata=about("Calls placed in a day"))
    per_second: int | None = field(default=None, converter=kinds.whole_or_none, metadata=about("Calls placed in a second"))


def line_tables(tables: Iterable[LineSettings]) -> tuple[LineSettings, ...]:
    """The tables `[[lines]]`, once each of them is read."""
    return tuple(tables)


@frozen
class CallSettings:
    """Budgets of a call, what its causes mean, and how calls end when the engine stops."""

    max_seconds: float = field(
        default=3600.0,
        converter=kinds.seconds,
        metadata=about("Seconds after which a call is hung up, whatever it does", "CALL_MAX_SECONDS"),
    )
    max_steps: int = field(
        default=1000,
        converter=kinds.at_least_one,
        metadata=about("Steps after which a call is hung up, against flows that loop", "CALL_MAX_STEPS"),
    )
    drain_seconds: float = field(
        default=30.0,
        converter=kinds.seconds,
        metadata=about("Seconds that calls get to end by themselves when the engine stops", "DRAIN_SECONDS"),
    )
    results: Mapping[int, Result] = field(
        factory=dict,
        converter=kinds.results,
        metadata=about("Results that differ from the built-in table, by Q.850 cause: 19=power_off, 21=missed", "CALL_RESULTS"),
    )


@frozen
class TestModeSettings:
    """A rehearsal on the real PBX: every outbound call goes to one number, one contact at a time."""

    __test__ = False

    on: bool = field(default=False, converter=kinds.flag, metadata=about("Whether test mode is on", "APP_TEST_MODE"))
    redirect_number: str = field(
        default="",
        converter=kinds.telephone,
        metadata=about(
            "Number that is dialled in place of every contact; required in test mode", "APP_TEST_MODE_REDIRECT_NUMBER"
        ),
    )
