"""What is certain at each step, however a call came there: a forward must-analysis over the ways between steps.

Kildall's algorithm (A unified approach to global program optimization, 1973): the facts of a step are those that hold on all
ways to it. They only ever become fewer, so the work list, taken in reverse post-order, runs empty.
"""

from collections.abc import Mapping
from functools import cached_property
from heapq import heappop, heappush

from attrs import frozen

from callengine.fsm.declarations import OPERATOR, RESULT, Variable
from callengine.fsm.graph import Graph
from callengine.model import Outcome


@frozen
class SpokenTo:
    """The fact that the caller has heard something of ours since the call began, or since it was last their turn."""


Fact = Variable | SpokenTo
SPOKEN_TO = SpokenTo()
_SPOKEN = 1
"""Its bit, the first of all."""


@frozen(eq=False)
class Facts:
    """The facts of a flow's steps. Variables that no step reads are left out, save the result and the operator.

    A variable is one by its name: steps may set a text and a number under the same one.
    """

    graph: Graph

    def hold_at(self, step: int, fact: Fact) -> bool:
        """Whether a fact is certain when a call comes to a step."""
        return bool(self._before[step] >> self._bits[_key(fact)] & 1)

    def hold_after(self, step: int, outcome: Outcome, fact: Fact) -> bool:
        """Whether a fact is certain when a call leaves a step by an outcome."""
        return bool(self._after(step, outcome, self._before[step]) >> self._bits[_key(fact)] & 1)

    @cached_property
    def _bits(self) -> Mapping[str, int]:
        read = (each.name for step in self.graph.order for each in self.graph.readings[step] if not each.given)
        facts = dict.fromkeys((_key(SPOKEN_TO), RESULT.name, OPERATOR.name, *read))
        return {fact: bit for bit, fact in enumerate(facts)}

    @cached_property
    def _before(self) -> list[int]:
        """The facts at each step, as the bits of a number."""
        rank = {step: place for place, step in enumerate(self.graph.order)}
        before = [(1 << len(self._bits)) - 1] * len(self.graph.steps)
        before[self.graph.entry] = 0
        waiting = list(range(len(self.graph.order)))
        queued = set(waiting)
        while waiting:
            place = heappop(waiting)
            queued.remove(place)
            here = self.graph.order[place]
            for outcome, target in self.graph.ways[here]:
                if target is None:
                    continue
                agreed = before[target] & self._after(here, outcome, before[here])
                if agreed != before[target]:
                    before[target] = agreed
                    if rank[target] not in queued:
                        queued.add(rank[target])
                        heappush(waiting, rank[target])
        return before

    def _after(self, step: int, outcome: Outcome, before: int) -> int:
        """The facts when a call leaves a step, if these are those it came with."""
        after, air = before, self.graph.airs[step]
        if air.turn > 0:
            after &= ~_SPOKEN
        elif air.audible > 0:
            after |= _SPOKEN
        for variable in self.graph.steps[step].forgetting(outcome):
            after &= ~(1 << self._bits[variable.name])
        for variable in self.graph.steps[step].defining(outcome):
            bit = None if variable.given else self._bits.get(variable.name)
            if bit is not None:
                after |= 1 << bit
        return after


def _key(fact: Fact) -> str:
    return "" if isinstance(fact, SpokenTo) else fact.name
