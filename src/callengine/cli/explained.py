"""What `lint --explain` tells of a flow: its longest call and longest silence, and the ways that attain them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

from callengine.fsm import Explanation, Stop, cannot_run, explain, load

MOST_STOPS = 60
"""Steps of one way that are shown."""


def explained(source: bytes, path: str) -> Iterator[str]:
    """Lines for people; none where the file has mistakes that keep it from running."""
    loading = load(source, path)
    if loading.scenario is None or cannot_run(loading.findings):
        return
    for each in explain(loading.scenario):
        yield from _told(path, each)


def _told(path: str, flow: Explanation) -> Iterator[str]:
    for what, seconds, way in (("longest call", flow.seconds, flow.path), ("longest silence", flow.silence, flow.silent_path)):
        yield f"{path}: {flow.flow}: {what} {'without end' if seconds == inf else f'{seconds:,.0f} s'}"
        if way:
            yield f"  {' > '.join(_stops(way))}"


def _stops(way: Sequence[Stop]) -> Iterator[str]:
    for stop in islice(way, MOST_STOPS):
        times = f" x{stop.times}" if stop.times > 1 else ""
        yield f"{stop.step}{times} ({stop.seconds:g} s)" if stop.seconds else f"{stop.step}{times}"
    if len(way) > MOST_STOPS:
        yield f"and {len(way) - MOST_STOPS:,} more"
