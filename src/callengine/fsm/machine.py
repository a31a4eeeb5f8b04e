"""A flow as a python-statemachine chart, built strictly.

Every step is a state inside the compound state `live`; `hung_up` leads from `live` to the final state, wherever the call is.
States and events bear made-up names (`s0`, `o0`), because the library gives some names a meaning of their own (`send`,
`model`, `id`), splits events at spaces, and would let an intent called `hung_up` override the parent's (seen on 3.2.2).
"""

from collections.abc import Iterator, Mapping
from types import new_class
from typing import cast

from attrs import frozen
from statemachine import State, StateChart
from statemachine.transition import Transition

from callengine.model import Outcome, StepId

HUNG_UP = "hung_up"
"""The event of the caller's hanging up."""
_ENDED = "ended"

Targets = Mapping[StepId, Mapping[Outcome, StepId | None]]
"""By step and outcome, the next step; None where the call ends."""

_STRICT = {
    "allow_event_without_transition": False,
    "catch_errors_as_events": False,
    # Judging the shape of a flow is the linter's part: one of the field may hold steps that nothing reaches.
    "validate_disconnected_states": False,
    "validate_trap_states": False,
    "validate_final_reachability": False,
}


class _BareState(State):
    """A state without callbacks: to look for methods such as `on_enter_s0`, which a flow has none of, is half the work."""

    def _setup(self) -> None:
        """The library calls it (seen on 3.2.2) to name the methods that a machine might have for this state."""


class _BareTransition(Transition):
    """A transition without callbacks."""

    def _setup(self) -> None:
        """As that of the states."""


@frozen
class FlowMachine:
    """The library's machine, and the names that the flow's own words have in it."""

    chart: type[StateChart[object]]
    states: Mapping[StepId, str]
    events: Mapping[Outcome, str]


def build_machine(entry: StepId, targets: Targets) -> FlowMachine:
    """Declare the machine of a flow."""
    outcomes = dict.fromkeys(outcome for ways in targets.values() for outcome in ways)
    events = {outcome: f"o{number}" for number, outcome in enumerate(outcomes)}
    names = {step: f"s{number}" for number, step in enumerate(targets)}
    states: dict[StepId, State] = {step: _BareState(step, initial=step == entry) for step in targets}
    ended = State(final=True)
    for step, ways in targets.items():
        for target, event in _events_by_target(ways, events):
            transition = _BareTransition(states[step], ended if target is None else states[target], event=event)
            states[step].transitions.add_transitions(transition)
    children = {names[step]: state for step, state in states.items()}
    # A class statement with State.Compound as its base makes an instance of State, which the type checker cannot know.
    live = cast("State", new_class("live", (State.Compound,), {"initial": True}, lambda body: body.update(children)))
    live.to(ended, event=HUNG_UP)
    # One name for all charts: the library keeps every class in a registry by name and would never let go of an old flow's.
    chart = new_class("FlowChart", (StateChart,), {}, lambda body: body.update(_STRICT, live=live, **{_ENDED: ended}))
    return FlowMachine(chart, names, events)


def _events_by_target(
    ways: Mapping[Outcome, StepId | None], events: Mapping[Outcome, str]
) -> Iterator[tuple[StepId | None, str]]:
    """One transition a target, with all the events that lead there: transitions are what a machine costs to build."""
    together: dict[StepId | None, list[str]] = {}
    for outcome, target in ways.items():
        together.setdefault(target, []).append(events[outcome])
    for target, names in together.items():
        yield target, " ".join(names)


def read_machine(machine: FlowMachine) -> Mapping[StepId, Mapping[str, StepId | None]]:
    """The machine's transition table, by step and event: what stands at the step's own state, then at `live`."""
    steps = {name: step for step, name in machine.states.items()}
    table: dict[StepId, Mapping[str, StepId | None]] = {}
    for state in machine.chart.states_map.values():
        if state.id in steps:
            row: dict[str, StepId | None] = {}
            for place in (state, *state.ancestors()):
                for transition in place.transitions:
                    if not transition.initial:
                        for event in transition.events:
                            row.setdefault(event.id, steps.get(transition.target.id))
            table[steps[state.id]] = row
    return table
