"""What becomes of calls that an earlier life of ours has left at the PBX: adopted, hung up, settled."""

from callengine.adoption.adoption import Adoption, Slots
from callengine.adoption.decisions import Cut, Decisions, Found, LooseLeg, Over, Talk, Vanished, decide

__all__ = ["Adoption", "Cut", "Decisions", "Found", "LooseLeg", "Over", "Slots", "Talk", "Vanished", "decide"]
