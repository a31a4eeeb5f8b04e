"""Which scenario a call gets: by weight among those that are active, fit the contact and are below their rate limits."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import structlog
import trio
from attrs import field, frozen

from callengine.dialer.rates import Charge, Rates
from callengine.dialer.rotation import Rotation
from callengine.fsm import Condition, RateLimits
from callengine.lines.windows import OPEN
from callengine.model import Ambient, ChartId, Contact, ScenarioUse

log = structlog.get_logger()


class Compiled(Protocol):
    """A flow that can be run, known by the hash of its content."""

    @property
    def id(self) -> ChartId: ...


C = TypeVar("C", bound=Compiled)


@frozen
class ReadyScenario(Generic[C]):
    """A scenario whose flows are compiled.

    Attributes:
        weight: its share among the others.
        conditions: what a contact must pass to be called with it; whoever calls us need not.
        rate_limits: on the calls it is given, outbound and inbound together.
    """

    name: str
    flow: C
    inbound_flow: C | None = None
    weight: float = 1.0
    conditions: tuple[Condition, ...] = ()
    rate_limits: RateLimits = field(factory=RateLimits)

    def fits(self, contact: Contact) -> bool:
        """Whether a contact passes all conditions; the number that is dialled counts as a field `number`.

        Who is to be called with one scenario fits that one alone.
        """
        if contact.scenario:
            return contact.scenario == self.name
        fields = {**contact.fields, "number": contact.number}
        return all(condition.holds(fields) for condition in self.conditions)


@frozen
class Assigned(Generic[C]):
    """A scenario given to a contact.

    Attributes:
        charge: what the call counts in the scenario's rate limits; to be settled by whoever places the call.
    """

    scenario: ReadyScenario[C]
    charge: Charge


class Assignment(Generic[C]):
    """Gives each call its scenario. Outbound and inbound calls each take turns of their own.

    Log lines keep the words operators search for: "Assigned scenario", "Active scenarios updated".

    Args:
        scenarios: all that are loaded, active until `set_active` says otherwise.
        ambient: whose wall clock says what day it is.
    """

    def __init__(self, scenarios: Iterable[ReadyScenario[C]], ambient: Ambient) -> None:
        self._ambient = ambient
        self._outbound = Rotation()
        self._inbound = Rotation()
        self._loaded: dict[str, ReadyScenario[C]] = {}
        self._rates: dict[str, Rates] = {}
        """Of scenarios that are gone, too: one that comes back has not forgotten the day's calls."""
        self._wanted: tuple[str, ...] | None = None
        self._some_active = trio.Event()
        self._watched: dict[trio.CancelScope, tuple[Contact, ...]] = {}
        self._take_up(scenarios)

    @property
    def scenarios(self) -> tuple[ReadyScenario[C], ...]:
        """All that are loaded, active or not."""
        return tuple(self._loaded.values())

    @property
    def active(self) -> tuple[str, ...]:
        return tuple(name for name in self._loaded if self._wanted is None or name in self._wanted)

    def load(self, scenarios: Iterable[ReadyScenario[C]]) -> None:
        """Replace all scenarios, as a reload does; calls that run keep theirs."""
        before = self.active
        self._take_up(scenarios)
        self._tell_active(before)

    def restore(self, uses: Iterable[ScenarioUse], now: datetime) -> None:
        """Count again in the rate limits what was used before a restart; calls without a time, or with one to come, as of now.

        Args:
            uses: of a day, at least; earlier ones do no harm. Scenarios that are not loaded count too: they may come back.
            now: by the wall clock, when they were read.
        """
        ages: dict[str, list[float]] = defaultdict(list)
        for use in uses:
            age = (now - use.at).total_seconds() if use.at is not None else 0.0
            ages[use.scenario].append(max(age, 0.0))
        for name, those in ages.items():
            self._rates.setdefault(name, Rates(self._ambient)).restore(those)
        self._changed()

    def set_active(self, names: Iterable[str] | None) -> tuple[str, ...]:
        """Switch scenarios on and off; None means all. Returns the names nobody knows, which change nothing else."""
        before = self.active
        self._wanted = None if names is None else tuple(dict.fromkeys(names))
        unknown = tuple(name for name in self._wanted or () if name not in self._loaded)
        if unknown:
            log.warning("Unknown scenarios among the active ones", unknown=unknown, loaded=tuple(self._loaded))
        self._refill()
        self._tell_active(before)
        return unknown

    def _tell_active(self, before: tuple[str, ...]) -> None:
        if self.active != before:
            log.info("Active scenarios updated", active=self.active)

    def _take_up(self, scenarios: Iterable[ReadyScenario[C]]) -> None:
        self._loaded = {scenario.name: scenario for scenario in scenarios}
        for scenario in self._loaded.values():
            self._rates.setdefault(scenario.name, Rates(self._ambient)).limit(scenario.rate_limits)
        self._refill()

    def _refill(self) -> None:
        active = [self._loaded[name] for name in self.active]
        self._outbound.fill({scenario.name: scenario.weight for scenario in active})
        self._inbound.fill({scenario.name: scenario.weight for scenario in active if scenario.inbound_flow is not None})
        if active:
            self._some_active.set()
        elif self._some_active.is_set():
            self._some_active = trio.Event()
        self._changed()

    async def wait_active(self) -> None:
        """Wait until some scenario is active."""
        while not self.active:
            await self._some_active.wait()

    def serves(self, contact: Contact) -> bool:
        """Whether an active scenario fits this contact, be it at its rate limits or not."""
        return any(True for _ in self._fitting(contact))

    def due_at(self, contact: Contact) -> float:
        """When there is something to decide about this contact, on trio's clock.

        OPEN if that is now: a scenario may be assigned, or none fits. Infinity while time alone will not help.
        """
        if not self.active:
            return math.inf
        return min((self._rates[name].opens_at() for name in self._fitting(contact)), default=OPEN)

    @contextmanager
    def until_due(self, contacts: Iterable[Contact]) -> Iterator[None]:
        """Cut the block short as soon as there is something to decide about one of these contacts."""
        with trio.CancelScope() as scope:
            self._watched[scope] = tuple(contacts)
            self._changed()
            try:
                yield
            finally:
                del self._watched[scope]

    def _changed(self) -> None:
        """Set the alarms anew. Run whenever scenarios, their limits or what counts in them have changed."""
        for scope, contacts in self._watched.items():
            scope.deadline = min(map(self.due_at, contacts), default=math.inf)

    def _fitting(self, contact: Contact) -> Iterator[str]:
        return (name for name in self.active if self._loaded[name].fits(contact))

    def _below_limits(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if self._rates[name].opens_at() == OPEN]

    def outbound(self, contact: Contact) -> Assigned[C] | None:
        """The scenario for a call of ours; None if no active one that fits is below its rate limits."""
        name = self._outbound.next(self._below_limits(self._fitting(contact)))
        if name is None:
            return None
        log.info(f"Assigned scenario '{name}' to contact {contact.number}", contact=contact.id)
        return Assigned(self._loaded[name], self._charge(name))

    def inbound(self, caller: str) -> ReadyScenario[C] | None:
        """The scenario for a caller; None if no active one with an inbound flow is below its rate limits."""
        name = self._inbound.next(self._below_limits(self.active))
        if name is None:
            return None
        self._charge(name).placed()
        log.info(f"Assigned scenario '{name}' to inbound caller", caller=caller)
        return self._loaded[name]

    def _charge(self, name: str) -> Charge:
        return Charge(self._rates[name].take(), self._changed)
