"""What flow authors and developers test with."""

from callengine.testing.callers import Caller
from callengine.testing.campaign import Campaign, Stage, play, simulate
from callengine.testing.cases import Ran, Suite, open_suite, run_case
from callengine.testing.explore import Explorer
from callengine.testing.stores import check_store

__all__ = [
    "Caller",
    "Campaign",
    "Explorer",
    "Ran",
    "Stage",
    "Suite",
    "check_store",
    "open_suite",
    "play",
    "run_case",
    "simulate",
]
