"""The demo campaign: what `run` shows where nothing, or not everything, is configured."""

from importlib.resources import files
from pathlib import Path

import attrs

from callengine.fsm import Scenario
from callengine.settings import DialingSettings, LimitSettings, Settings, line_specs
from callengine.simulator import HangUp, Instead, Moment, PbxConfig, People, Persona
from callengine.testing.campaign import SIMULATED_ARI, Stage

LINES = ("02191302954", "02191302955")
OPERATORS = ("09350000001", "09350000002")

_LIMITS = LimitSettings(concurrent=5, per_minute=60, per_second=2, overall_per_second=3)
_RINGS = 6.0
"""Seconds a phone may ring: with the limits, so that twenty people are called in less than half a minute."""

_CAST = (
    Persona(answers_after=1.0, says=("yes",)),
    Persona(answers_after=0.8, says=("بله",)),
    Persona(answers_after=1.4, says=("no",)),
    Persona(answers_after=1.2, says=("نه",)),
    Persona(instead=Instead.NO_ANSWER),
    Persona(answers_after=0.7, says=("شماره منو از کجا آوردید", "نه")),
    Persona(answers_after=2.0, instead=Instead.BUSY),
    Persona(answers_after=1.0, says=("مایلم",)),
    Persona(answers_after=0.9, says=("", "yes")),
    Persona(answers_after=1.1, says=("بله",), hangs_up=HangUp(Moment.PROMPT, nth=2, seconds=0.3)),
    Persona(answers_after=1.0, says=("i cannot",)),
    Persona(answers_after=1.5, hangs_up=HangUp(Moment.RECORDING, seconds=0.5)),
    Persona(answers_after=0.5, says=("of course",)),
    Persona(answers_after=3.0, instead=Instead.DECLINE),
    Persona(answers_after=4.0, instead=Instead.POWER_OFF),
    Persona(answers_after=1.3, says=("علاقه ندارم",)),
    Persona(answers_after=1.0, says=("sure",)),
    Persona(answers_after=0.6, hangs_up=HangUp(Moment.ANSWER, seconds=0.3)),
    Persona(answers_after=0.9, says=("cancel",)),
    Persona(answers_after=0.4, says=("بله",)),
)
"""Who is called, in turn. Scenarios take turns too, so those in odd places get the English one and the others the Persian."""

_ADVISER = Persona(answers_after=1.2, hangs_up=HangUp(Moment.BRIDGE, seconds=2.0))

_PROMPT_SECONDS = 0.6

_SOCKET_PATIENCE = 5.0
"""Seconds; Asterisk's 0.1 would drop the event socket of a demo that shares a busy machine with its PBX."""


def stage(settings: Settings, scenarios: tuple[Scenario, ...], contacts: tuple[str, ...]) -> Stage:
    """A campaign on the simulated PBX; the demo lends what the settings leave open.

    Args:
        contacts: whom to call; the demo's own twenty if empty.
    """
    contacts = contacts or tuple(f"0912{place:07}" for place in range(1, len(_CAST) + 1))
    settings = attrs.evolve(settings, ari=SIMULATED_ARI, dialing=_dialing(settings))
    if not line_specs(settings):
        dialing = attrs.evolve(settings.dialing, outbound_numbers=LINES, origination_timeout=_RINGS)
        settings = attrs.evolve(settings, dialing=dialing, limits=_LIMITS)
    if not settings.operators.mobile_numbers:
        settings = attrs.evolve(settings, operators=attrs.evolve(settings.operators, mobile_numbers=OPERATORS))
    cast = {number: _CAST[place % len(_CAST)] for place, number in enumerate(contacts)}
    cast |= dict.fromkeys(settings.operators.mobile_numbers, _ADVISER)
    media = {uri for scenario in scenarios for uri in scenario.prompts.values()}
    pbx = PbxConfig(
        inbound_app=settings.ari.app,
        prompt_seconds=dict.fromkeys(media, _PROMPT_SECONDS),
        write_timeout=_SOCKET_PATIENCE,
    )
    return Stage(settings, scenarios, contacts, People(cast), pbx)


def _dialing(settings: Settings) -> DialingSettings:
    return settings.dialing if settings.dialing.trunk else attrs.evolve(settings.dialing, trunk="simulated")


def demo_folder() -> Path:
    """Where the example scenarios are: in the installed package, or beside the source in a checkout."""
    installed = Path(str(files("callengine"))) / "flows"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "flows"
