"""Whether there are lines, and the trunk and telephones that calls go to."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from callengine.ari import AriClient
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.errors import AriRefused
from callengine.settings import RosterEntry, Settings, endpoint_of, fallback, line_specs

_TOLD: Final = frozenset({"PJSIP", "SIP", "IAX2"})
"""Technologies whose endpoints the PBX can be asked about."""


async def check_lines(patient: Patient, sheet: Sheet) -> None:
    """See that calls have a line and a trunk to leave by."""
    settings, specs = patient.settings, line_specs(patient.settings)
    if not specs and patient.simulated:
        sheet.skip("lines", "OUTBOUND_NUMBERS is empty: a run on the simulated PBX uses the demo's lines")
    elif not specs:
        sheet.fail(
            "lines",
            "OUTBOUND_NUMBERS is empty: no call can be placed",
            "Name the numbers of the lines that calls leave by there",
        )
    else:
        slots = sum(spec.limits.concurrent for spec in specs)
        numbers = ", ".join(spec.id for spec in specs)
        sheet.ok("lines", f"{numbers}: {slots} calls at once in all")
    if not settings.dialing.trunk and not patient.simulated:
        sheet.fail(
            "trunk",
            "OUTBOUND_TRUNK is empty: no outbound call can be placed",
            "Set OUTBOUND_TRUNK to the name of the PJSIP endpoint that leads to your provider; `asterisk -rx 'pjsip show"
            " endpoints'` lists them",
        )


@frozen
class _Asked:
    """An endpoint.

    Attributes:
        what: it is to us.
        setting: that names it.
    """

    what: str
    setting: str
    technology: str
    resource: str


async def check_endpoints(client: AriClient, patient: Patient, sheet: Sheet) -> None:
    """Ask the PBX about the trunk, and about those telephones of operators that are not numbers behind it."""
    for asked in dict.fromkeys(_wanted(patient.settings)):
        if asked.technology in _TOLD:
            await _check(client, asked, sheet)
        else:
            name = f"{asked.technology}/{asked.resource}"
            sheet.skip(asked.what, f"{name}: the PBX cannot be asked about endpoints of that kind")


def _wanted(settings: Settings) -> Iterator[_Asked]:
    trunk = settings.dialing.trunk
    if trunk:
        yield _Asked("trunk", "OUTBOUND_TRUNK", "PJSIP", trunk)
    operators = settings.operators
    for setting, entries in (
        ("INBOUND_OPERATORS", operators.inbound),
        ("OUTBOUND_OPERATORS", operators.outbound),
        ("OPERATOR_MOBILE_NUMBERS, OPERATOR_ENDPOINT or OPERATOR_TRUNK", fallback(settings)),
    ):
        yield from _telephones(setting, entries, settings)


def _telephones(setting: str, entries: tuple[RosterEntry, ...], settings: Settings) -> Iterator[_Asked]:
    for entry in entries:
        technology, _, rest = endpoint_of(entry.target, settings).partition("/")
        first, slash, _ = rest.partition("/")  # PJSIP/desk/sip:200@host is another way to write 200@desk
        resource = first if slash else rest.rpartition("@")[2]
        if resource and (technology, resource) != ("PJSIP", settings.dialing.trunk):
            yield _Asked("operators", setting, technology, resource)


async def _check(client: AriClient, asked: _Asked, sheet: Sheet) -> None:
    name = f"{asked.technology}/{asked.resource}"
    try:
        found = await client.get_endpoint(asked.technology, asked.resource)
    except AriRefused as error:
        if error.status != 404:
            raise
        sheet.fail(
            asked.what,
            f"The PBX has no endpoint {name}",
            f"Name one that it has in {asked.setting} (`asterisk -rx 'pjsip show endpoints'` lists them), or add"
            f" [{asked.resource}] to pjsip.conf",
        )
        return
    if found.state == "offline":
        sheet.fail(
            asked.what,
            f"{name} is offline: calls to it fail",
            f"See why in `asterisk -rx 'pjsip show endpoint {asked.resource}'`: a trunk must answer OPTIONS (qualify_frequency)"
            " or be registered, and a telephone must be registered",
        )
    elif found.state == "online":
        sheet.ok(asked.what, f"{name} is online")
    else:
        sheet.warn(
            asked.what,
            f"{name} is there, but the PBX does not know whether it can be reached",
            f"Set qualify_frequency=60 for the aor of [{asked.resource}] in pjsip.conf, and the PBX will find out",
        )
