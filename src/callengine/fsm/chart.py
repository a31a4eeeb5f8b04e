"""A compiled flow: the one object that is verified, drawn, tested and run."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen
from statemachine import StateChart

from callengine.errors import FlowError
from callengine.fsm.codec import canonical
from callengine.fsm.collecting import collector_paused
from callengine.fsm.findings import quoted
from callengine.fsm.machine import HUNG_UP, build_machine, read_machine
from callengine.fsm.scenario import Flow, FlowName, Scenario
from callengine.fsm.step import Step
from callengine.fsm.steps import Entry
from callengine.fsm.subflows import expand
from callengine.model import ChartId, Outcome, Result, StepId


@frozen(eq=False)
class Chart:
    """Where a call goes next.

    A call keeps the chart it began with. `machine` declares the transitions; `after` looks them up in the table that was
    read from it once, because sending an event through the library costs some 70 us.

    Attributes:
        id: the same for the same behaviour: a hash of the flow, its prompts, its stt and llm settings.
        entry: the step a call begins with.
        outcomes: of every step, in the order of the file, those left to their default included.
        machine: the flow as a strict python-statemachine chart.
        counters: the names that stand for a number which begins at 0.
        users: of each step that stands in a subflow, the step that uses it; steps of one use stand side by side.
        event_names: the machine's event for each outcome.
    """

    id: ChartId
    scenario: Scenario
    flow_name: FlowName
    entry: StepId
    steps: Mapping[StepId, Step]
    outcomes: Mapping[StepId, tuple[Outcome, ...]]
    counters: frozenset[str]
    users: Mapping[StepId, StepId]
    machine: type[StateChart[object]]
    event_names: Mapping[Outcome, str]
    _table: Mapping[StepId, Mapping[str, StepId | None]]

    def after(self, step: StepId, outcome: Outcome) -> StepId | None:
        """The step that follows, or None where the call ends here.

        Raises:
            FlowError: there is no such step, or it has no such outcome.
        """
        try:
            return self._table[step][self.event_names[outcome]]
        except KeyError:
            raise FlowError(f"step {quoted(step)} of {self.flow_name} has no outcome {quoted(outcome)}") from None

    def after_hangup(self, step: StepId) -> StepId | None:
        """What follows when the caller hangs up at a step: None, the end, wherever the call is."""
        return self._table[step][HUNG_UP]

    def result_at_end(self, step: StepId, outcome: Outcome) -> Result | None:
        """The result of a call that ends because this outcome was left out of the file; None if it leads somewhere."""
        if self.after(step, outcome) is not None:
            return None
        return self.steps[step].default_result(outcome)

    def __repr__(self) -> str:
        return f"<Chart {self.scenario.name}.{self.flow_name} {len(self.steps)} steps {self.id[:8]}>"


@collector_paused()
def compile_flow(scenario: Scenario, flow: Flow) -> Chart:
    """Compile one flow of a scenario, with its subflows in place.

    Raises:
        FlowError: a step leads nowhere, an id stands twice, there is not one entry, or a subflow is wrong; `lint` says where.
    """
    expansion = expand(scenario, flow)
    if expansion is None:
        raise _cannot_compile(scenario, flow)
    flow = expansion.flow
    steps = {step.id: step for step in flow.steps}
    targets = {step.id: step.ways(scenario.llm.intents) for step in flow.steps}
    entry = _entry(scenario, flow, steps, targets)
    machine = build_machine(entry, targets)
    return Chart(
        id=ChartId(hashlib.sha256(canonical(scenario, flow)).hexdigest()),
        scenario=scenario,
        flow_name=flow.name,
        entry=entry,
        steps=steps,
        outcomes={step: tuple(ways) for step, ways in targets.items()},
        counters=frozenset(_counters(steps.values(), targets)),
        users=expansion.users,
        machine=machine.chart,
        event_names=machine.events,
        table=read_machine(machine),
    )


def _counters(steps: Iterable[Step], targets: Mapping[StepId, Mapping[Outcome, StepId | None]]) -> Iterator[str]:
    for step in steps:
        for outcome in targets[step.id]:
            yield from (variable.name for variable in step.defining(outcome) if variable.given)


def _entry(
    scenario: Scenario, flow: Flow, steps: Mapping[StepId, Step], targets: Mapping[StepId, Mapping[Outcome, StepId | None]]
) -> StepId:
    entries = [step.id for step in flow.steps if isinstance(step, Entry)]
    dangling = any(target is not None and target not in steps for ways in targets.values() for target in ways.values())
    if dangling or len(entries) != 1 or len(steps) != len(flow.steps):
        raise _cannot_compile(scenario, flow)
    return entries[0]


def _cannot_compile(scenario: Scenario, flow: Flow) -> FlowError:
    return FlowError(f"{flow.name} of scenario {quoted(scenario.name)} cannot be compiled; `callengine lint` says why")
