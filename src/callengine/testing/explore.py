"""Drives every outcome of a flow that can be reached, and hangs up at every moment: does anything break an invariant?"""

from collections.abc import Iterator
from typing import TypeAlias

from attrs import define, field, frozen

from callengine.fsm import FlowName, Scenario
from callengine.fsm.acts import Act, Does
from callengine.fsm.cases import EPOCH
from callengine.fsm.steps import ToOperator
from callengine.testing.coverage import FlowCoverage, edges_of
from callengine.testing.one_call import Leaves, Played, Script, chart_of, play_call
from callengine.testing.paths import Path, Plan, plan_of
from callengine.testing.tape import CALLER, OPERATOR, What
from callengine.testing.transcript import transcript

Signature: TypeAlias = tuple[str, str, What]

LEAVES_AFTER = (0.0001, 0.05)
"""Seconds after something happens at which somebody hangs up: word of it is on its way, or its consequences under way."""


@frozen
class Tried:
    """One call of an exploration.

    Attributes:
        leaves: who hangs up when; None where the call takes its path to the end.
        faults: sentences; none if every invariant held.
    """

    path: Path
    leaves: Leaves | None
    played: Played
    faults: tuple[str, ...]

    def story(self) -> str:
        """What was wrong, and the call as a transcript."""
        when = "" if self.leaves is None else f", where {self.leaves}"
        path = " ".join(f"{step}.{outcome}" for step, outcome in self.path.edges)
        return "\n".join([*self.faults, f"on the path {path}{when}:", *transcript(self.played)])


@define(eq=False)
class Explorer:
    """Explores one flow.

    Attributes:
        coverage: what the calls have come to so far.
    """

    scenario: Scenario
    flow: FlowName
    plan: Plan = field(init=False)
    coverage: FlowCoverage = field(init=False)
    _left: set[Signature] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        chart = chart_of(self.scenario, self.flow)
        self.coverage = FlowCoverage(chart)
        self.plan = plan_of(chart)

    def explore(self, path: Path) -> Iterator[Tried]:
        """Play a path to its end, then again with a hangup at each moment that no earlier path has shown."""
        whole = self._play(path, None)
        yield Tried(path, None, whole, (*whole.faults, *_strayed(path, whole)))
        for leaves in self._leavings(whole):
            played = self._play(path, leaves)
            yield Tried(path, leaves, played, played.faults)

    def _play(self, path: Path, leaves: Leaves | None) -> Played:
        begins = Does.CALLS if self.flow == "inbound_flow" else Does.ANSWERS
        acts = (Act(begins), *path.acts)
        transfers = sum(isinstance(self.coverage.chart.steps[step], ToOperator) for step, _ in path.edges)
        script = Script(
            self.scenario, self.flow, acts, path.fields, operators=max(1, transfers), leaves=leaves, at=path.at or EPOCH
        )
        played = play_call(script)
        self.coverage.add(played.happenings)
        return played

    def _leavings(self, played: Played) -> Iterator[Leaves]:
        """The caller at every new moment, and the operator while there is one."""
        moments: dict[Leaves, None] = {}
        operator = False
        for happening in played.happenings:
            if happening.who.startswith(OPERATOR):
                operator = happening.what is not What.GONE
            signature = (happening.step, happening.who.partition(" ")[0], happening.what)
            if signature not in self._left:
                self._left.add(signature)
                people = (CALLER, OPERATOR) if operator else (CALLER,)
                times = (round(happening.at + after, 6) for after in LEAVES_AFTER)
                moments |= dict.fromkeys(Leaves(who, at) for at in times for who in people)
        yield from moments


def _strayed(path: Path, played: Played) -> Iterator[str]:
    """Whether the call took another way than the chart says."""
    if played.missed is not None:
        yield f"`{played.missed}` did not come about"
    taken = tuple(edges_of(played.happenings))
    if taken != path.edges:
        place = next((at for at, pair in enumerate(zip(taken, path.edges, strict=False)) if pair[0] != pair[1]), len(taken))
        went = ".".join(taken[place]) if place < len(taken) else "the end"
        should = ".".join(path.edges[place]) if place < len(path.edges) else "the end"
        yield f"the call went to {went}, where the chart leads to {should}"
