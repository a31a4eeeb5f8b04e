"""What a call can come to, by brute force: the language's semantics told once more, apart from all that steps declare.

A call is in a state: its step, what it remembers, its counters. Every state that some row of outcomes leads to is visited, and
in each the caller may hang up. Counters stop one above the highest limit of the flow, beyond which they change nothing.
"""

from collections.abc import Iterator
from math import inf
from random import Random

from attrs import evolve, field, frozen

from callengine.calls.result import Ending, result_of
from callengine.fsm import (
    Chart,
    CheckRetryLimit,
    ClassifyIntent,
    PlayPrompt,
    Record,
    RouteByIntent,
    SetResult,
    Step,
    TransferToOperator,
    Wait,
)
from callengine.model import Cause, Intent, Outcome, Result, StepId


@frozen
class State:
    step: StepId
    known: frozenset[str] = frozenset()
    counters: frozenset[tuple[str, int]] = frozenset()
    result: Result | None = None


@frozen
class Verdict:
    """What is wrong with a flow in the words of the theorem, and its two figures."""

    broken: frozenset[str]
    seconds: float
    silence: float
    states: int = field(eq=False)


def time_of(step: Step, chart: Chart) -> tuple[float, bool, float]:
    """The seconds a step takes, whether the caller hears or is asked for something, and the seconds of silence at its end."""
    match step:
        case PlayPrompt():
            return 120.0, True, 0.0
        case Record():
            return chart.scenario.stt.max_duration + 5 + 30, True, 30.0
        case ClassifyIntent(prompt=None):
            return 30.0, False, 30.0
        case ClassifyIntent():
            return 150.0, True, 30.0
        case TransferToOperator():
            return 600.0, True, 0.0
        case _:
            return 0.0, False, 0.0


def _outcomes(chart: Chart, state: State, highest: int) -> Iterator[tuple[Outcome, State]]:
    """What may come of a step: by which outcome, and what the call then remembers."""
    step = chart.steps[state.step]
    for outcome in chart.outcomes[state.step]:
        after = state
        match step:
            case Record() if outcome == "next":
                after = evolve(state, known=state.known | {"transcript"})
            case ClassifyIntent() if outcome == "next":
                after = evolve(state, known=state.known | {"intent"})
            case TransferToOperator() if outcome == "on_success":
                after = evolve(state, known=state.known | {"operator"})
            case SetResult(result=result):
                after = evolve(state, result=result)
            case CheckRetryLimit(counter=counter, max_count=most):
                counters = dict(state.counters)
                counters[counter] = min(counters.get(counter, 0) + 1, highest + 1)
                if (counters[counter] <= most) is not (outcome == "within_limit"):
                    continue
                after = evolve(state, counters=frozenset(counters.items()))
        yield outcome, after


@frozen(eq=False)
class _Run:
    chart: Chart
    highest: int
    broken: set[str] = field(factory=set)

    def after(self, state: State) -> list[State]:
        """The states that follow; a call that ends here is judged."""
        self._judge(state)
        following = []
        for outcome, left in _outcomes(self.chart, state, self.highest):
            target = self.chart.after(state.step, outcome)
            if target is None:
                if not self.chart.result_at_end(state.step, outcome):
                    self.broken.add("no result")
            else:
                following.append(evolve(left, step=target))
        return following

    def _judge(self, state: State) -> None:
        step = self.chart.steps[state.step]
        needed = {ClassifyIntent: "transcript", RouteByIntent: "intent"}.get(type(step))
        if needed is not None and needed not in state.known:
            self.broken.add("unset")
        outbound = self.chart.flow_name == "flow"
        if not self.chart.outcomes[state.step] and state.result is None and outbound:
            self.broken.add("no result")
        intent = Intent("unknown") if "intent" in state.known else None
        ending = Ending(Cause.CUSTOMER_GONE, answered=True, inbound=not outbound, set_result=state.result, intent=intent)
        assert result_of(ending)


def _run_of(chart: Chart) -> _Run:
    return _Run(chart, max((step.max_count for step in chart.steps.values() if isinstance(step, CheckRetryLimit)), default=0))


def wander(chart: Chart, rng: Random, most: int = 10_000) -> tuple[set[str], float]:
    """Take one random way through a flow: what was wrong, and how long it took."""
    run, state, seconds = _run_of(chart), State(chart.entry), 0.0
    for _ in range(most):
        seconds += time_of(chart.steps[state.step], chart)[0]
        following = run.after(state)
        if not following:
            return run.broken, seconds
        state = rng.choice(following)
    return {*run.broken, "endless"}, inf


def explore(chart: Chart) -> Verdict:
    """Visit every state of a flow."""
    run = _run_of(chart)
    start = State(chart.entry)
    following: dict[State, list[State]] = {start: run.after(start)}
    finished: list[State] = []
    on_path = {start}
    path = [(start, iter(following[start]))]
    while path:
        here, further = path[-1]
        for state in further:
            if state in on_path:
                run.broken.add("endless")
            elif state not in following:
                following[state] = run.after(state)
                on_path.add(state)
                path.append((state, iter(following[state])))
                break
        else:
            path.pop()
            on_path.remove(here)
            finished.append(here)
    endless = "endless" in run.broken
    seconds, silence = (inf, inf) if endless else _figures(chart, finished[::-1], following)
    return Verdict(frozenset(run.broken), seconds, silence, len(following))


def _figures(chart: Chart, order: list[State], following: dict[State, list[State]]) -> tuple[float, float]:
    """The longest call and the longest silence, over the states in topological order."""
    seconds: dict[State, float] = {order[0]: 0.0}
    quiet: dict[State, float] = {order[0]: 0.0}
    longest = silence = 0.0
    for state in order:
        step = chart.steps[state.step]
        takes, breaks, after = time_of(step, chart)
        left = seconds[state] + takes
        connected = "operator" in state.known
        still = 0.0 if connected else after if breaks else quiet[state] + after
        if isinstance(step, Wait) and not connected:
            still = inf
        longest, silence = max(longest, left), max(silence, quiet[state], still)
        for each in following[state]:
            seconds[each] = max(seconds.get(each, 0.0), left)
            quiet[each] = max(quiet.get(each, 0.0), still)
    return longest, silence
