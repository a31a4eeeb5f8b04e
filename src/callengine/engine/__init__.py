"""The composition root: how the rooms below are wired together."""

from callengine.engine.charts import ChartSource, source_of
from callengine.engine.engine import Engine
from callengine.engine.flow_counter import FlowCounter
from callengine.engine.operator_statistics import OperatorStatistics
from callengine.engine.outfit import Outfit, outfit_of
from callengine.engine.recorder import Recorder
from callengine.engine.tally import Tally
from callengine.engine.timelines import LoggedTimeline, Taps, Timelines

__all__ = [
    "ChartSource",
    "Engine",
    "FlowCounter",
    "LoggedTimeline",
    "OperatorStatistics",
    "Outfit",
    "Recorder",
    "Tally",
    "Taps",
    "Timelines",
    "outfit_of",
    "source_of",
]
