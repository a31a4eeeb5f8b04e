"""The counts of a report, read for a drawing."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from attrs import frozen

from callengine import scenarios
from callengine.cli.graphviz import CannotDraw
from callengine.fsm import Chart
from callengine.fsm.picture import Way
from callengine.model import Counted, FlowCounts, StepId


class _Report(msgspec.Struct):
    """What of a report matters here."""

    counts: Counted


@frozen
class ChartCounts:
    """What a report counts of a chart.

    Attributes:
        unknown: steps and outcomes that are counted, though the chart has none such: the file has changed since.
    """

    visits: Mapping[StepId, int]
    ways: Mapping[Way, int]
    unknown: tuple[str, ...]


def counts_for(chart: Chart, path: Path) -> ChartCounts:
    """The counts of this chart's flow in a report that `run` or `simulate` wrote.

    Raises:
        CannotDraw: the file cannot be read, is no such report, or no call came to this flow.
    """
    counted = _read(path)
    scenario, flow = chart.scenario.name, chart.flow_name
    counts = counted.get(scenario, {}).get(flow)
    if counts is None:
        there = "; ".join(f"{name}, {each}" for name, flows in counted.items() for each in flows)
        raise CannotDraw(f"{path} has no counts of scenario {scenario}, {flow}; it has those of: {there or 'nothing'}")
    return _sorted_out(chart, counts)


def _read(path: Path) -> Counted:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Report).counts
    except OSError as error:
        raise CannotDraw(f"cannot read {path}: {scenarios.reason(error)}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        remedy = "give a file that `callengine run --report` or `callengine simulate --report` wrote"
        raise CannotDraw(f"{path} is no report with counts: {error}; {remedy}") from error


def _sorted_out(chart: Chart, counts: FlowCounts) -> ChartCounts:
    visits = {step: count for step, count in counts.steps.items() if step in chart.steps}
    taken = {(step, outcome): count for step, each in counts.outcomes.items() for outcome, count in each.items()}
    ways = {way: count for way, count in taken.items() if way[1] in chart.outcomes.get(way[0], ())}
    steps = (f"step {step}" for step in counts.steps if step not in chart.steps)
    outcomes = (f"outcome {outcome} of step {step}" for step, outcome in taken if (step, outcome) not in ways)
    return ChartCounts(visits, ways, (*steps, *outcomes))
