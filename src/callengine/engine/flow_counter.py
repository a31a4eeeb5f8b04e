"""How often calls come to each step of each flow."""

from collections import Counter

from attrs import define, field

from callengine.model import Attempt, CallId, Counted, FlowCounts, Moment, MomentKind, Outcome, Received, StepId


@define(eq=False)
class _Flow:
    """What is counted of one flow."""

    visits: Counter[StepId] = field(factory=Counter)
    taken: dict[StepId, Counter[Outcome]] = field(factory=dict)

    def visit(self, step: StepId) -> None:
        self.visits[step] += 1

    def take(self, step: StepId, outcome: Outcome) -> None:
        self.taken.setdefault(step, Counter())[outcome] += 1

    def counts(self) -> FlowCounts:
        return FlowCounts(dict(self.visits), {step: dict(outcomes) for step, outcomes in self.taken.items()})


@define(eq=False)
class FlowCounter:
    """A timeline that keeps counts only: its memory grows with the flows, and with the calls that are under way."""

    _flows: dict[tuple[str, str], _Flow] = field(factory=dict, init=False)
    _under_way: dict[CallId, _Flow] = field(factory=dict, init=False)

    def begin(self, attempt: Attempt) -> None:
        """Count this call for the flow of its scenario."""
        self._enter(attempt.call, attempt.scenario, "flow")

    def receive(self, received: Received) -> None:
        """Count this call for the inbound flow; who goes straight to an operator goes through no scenario's."""
        if received.scenario:
            self._enter(received.call, received.scenario, "inbound_flow")

    def _enter(self, call: CallId, scenario: str, flow: str) -> None:
        self._under_way[call] = self._flows.setdefault((scenario, flow), _Flow())

    def note(self, moment: Moment) -> None:
        """Count a step or an outcome."""
        flow = self._under_way.get(moment.call)
        if flow is None:
            return
        match moment.kind:
            case MomentKind.STEP:
                flow.visit(StepId(moment.name))
            case MomentKind.OUTCOME:
                flow.take(StepId(moment.detail), Outcome(moment.name))
            case MomentKind.RESULT:
                del self._under_way[moment.call]

    @property
    def counts(self) -> Counted:
        """So far, of the flows that calls came to a step of."""
        told: dict[str, dict[str, FlowCounts]] = {}
        for (scenario, name), flow in sorted(self._flows.items()):
            if flow.visits:
                told.setdefault(scenario, {})[name] = flow.counts()
        return told
