"""What the settings mean to the rooms that know no settings."""

from zoneinfo import ZoneInfo

from callengine.ari import AriConfig
from callengine.calls import CallRules
from callengine.dialer import AlertRules, CallingHours, CallWindows, Hours, holidays_of
from callengine.errors import ConfigError
from callengine.lines import LinePool
from callengine.model import Ambient, Numbering
from callengine.settings import AriSettings, Settings, line_specs


def ari_config(settings: AriSettings) -> AriConfig:
    """How these settings reach the PBX.

    Raises:
        ConfigError: an address cannot be one of a PBX.
    """
    return AriConfig(
        app=settings.app,
        username=settings.username,
        password=settings.password.get_secret_value(),
        base_url=settings.base_url,
        ws_url=settings.ws_url,
        timeout=settings.timeout,
    )


def call_rules(settings: Settings) -> CallRules:
    """What the settings say about every call.

    Raises:
        ConfigError: REGION is no country.
    """
    return CallRules(
        longest_call=settings.calls.max_seconds,
        most_steps=settings.calls.max_steps,
        operator_timeout=settings.operators.timeout,
        operator_wait=settings.operators.wait,
        operator_slot_wait=settings.operators.slot_wait,
        operator_legs_count=not settings.test_mode.on,
        operator_caller_id=settings.operators.caller_id,
        keep_recordings=settings.keep.recordings,
        result_overrides=settings.calls.results,
        numbering=numbering_of(settings),
    )


def numbering_of(settings: Settings) -> Numbering:
    """How these settings read numbers.

    Raises:
        ConfigError: REGION is no country.
    """
    try:
        return Numbering(settings.contacts.region, settings.contacts.allowed_prefixes)
    except ValueError as error:
        raise ConfigError(f"REGION: {error}") from error


def alert_rules(settings: Settings) -> AlertRules:
    """When the dialler pauses itself."""
    dialing = settings.dialing
    return AlertRules(dialing.fail_alert_threshold, dialing.probe_seconds, settings.store.min_free_mb)


def calling_hours(settings: Settings, ambient: Ambient) -> CallingHours:
    """The hours in which anybody is called; at any time where they go by the clocks of contacts.

    Raises:
        ConfigError: the holidays are not known.
    """
    return CallingHours(ambient, Hours() if settings.dialing.window_zone == "contact" else _hours(settings))


def call_windows(settings: Settings, ambient: Ambient) -> CallWindows | None:
    """The hours of each contact; None where they do not go by contacts' clocks.

    Raises:
        ConfigError: the holidays are not known, or REGION is no country.
    """
    if settings.dialing.window_zone != "contact":
        return None
    return CallWindows(ambient, _hours(settings), numbering_of(settings), by_contact=True)


def _hours(settings: Settings) -> Hours:
    dialing = settings.dialing
    return Hours(dialing.window_start, dialing.window_end, dialing.days, holidays_of(dialing.holidays))


def line_pool(settings: Settings, ambient: Ambient, *, transfers_over_trunk: bool) -> LinePool:
    """The lines of these settings. In test mode there is one outbound call at a time.

    Args:
        transfers_over_trunk: whether a scenario connects customers to operators whose legs take slots.

    Raises:
        ConfigError: there is no line.
    """
    specs = line_specs(settings)
    if not specs:
        raise ConfigError("OUTBOUND_NUMBERS is empty: name the numbers of the lines that calls leave by")
    limits = settings.limits
    return LinePool(
        specs,
        ambient,
        overall_per_second=limits.overall_per_second,
        max_outbound=1 if settings.test_mode.on else limits.outbound,
        max_inbound=limits.inbound,
        reserve=reserve_of(settings, transfers_over_trunk=transfers_over_trunk),
        zone=ZoneInfo(limits.zone) if limits.zone else None,
    )


def reserve_of(settings: Settings, *, transfers_over_trunk: bool) -> int:
    """Slots that outbound calls leave to operator legs: one, unless the settings say so, where transfers go over the trunk.

    Without it customers could hold every slot while each of them waits for an operator's.
    """
    if settings.limits.operator_slots is not None:
        return settings.limits.operator_slots
    return int(transfers_over_trunk)
