"""Whether the PBX can be reached, understands us, and has all that calls need of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import attrs
from attrs import frozen

from callengine.ari import (
    AriClient,
    AriConfig,
    AriUnavailable,
    AsteriskInfo,
    Transport,
    judged,
    tcp_opener,
    try_event_socket,
)
from callengine.doctor.endpoints import check_endpoints
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.doctor.prompts import check_prompts
from callengine.doctor.reach import reach
from callengine.doctor.sounds import check_played
from callengine.engine.services import closing
from callengine.engine.wiring import ari_config
from callengine.errors import AriError, AriLost, AriRefused
from callengine.fsm import DetectMachine, steps_of

WHAT: Final = "PBX"

MOST_SKEW: Final = timedelta(seconds=5)
"""Between its clock and ours."""

_ALWAYS: Final = (
    "app_stasis",
    "bridge_simple",
    "format_wav",
    "res_ari_applications",
    "res_ari_asterisk",
    "res_ari_bridges",
    "res_ari_channels",
    "res_ari_playbacks",
    "res_ari_recordings",
    "res_stasis",
    "res_stasis_answer",
    "res_stasis_playback",
    "res_stasis_recording",
)
_FETCHING: Final = ("res_http_media_cache", "res_curl")
_MISSING: Final = "Have modules.conf load it (`asterisk -rx 'module load {}.so'` does until the next start), or install it"


async def check_pbx(patient: Patient, sheet: Sheet) -> None:
    """Ask it about everything that calls need. No call is placed, and a running engine is left alone."""
    if patient.simulated:
        sheet.skip(WHAT, "Calls would run on the simulated PBX (ARI_BASE_URL is empty, or --simulate was given)")
        return
    unreached = await reach(patient.settings.ari.base_url, "ARI_BASE_URL")
    if unreached is not None:
        sheet.fail(
            WHAT,
            unreached.sentence,
            f"See that Asterisk runs, and that its http.conf has enabled=yes, this host and this port. {unreached.remedy}",
        )
        return
    config = ari_config(patient.settings.ari)
    transport = Transport(config, tcp_opener(config.base_url))
    async with closing(transport):
        client = AriClient(transport, config.app)
        info = await _answered(client, sheet)
        if info is None:
            return
        _judge_version(info, sheet)
        for look in LOOKS:
            try:
                await look(client, patient, sheet)
            except AriError as error:
                sheet.fail(WHAT, str(error), "See Asterisk's log (`asterisk -rvvv`) for why it did not answer that")
        await _check_socket(config, sheet)


async def _answered(client: AriClient, sheet: Sheet) -> AsteriskInfo | None:
    """What it says of itself, if it says anything."""
    try:
        return await client.info()
    except AriRefused as error:
        sheet.fail(WHAT, *_why_refused(error))
    except AriUnavailable as error:
        sheet.fail(WHAT, str(error), "Wait until Asterisk has started, then look again; its log says what it waits for")
    except AriLost as error:
        sheet.fail(WHAT, str(error), "See that ARI_BASE_URL leads to Asterisk, such as http://127.0.0.1:8088/ari")
    return None


def _why_refused(error: AriRefused) -> tuple[str, str]:
    if error.status in (401, 403):
        return (
            f"It does not know the user and password ({error.status})",
            "Set ARI_USERNAME and ARI_PASSWORD to those of a user in ari.conf (`asterisk -rx 'ari show users'` lists them)",
        )
    if error.status == 404:
        return (
            "A web server answers, but it has no REST interface there (404)",
            "Set enabled=yes in ari.conf and have res_ari.so loaded; see that ARI_BASE_URL ends with the prefix of http.conf"
            " and /ari, as in http://127.0.0.1:8088/ari",
        )
    return str(error), "See that ARI_BASE_URL leads to Asterisk and not to something before it"


def _judge_version(info: AsteriskInfo, sheet: Sheet) -> None:
    version = info.version or "of a version it does not tell"
    here = f"Asterisk {version} answers, and takes user and password"
    newer = "Update Asterisk to 20.20.1, 22.10.1 or later"
    match judged(info.version):
        case "fine":
            sheet.ok(WHAT, here)
        case "too old":
            sheet.fail(WHAT, f"{here}, but it is too old for this engine", newer)
        case "update":
            sheet.warn(WHAT, f"{here}, but it lacks corrections of its REST interface that matter for security", newer)
        case "not known":
            sheet.warn(WHAT, f"{here}; whether it is recent enough cannot be told from that", f"See that it is. {newer}")


async def _check_clock(client: AriClient, patient: Patient, sheet: Sheet) -> None:  # noqa: ARG001 - as the others
    before = datetime.now(UTC)
    there = (await client.ping()).timestamp
    after = datetime.now(UTC)
    skew = there - before - (after - before) / 2
    if abs(skew) > MOST_SKEW:
        direction = "fast" if skew > timedelta() else "slow"
        sheet.warn(
            "clock",
            f"The PBX's clock is {abs(skew).total_seconds():,.0f} s {direction} beside ours: logs and reports will not agree",
            "Have both machines set their clocks by NTP, such as by chrony or systemd-timesyncd",
        )
    else:
        sheet.ok("clock", "The PBX's clock agrees with ours")


@frozen
class _Need:
    """A module, and what does not work without it."""

    module: str
    purpose: str
    vital: bool = True


def _needs(patient: Patient) -> Iterator[_Need]:
    yield from (_Need(module, "no call works") for module in _ALWAYS)
    yield _Need("chan_pjsip", "no PJSIP telephone can be rung")
    yield _Need("res_musiconhold", "who waits without a prompt `onhold` hears nothing", vital=False)
    steps = (step for scenario in patient.scenarios for step in steps_of(scenario))
    if any(isinstance(step, DetectMachine) and step.by == "talk" for step in steps):
        yield _Need("func_talkdetect", "`detect_machine` cannot hear anybody talk")
    if patient.settings.media.delivery == "http":
        yield from (_Need(module, "it cannot fetch sound (MEDIA_DELIVERY=http)") for module in _FETCHING)


async def _check_modules(client: AriClient, patient: Patient, sheet: Sheet) -> None:
    running = {each.name.removesuffix(".so") for each in await client.list_modules() if each.status == "Running"}
    missing = [need for need in _needs(patient) if need.module not in running]
    for need in missing:
        note = sheet.fail if need.vital else sheet.warn
        note("modules", f"The PBX does not run {need.module}: {need.purpose}", _MISSING.format(need.module))
    if not missing:
        sheet.ok("modules", "The PBX runs every module that calls need")


async def _check_recordings(client: AriClient, patient: Patient, sheet: Sheet) -> None:  # noqa: ARG001 - as the others
    try:
        stored = await client.list_stored_recordings()
    except AriRefused as error:
        sheet.fail(
            "recordings",
            f"The PBX cannot read its folder of recordings ({error.status}), so nobody can be heard",
            "Make the folder `recording` in astspooldir, usually /var/spool/asterisk, and let the user of Asterisk own it",
        )
        return
    sheet.ok("recordings", f"The PBX has its folder of recordings, with {len(stored):,} in it")


async def _check_application(client: AriClient, patient: Patient, sheet: Sheet) -> None:  # noqa: ARG001 - as the others
    served = any(each.name == client.app for each in await client.list_applications())
    if served:
        said = "an engine serves it at this moment; another `run` with that name would take its calls over"
    else:
        said = "no engine serves it at this moment"
    sheet.ok("application", f"{client.app}: {said}. The dialplan sends callers to Stasis({client.app},inbound,${{EXTEN}})")


LOOKS: Final = (
    _check_clock,
    _check_modules,
    _check_recordings,
    _check_application,
    check_endpoints,
    check_played,
    check_prompts,
)
"""Each asks the PBX about one thing."""


async def _check_socket(config: AriConfig, sheet: Sheet) -> None:
    """By a name of its own: a second socket of the same name would cut a running engine off."""
    other = attrs.evolve(config, app=f"callengine-doctor-{uuid4()}")
    try:
        await try_event_socket(other, tcp_opener(config.events_url))
    except AriRefused as error:
        sheet.fail(
            "event socket",
            f"{error}: without it the engine hears nothing",
            "Set ARI_WS_URL to the address of Asterisk's events, such as ws://127.0.0.1:8088/ari/events, or leave it empty; a"
            " proxy before Asterisk must let WebSocket through",
        )
    except AriLost as error:
        sheet.fail("event socket", str(error), "See that ARI_WS_URL is right, or leave it empty to go by ARI_BASE_URL")
    else:
        sheet.ok("event socket", "It opens (tried as an application of its own, so that no engine was disturbed)")
