"""callengine: a call-control engine for Asterisk (ARI), on Trio.

A scenario (YAML) is loaded and checked (`fsm`), and compiled to a chart: the one object that is verified, drawn and run.
A call (`calls`) is one nursery that walks its chart; what it owns at the PBX stands in its estate, which the reaper buries.
The dialler (`dialer`) takes contacts and line slots (`lines`), writes the intent down (`store`), and starts calls.
`ari` speaks to the PBX, `providers` listen and think, `simulator` is a PBX with people; `engine` wires them together.
Imports point down the floors of docs/design.md only; `cli` and `testing` stand on top.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callengine.engine import Engine
    from callengine.errors import CallEngineError
    from callengine.fsm import Chart, Finding, Scenario, compile_flow, draw_mermaid, lint, load
    from callengine.settings import Settings, load_settings
    from callengine.simulator import People, Persona, SimulatedPbx
    from callengine.testing import simulate

__version__ = "0.1.0"

_HOMES = {
    "CallEngineError": "errors",
    "Chart": "fsm",
    "Engine": "engine",
    "Finding": "fsm",
    "People": "simulator",
    "Persona": "simulator",
    "Scenario": "fsm",
    "Settings": "settings",
    "SimulatedPbx": "simulator",
    "compile_flow": "fsm",
    "draw_mermaid": "fsm",
    "lint": "fsm",
    "load": "fsm",
    "load_settings": "settings",
    "simulate": "testing",
}
"""The room of each public name. Rooms are imported when they are asked for: `lint` should not wait for the engine."""

__all__ = [
    "CallEngineError",
    "Chart",
    "Engine",
    "Finding",
    "People",
    "Persona",
    "Scenario",
    "Settings",
    "SimulatedPbx",
    "compile_flow",
    "draw_mermaid",
    "lint",
    "load",
    "load_settings",
    "simulate",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
