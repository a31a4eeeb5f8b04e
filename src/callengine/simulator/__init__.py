"""A PBX that speaks ARI, and people who answer, talk, press keys and hang up: seeded, in virtual time or over a port."""

from callengine.simulator.audit import LONGEST_ALONE, Leaks, audit, leaked, max_concurrent
from callengine.simulator.channels import BETWEEN_KEYS
from callengine.simulator.config import PbxConfig
from callengine.simulator.crowd import random_caller, random_operators, random_people
from callengine.simulator.faults import FAULTS, Fault
from callengine.simulator.log import Kind, Log, Record
from callengine.simulator.pbx import SimulatedPbx
from callengine.simulator.people import Directory, HangUp, Instead, KeyPress, Moment, People, Persona, Utterance
from callengine.simulator.pipe import PipeEnd, pipe_pair
from callengine.simulator.violation import Violation
from callengine.simulator.wav import speech_seconds
from callengine.simulator.world import run_virtually

__all__ = [
    "BETWEEN_KEYS",
    "FAULTS",
    "LONGEST_ALONE",
    "Directory",
    "Fault",
    "HangUp",
    "Instead",
    "KeyPress",
    "Kind",
    "Leaks",
    "Log",
    "Moment",
    "PbxConfig",
    "People",
    "Persona",
    "PipeEnd",
    "Record",
    "SimulatedPbx",
    "Utterance",
    "Violation",
    "audit",
    "leaked",
    "max_concurrent",
    "pipe_pair",
    "random_caller",
    "random_operators",
    "random_people",
    "run_virtually",
    "speech_seconds",
]
