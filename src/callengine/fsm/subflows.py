"""Subflows put in place: a flow with the steps of every subflow where it is used, so that all else knows flat flows alone.

The step `x` of a subflow that the step `ask` uses is `ask.x` there, and so are the counters of its `check_retry_limit`s. How
large that makes a flow is known before, so a small file cannot ask for a huge one.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from attrs import evolve, field, frozen

from callengine.fsm.graph import Successors, components
from callengine.fsm.renaming import renamed
from callengine.fsm.scenario import Flow, Scenario, Section
from callengine.fsm.step import Step
from callengine.fsm.steps import CheckRetryLimit, Enter, Entry, Leave, Return, Subflow
from callengine.model import StepId

MOST_STEPS = 20_000
"""Steps of a flow with its subflows in place."""
MOST_LETTERS = 16_000_000
"""Of the ids in it, those counted that steps lead to: every level of subflows makes ids longer."""


@frozen
class Size:
    """How large steps are with their subflows in place; no figure goes much beyond its limit.

    Attributes:
        ids: of the steps, and of those they lead to.
        letters: of these ids.
    """

    steps: int
    ids: int
    letters: int

    @property
    def too_large(self) -> bool:
        return self.steps > MOST_STEPS or self.letters > MOST_LETTERS


@frozen(eq=False)
class Subflows:
    """The subflows of a scenario, as one whole."""

    scenario: Scenario

    @cached_property
    def outcomes(self) -> Mapping[str, tuple[str, ...]]:
        """Of the `return` steps of each."""
        named = self.scenario.subflows.items()
        return {name: tuple(dict.fromkeys(step.outcome for step in steps if isinstance(step, Return))) for name, steps in named}

    @cached_property
    def successors(self) -> Successors:
        """Which subflows each of them uses, by their places in the file."""
        places = {name: place for place, name in enumerate(self.scenario.subflows)}
        return [[places[name] for name in used_by(steps) if name in places] for steps in self.scenario.subflows.values()]

    @cached_property
    def sizes(self) -> Mapping[str, Size]:
        """Of each subflow whose references are all right, and that does not come back to itself."""
        names, found = tuple(self.scenario.subflows), dict[str, Size]()
        for component in components(range(len(names)), self.successors):
            name = names[component[0]]
            steps = self.scenario.subflows[name]
            size = self._size(steps, found) if len(component) == 1 and _is_sound(steps) else None
            if size is not None:
                found[name] = size
        return found

    def size(self, flow: Flow) -> Size | None:
        """Of a flow; None where it uses a subflow that cannot be put in place."""
        return self._size(flow.steps, self.sizes)

    def _size(self, steps: Iterable[Step], known: Mapping[str, Size]) -> Size | None:
        count = ids = letters = 0
        for step in steps:
            named = [step.id, *(target for target in step.targets().values() if target is not None)]
            count, ids, letters = count + 1, ids + len(named), letters + sum(map(len, named))
            if isinstance(step, Subflow):
                inner = known.get(step.flow)
                if inner is None or not set(self.outcomes[step.flow]).issubset(step.returns):
                    return None
                count, ids = count + inner.steps, ids + inner.ids
                letters += inner.letters + inner.ids * (len(step.id) + 1)
        most = MOST_LETTERS + 1
        return Size(min(count, most), min(ids, most), min(letters, most))


def used_by(steps: Iterable[Step]) -> Iterator[str]:
    """The subflows that steps use, as often as they use them."""
    return (step.flow for step in steps if isinstance(step, Subflow))


def _is_sound(steps: Iterable[Step]) -> bool:
    """Whether the steps of a subflow lead to each other, from one entry."""
    by_id = {step.id: step for step in steps}
    targets = (target for step in by_id.values() for target in step.targets().values())
    entries = sum(isinstance(step, Entry) for step in steps)
    return entries == 1 and len(by_id) == len(tuple(steps)) and all(each is None or each in by_id for each in targets)


@frozen
class Origin:
    """Where a step of a flow with its subflows in place comes from.

    Attributes:
        section: of the file.
        index: of the step in it.
        user: the step that uses the subflow; None if the flow itself has the step.
    """

    section: Section
    index: int
    user: StepId | None = None


@frozen(eq=False)
class Expansion:
    """A flow with its subflows in place."""

    flow: Flow
    _written: Section
    _origins: tuple[Origin, ...] = ()

    def origin(self, place: int) -> Origin:
        """Of the step at a place of the flow."""
        return self._origins[place] if self._origins else Origin(self._written, place)

    @property
    def users(self) -> Mapping[StepId, StepId]:
        """The step that uses the subflow, by the id of each step that a subflow has."""
        steps = zip(self.flow.steps, self._origins, strict=False)
        return {step.id: origin.user for step, origin in steps if origin.user is not None}


def expand(scenario: Scenario, flow: Flow) -> Expansion | None:
    """Put the subflows that a flow uses in place; None where one of them is wrong, or it would be too large."""
    written = Section((flow.name,), flow.steps)
    if not any(isinstance(step, Subflow | Return) for step in flow.steps):
        return Expansion(flow, written)
    size = Subflows(scenario).size(flow)
    if size is None or size.too_large or any(isinstance(step, Return) for step in flow.steps):
        return None
    steps, origins = zip(*_in_place(scenario, written), strict=True)
    return Expansion(evolve(flow, steps=steps), written, origins)


def steps_of(scenario: Scenario) -> Iterator[Step]:
    """Every step that calls of a scenario may come to, those of subflows once for each use."""
    for flow in scenario.flows:
        expansion = expand(scenario, flow)
        yield from () if expansion is None else expansion.flow.steps


@frozen(eq=False)
class _Use:
    """Steps, and what becomes of their ids where they are put.

    Attributes:
        user: the step that uses them, which takes the place of their entry; None for the flow itself.
        returns: the step that follows each outcome of theirs.
    """

    section: Section
    user: StepId | None = None
    entry: StepId | None = None
    returns: Mapping[str, StepId] = field(factory=dict)

    def named(self, name: str) -> str:
        return name if self.user is None else f"{self.user}.{name}"

    def id(self, step: StepId) -> StepId:
        return self.user if self.user is not None and step == self.entry else StepId(self.named(step))

    def put(self, step: Step) -> Step:
        if self.user is None:
            return step
        if isinstance(step, Return):
            return Leave(id=self.id(step.id), outcome=step.outcome, next=self.returns[step.outcome])
        here = renamed(step, self.id)
        return evolve(here, counter=self.named(here.counter)) if isinstance(here, CheckRetryLimit) else here


def _in_place(scenario: Scenario, written: Section) -> Iterator[tuple[Step, Origin]]:
    sections = {name: Section(("subflows", name), steps) for name, steps in scenario.subflows.items()}
    entries = {name: step for name, steps in scenario.subflows.items() for step in steps if isinstance(step, Entry)}
    path = [(_Use(written), iter(enumerate(written.steps)))]
    while path:
        use, further = path[-1]
        for index, step in further:
            if use.user is not None and step.id == use.entry:
                continue
            origin = Origin(use.section, index, use.user)
            if not isinstance(step, Subflow):
                yield use.put(step), origin
                continue
            section, entry = sections[step.flow], entries[step.flow]
            returns = {outcome: use.id(target) for outcome, target in step.returns.items()}
            inner = _Use(section, use.id(step.id), entry.id, returns)
            yield Enter(id=use.id(step.id), flow=step.flow, next=inner.id(entry.next)), origin
            path.append((inner, iter(enumerate(section.steps))))
            break
        else:
            path.pop()
