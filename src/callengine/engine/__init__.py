"""The composition root: how the rooms below are wired together."""

from callengine.engine.engine import Engine
from callengine.engine.flow_counter import FlowCounter
from callengine.engine.outfit import Outfit, outfit_of
from callengine.engine.timelines import LoggedTimeline, Timelines

__all__ = ["Engine", "FlowCounter", "LoggedTimeline", "Outfit", "Timelines", "outfit_of"]
