"""What a drawing of a chart shows, in whatever language it is written down."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from attrs import frozen

from callengine.fsm.chart import Chart
from callengine.fsm.graph import components
from callengine.fsm.step import Step
from callengine.fsm.steps import (
    Branch,
    CheckRetryLimit,
    ClassifyIntent,
    Disconnect,
    Enter,
    Hangup,
    PlayPrompt,
    Request,
    Say,
    SendSms,
    Set,
    SetResult,
    ToOperator,
    Uttering,
    Wait,
)
from callengine.model import Outcome, Result, StepId

T = TypeVar("T")

Way = tuple[StepId, Outcome]
Counts = Mapping[Way, int]
"""How often each way was taken: by the cases of a flow test, or by the calls of a day."""

Visits = Mapping[StepId, int]
"""How often each step was come to; in some calls it is the last, and leads nowhere."""

LONGEST_CONDITION = 28
"""Characters of a case's tests that are drawn: with the case's number and a count, a label is cut no further."""

MOST_RESULTS = 6
"""Named at one end; a longer list would hide the picture."""


class Loop(Enum):
    """Whether a way can be taken again in the same call."""

    NONE = "none"
    LIMITED = "limited"
    ENDLESS = "endless"


@frozen
class Box:
    """A step.

    Attributes:
        name: for use in the drawing's language; the author's own words stand in labels only.
        details: what the step is about, such as its prompt; where calls end, the results they can have.
        visited: False if there are counts and none of them leads here.
        visits: how often calls came here; None if that was not counted.
        within: the ids of the steps whose subflows it stands in, from the outermost; one that enters a subflow stands in it.
    """

    name: str
    step: Step
    details: tuple[str, ...]
    visited: bool
    visits: int | None
    within: tuple[StepId, ...]


@frozen
class Arrow:
    """Outcomes of a step that lead to the same place.

    Attributes:
        source: the name of a box.
        target: the name of a box, or None where the call ends because the file leaves the outcome out.
        result: of such a call.
        labels: one for each outcome, with its count if there are counts; nothing is said of a step's only way.
        visited: False if there are counts and the way was never taken.
    """

    source: str
    target: str | None
    result: Result | None
    labels: tuple[str, ...]
    loop: Loop
    visited: bool


@frozen
class Picture:
    """A chart, ready to be drawn."""

    title: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


def picture(chart: Chart, counts: Counts | None = None, visits: Visits | None = None) -> Picture:
    """Lay out what a drawing of the chart shows.

    Args:
        counts: tell visited steps and ways from the others; a way that is not among them was never taken.
        visits: of steps; a step that is not among them was never come to.
    """
    names = {step: f"s{number}" for number, step in enumerate(chart.steps)}
    visited = dict.fromkeys(chart.steps) if counts is None else _visited(chart, counts, visits or {})
    results = _results(chart)
    loops = _loops(chart)
    within = _within(chart)
    return Picture(
        title=f"{chart.scenario.display_name or chart.scenario.name}: {chart.flow_name}",
        boxes=[
            Box(
                names[step.id],
                step,
                tuple(_details(step, results.get(step.id, []))),
                step.id in visited,
                None if visits is None else visits.get(step.id, 0),
                within[step.id],
            )
            for step in chart.steps.values()
        ],
        arrows=[arrow for step in chart.steps for arrow in _arrows(chart, step, counts, loops, names)],
    )


def _within(chart: Chart) -> Mapping[StepId, tuple[StepId, ...]]:
    found: dict[StepId, tuple[StepId, ...]] = {}
    for step in chart.steps.values():
        user = chart.users.get(step.id)
        around = () if user is None else found[user]
        found[step.id] = (*around, step.id) if isinstance(step, Enter) else around
    return found


def _visited(chart: Chart, counts: Counts, visits: Visits) -> Mapping[StepId | None, None]:
    taken = [way for way, count in counts.items() if count]
    come_to = (step for step, count in visits.items() if count)
    return dict.fromkeys([*come_to, *(step for step, _ in taken), *(chart.after(*way) for way in taken)])


_ABOUT: Mapping[type[Step], str] = {
    PlayPrompt: "prompt",
    Say: "text",
    ClassifyIntent: "prompt",
    CheckRetryLimit: "counter",
    SetResult: "result",
    SendSms: "text",
    ToOperator: "agent_type",
    Enter: "flow",
}
"""The field that says best what a step is about."""


def _details(step: Step, results: Sequence[Result]) -> Iterator[str]:
    match step:
        case Disconnect() | Hangup() | Wait():
            yield from sorted(results[:MOST_RESULTS])
            if len(results) > MOST_RESULTS:
                yield "and others"
        case Request():
            yield f"{step.method} {step.url}"
        case Set():
            yield ", ".join((*step.values, *step.add))
        case _:
            field = of_class(step, _ABOUT, "")
            said = getattr(step, field) if field else step.prompt or step.text if isinstance(step, Uttering) else None
            if said:
                yield said


def of_class(step: Step, table: Mapping[type[Step], T], other: T) -> T:
    """What a table says of a step's class, or of the nearest class it is made from."""
    return next((table[base] for base in type(step).__mro__ if base in table), other)


def _arrows(
    chart: Chart, step: StepId, counts: Counts | None, loops: Mapping[Way, Loop], names: Mapping[StepId, str]
) -> Iterator[Arrow]:
    together: dict[tuple[StepId | None, Result | None, Loop], list[Outcome]] = {}
    for outcome in chart.outcomes[step]:
        end = chart.after(step, outcome), chart.result_at_end(step, outcome), loops[step, outcome]
        together.setdefault(end, []).append(outcome)
    for (target, result, loop), outcomes in together.items():
        yield Arrow(
            source=names[step],
            target=None if target is None else names[target],
            result=result,
            labels=tuple(label for outcome in outcomes if (label := _label(chart, step, outcome, counts))),
            loop=loop,
            visited=counts is None or any(counts.get((step, outcome), 0) for outcome in outcomes),
        )


def _label(chart: Chart, step: StepId, outcome: Outcome, counts: Counts | None) -> str:
    here = chart.steps[step]
    count = "" if counts is None else f" [{counts.get((step, outcome), 0):,}]"
    words = [] if chart.outcomes[step] == ("next",) else [str(outcome)]
    if isinstance(here, Branch):
        room = LONGEST_CONDITION - len(count)
        words += (f"({shortened(str(case), room)})" for named, case in here.named_cases() if named == outcome)
    if isinstance(here, CheckRetryLimit):
        words.append(f"(at most {here.max_count}×)" if outcome == "within_limit" else f"(after {here.max_count}×)")
    return (" ".join(words) + count).strip()


def shortened(text: str, longest: int) -> str:
    """A text on one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[:longest] + "…"


def _loops(chart: Chart) -> Mapping[Way, Loop]:
    """A counter's `within_limit` can be taken `max_count` times: a loop without one has no end of its own."""
    ways = {(step, outcome): chart.after(step, outcome) for step in chart.steps for outcome in chart.outcomes[step]}
    uncounted = {way: target for way, target in ways.items() if not _counted(chart, way)}
    endless, repeated = _in_circles(chart, uncounted), _in_circles(chart, ways)
    return {way: Loop.ENDLESS if way in endless else Loop.LIMITED if way in repeated else Loop.NONE for way in ways}


def _counted(chart: Chart, way: Way) -> bool:
    step, outcome = way
    bound = chart.steps[step].bound()
    return bound is not None and bound.outcome == outcome


def _in_circles(chart: Chart, ways: Mapping[Way, StepId | None]) -> frozenset[Way]:
    """The ways between steps each of which can be reached from the other."""
    places = {step: place for place, step in enumerate(chart.steps)}
    successors: list[list[int]] = [[] for _ in places]
    for (step, _), target in ways.items():
        if target is not None:
            successors[places[step]].append(places[target])
    found = components(range(len(places)), successors)
    circle = {place: number for number, component in enumerate(found) for place in component}
    return frozenset(
        way for way, target in ways.items() if target is not None and circle[places[way[0]]] == circle[places[target]]
    )


def _results(chart: Chart) -> Mapping[StepId, Sequence[Result]]:
    """The results that can have been set last when a call arrives at a step, one more than `MOST_RESULTS` at most."""
    arriving: dict[StepId, list[Result]] = {chart.entry: []}
    pending = [chart.entry]
    while pending:
        here = chart.steps[pending.pop()]
        result = here.result_set()
        leaving = arriving[here.id] if result is None else [result]
        for outcome in chart.outcomes[here.id]:
            target = chart.after(here.id, outcome)
            if target is None:
                continue
            known = arriving.get(target, [])
            merged = list(dict.fromkeys((*known, *leaving)))[: MOST_RESULTS + 1]
            if target not in arriving or len(merged) > len(known):
                arriving[target] = merged
                pending.append(target)
    return arriving
