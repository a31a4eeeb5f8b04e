"""Lines: caller numbers with quotas, and the one place that gives out their slots; and operators, one call each."""

from callengine.lines.called import line_called
from callengine.lines.choice import LineLoad, least_loaded
from callengine.lines.desk import OperatorState
from callengine.lines.leases import SlotLease
from callengine.lines.operators import OperatorLoad, Operators
from callengine.lines.place import Place
from callengine.lines.pool import LinePool, PoolLoad
from callengine.lines.reservation import Reservation
from callengine.lines.windows import day_began

__all__ = [
    "LineLoad",
    "LinePool",
    "OperatorLoad",
    "OperatorState",
    "Operators",
    "Place",
    "PoolLoad",
    "Reservation",
    "SlotLease",
    "day_began",
    "least_loaded",
    "line_called",
]
