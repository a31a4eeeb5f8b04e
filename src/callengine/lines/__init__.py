"""Lines: caller numbers with quotas, and the one place that gives out their slots."""

from callengine.lines.choice import LineLoad, least_loaded
from callengine.lines.pool import LinePool, PoolLoad, SlotLease

__all__ = ["LineLoad", "LinePool", "PoolLoad", "SlotLease", "least_loaded"]
