"""One call: its scope, its legs, its steps, its result, and the reaper that buries what it owned."""

from callengine.calls.call import Call
from callengine.calls.context import CallRules, Services, Understood
from callengine.calls.doing import hours_of
from callengine.calls.errands import Errands
from callengine.calls.estate import Estate, Kind
from callengine.calls.legs import LegState, Placement
from callengine.calls.pbx import Pbx
from callengine.calls.reaper import Reaper
from callengine.calls.replay import Replayed, replay
from callengine.calls.result import Q850_RESULTS
from callengine.calls.texts import LONGEST_REMEMBERED, filled
from callengine.calls.waiting import abandoned
from callengine.calls.ways import Inbound, Outbound

__all__ = [
    "LONGEST_REMEMBERED",
    "Q850_RESULTS",
    "Call",
    "CallRules",
    "Errands",
    "Estate",
    "Inbound",
    "Kind",
    "LegState",
    "Outbound",
    "Pbx",
    "Placement",
    "Reaper",
    "Replayed",
    "Services",
    "Understood",
    "abandoned",
    "filled",
    "hours_of",
    "replay",
]
