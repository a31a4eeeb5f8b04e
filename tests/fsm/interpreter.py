"""What a call can come to, by brute force: the language's semantics told once more, apart from all that steps declare.

A call is in a state: its step, what it remembers, its counters. Every state that some row of outcomes leads to is visited, and
in each the caller may hang up. Counters stop one above the highest limit of the flow, and far below 0: beyond that they change
nothing. A branch may go any way: what contacts are like and what callers say is not known.
"""

from collections.abc import Iterator
from math import inf
from random import Random

from attrs import evolve, field, frozen

from callengine.calls.result import Ending, result_of
from callengine.fsm import Chart, CheckRetryLimit, SetResult, Step, Wait
from callengine.model import Cause, Intent, Outcome, Result, StepId
from tests.fsm.semantics import added, known_after, names_of_nothing, names_read, names_to_set, time_of

LOWEST = -5


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


@frozen(eq=False)
class _Run:
    """Walks a chart.

    Attributes:
        limits: of each counter that a step checks, the highest; no others matter.
        needed: by step, the names without which it reads what was never set.
        unheard: by step, the names it reads that mean nothing.
        matters: the names that some step needs, and the operator.
    """

    chart: Chart
    limits: dict[str, int]
    needed: dict[StepId, frozenset[str]]
    unheard: dict[StepId, frozenset[str]]
    matters: frozenset[str]
    broken: set[str] = field(factory=set)

    def after(self, state: State) -> list[State]:
        """The states that follow; a call that ends here is judged."""
        self._judge(state)
        following = []
        for outcome, left in self._outcomes(state):
            target = self.chart.after(state.step, outcome)
            if target is None:
                if not self.chart.result_at_end(state.step, outcome):
                    self.broken.add("no result")
            else:
                following.append(evolve(left, step=target))
        return following

    def _outcomes(self, state: State) -> Iterator[tuple[Outcome, State]]:
        """What may come of a step: by which outcome, and what the call then remembers."""
        step = self.chart.steps[state.step]
        counters = self._counted(step, dict(state.counters))
        result = step.result if isinstance(step, SetResult) else state.result
        for outcome in self.chart.outcomes[state.step]:
            if isinstance(step, CheckRetryLimit):
                within = dict(counters)[step.counter] <= step.max_count
                if within is not (outcome == "within_limit"):
                    continue
            known = known_after(step, outcome, state.known) & self.matters
            yield outcome, State(state.step, known, counters, result)

    def _counted(self, step: Step, counters: dict[str, int]) -> frozenset[tuple[str, int]]:
        for name, number in added(step).items():
            if name in self.limits:
                counters[name] = max(LOWEST, min(counters.get(name, 0) + number, self.limits[name] + 1))
        return frozenset(counters.items())

    def _judge(self, state: State) -> None:
        if not self.needed[state.step] <= state.known:
            self.broken.add("unset")
        if self.unheard[state.step]:
            self.broken.add("unheard of")
        outbound = self.chart.flow_name == "flow"
        if not self.chart.outcomes[state.step] and state.result is None and outbound:
            self.broken.add("no result")
        intent = Intent("unknown") if "intent" in state.known else None
        ending = Ending(Cause.CUSTOMER_GONE, answered=True, inbound=not outbound, set_result=state.result, intent=intent)
        assert result_of(ending)


def _run_of(chart: Chart) -> _Run:
    limits: dict[str, int] = {}
    for step in chart.steps.values():
        if isinstance(step, CheckRetryLimit):
            limits[step.counter] = max(step.max_count, limits.get(step.counter, 0))
    read = {name: frozenset(names_read(step)) for name, step in chart.steps.items()}
    unset, nothing = names_to_set(chart), names_of_nothing(chart)
    needed = {name: names & unset for name, names in read.items()}
    unheard = {name: names & nothing for name, names in read.items()}
    return _Run(chart, limits, needed, unheard, frozenset({"operator", "intent"}.union(*needed.values())))


def wander(chart: Chart, rng: Random, most: int = 10_000) -> tuple[set[str], float]:
    """Take one random way through a flow: what was wrong, and how long it took."""
    run, state, seconds = _run_of(chart), State(chart.entry), 0.0
    for _ in range(most):
        seconds += time_of(chart.steps[state.step], chart).whole
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
        takes = time_of(step, chart)
        left = seconds[state] + takes.whole
        connected = "operator" in state.known
        begun = quiet[state] + (0.0 if connected else takes.before)
        still = 0.0 if connected else takes.after if takes.engaged else begun + takes.after
        if isinstance(step, Wait) and not connected:
            still = inf
        longest, silence = max(longest, left), max(silence, begun, still)
        for each in following[state]:
            seconds[each] = max(seconds.get(each, 0.0), left)
            quiet[each] = max(quiet.get(each, 0.0), still)
    return longest, silence
