"""The demo campaign: what `run` shows where nothing, or not everything, is configured."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from zlib import crc32

import attrs
from attrs import frozen

from callengine.fsm import Scenario
from callengine.settings import DialingSettings, LimitSettings, Settings, line_specs
from callengine.simulator import HangUp, Instead, Moment, PbxConfig, People, Persona
from callengine.testing import Caller
from callengine.testing.campaign import SIMULATED_ARI, Stage, telephones

LINES = ("02191302954", "02191302955")
OPERATORS = ("09350000001", "09350000002")

_LIMITS = LimitSettings(concurrent=5, per_minute=60, per_second=2, overall_per_second=3)
_RINGS = 6.0
"""Seconds a phone may ring: with the limits, so that twenty people are called in less than half a minute."""

_WAITS = 6.0
"""Seconds on hold for an operator who is in a call."""

_CAST = (
    Persona(answers_after=1.0, says=("yes",)),
    Persona(answers_after=0.8, says=("بله",)),
    Persona(answers_after=1.2, keys=("1", "5", "1")),
    Persona(answers_after=1.4, says=("no",)),
    Persona(answers_after=1.2, says=("نه",)),
    Persona(instead=Instead.NO_ANSWER),
    Persona(answers_after=2.0, instead=Instead.BUSY),
    Persona(answers_after=0.7, says=("شماره منو از کجا آوردید", "نه")),
    Persona(answers_after=0.9, says=("yes", "I had to wait"), keys=("", "2")),
    Persona(answers_after=1.5, hangs_up=HangUp(Moment.RECORDING, seconds=0.5)),
    Persona(answers_after=1.0, says=("مایلم",)),
    Persona(answers_after=0.5, keys=("9",)),
    Persona(answers_after=0.9, says=("", "yes")),
    Persona(answers_after=1.1, says=("بله",), hangs_up=HangUp(Moment.PROMPT, nth=2, seconds=0.3)),
    Persona(answers_after=3.0, instead=Instead.DECLINE),
    Persona(answers_after=1.0, says=("i cannot",)),
    Persona(answers_after=1.3, says=("علاقه ندارم",)),
    Persona(answers_after=4.0, instead=Instead.POWER_OFF),
    Persona(answers_after=0.6, hangs_up=HangUp(Moment.ANSWER, seconds=0.3)),
    Persona(answers_after=0.4, says=("بله",)),
)
"""Who is called, in turn. The examples for all contacts take turns, too: an English one, a Persian one, one with keys."""

_ADVISER = Persona(answers_after=1.0, hangs_up=HangUp(Moment.BRIDGE, seconds=1.5))
_NOT_NOW = Persona(answers_after=0.4, instead=Instead.DECLINE)
"""The first of several operators, so that transfers show how the next one is tried."""

_FIRST_CALL, _RUSH_HOUR, _LATE_CALL = 2.5, 6.5, 12.0
"""Seconds after the start. At the rush hour all slots of the demo's lines are taken, and a caller waits for one."""

_PROMPT_SECONDS = 0.6

_SOCKET_PATIENCE = 5.0
"""Seconds; Asterisk's 0.1 would drop the event socket of a demo that shares a busy machine with its PBX."""


CONTACTS = tuple(f"0912{place:07}" for place in range(1, len(_CAST) + 1))


def stage(settings: Settings, scenarios: tuple[Scenario, ...], contacts: tuple[str, ...]) -> Stage:
    """A campaign on the simulated PBX; the demo lends what the settings leave open.

    Nobody calls in where a panel hears of it: it would take them for customers.

    Args:
        contacts: whom to call; the demo's own twenty if empty.
    """
    contacts = contacts or CONTACTS
    settings = attrs.evolve(settings, ari=SIMULATED_ARI, dialing=_dialing(settings))
    if not line_specs(settings):
        dialing = attrs.evolve(settings.dialing, outbound_numbers=LINES)
        settings = attrs.evolve(settings, dialing=dialing)
        if settings.limits == LimitSettings() and dialing.origination_timeout == DialingSettings().origination_timeout:
            brisk = attrs.evolve(dialing, origination_timeout=_RINGS)
            settings = attrs.evolve(settings, dialing=brisk, limits=_LIMITS)
    if not telephones(settings, scenarios):
        operators = attrs.evolve(settings.operators, mobile_numbers=OPERATORS, wait=_WAITS)
        settings = attrs.evolve(settings, operators=operators)
    cast = {number: _CAST[place % len(_CAST)] for place, number in enumerate(contacts)}
    cast |= _operators(telephones(settings, scenarios))
    media = {uri for scenario in scenarios for uri in scenario.prompts.values()}
    pbx = PbxConfig(
        prompt_seconds=dict.fromkeys(media, _PROMPT_SECONDS),
        write_timeout=_SOCKET_PATIENCE,
    )
    people = Everybody(People(cast, otherwise=_STRANGER))
    callers = () if settings.panel_configured else _callers([line.id for line in line_specs(settings)])
    return Stage(settings, scenarios, contacts, people, pbx, callers)


_STRANGER = Persona()


@frozen
class Everybody:
    """Those whom the demo knows, and for any other number somebody of its cast, the same one each time."""

    known: People

    def at(self, dialled: str) -> Persona:
        """Who answers at this dial string."""
        persona = self.known.at(dialled)
        return _CAST[crc32(dialled[-7:].encode()) % len(_CAST)] if persona is _STRANGER else persona


def _operators(numbers: Sequence[str]) -> dict[str, Persona]:
    first = {numbers[0]: _NOT_NOW} if len(numbers) > 1 else {}
    return dict.fromkeys(numbers, _ADVISER) | first


def _callers(lines: Sequence[str]) -> tuple[Caller, ...]:
    """Who calls us meanwhile: one after another they get the scenarios that serve callers."""
    patient, impatient = (Persona(hangs_up=HangUp(Moment.RINGING, seconds=seconds)) for seconds in (12.0, 1.0))
    return (
        Caller(_FIRST_CALL, patient, lines[-1], "09130000001"),
        Caller(_RUSH_HOUR, patient, lines[0], "09130000002"),
        Caller(_LATE_CALL, impatient, lines[0]),
    )


def _dialing(settings: Settings) -> DialingSettings:
    return settings.dialing if settings.dialing.trunk else attrs.evolve(settings.dialing, trunk="simulated")


def demo_folder() -> Path:
    """Where the example scenarios are: in the installed package, or beside the source in a checkout."""
    installed = Path(str(files("callengine"))) / "flows"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "flows"
