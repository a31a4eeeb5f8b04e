"""Which scenario a call gets: round-robin over the active ones, outbound and inbound each with a place of their own."""

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

import structlog
import trio
from attrs import frozen

from callengine.model import ChartId, Contact

log = structlog.get_logger()


class Compiled(Protocol):
    """A flow that can be run, known by the hash of its content."""

    @property
    def id(self) -> ChartId: ...


C = TypeVar("C", bound=Compiled)


@frozen
class ReadyScenario(Generic[C]):
    """A scenario whose flows are compiled."""

    name: str
    flow: C
    inbound_flow: C | None = None


class _RoundRobin(Generic[C]):
    """One after another, going on after the last one served even when the list changes."""

    def __init__(self) -> None:
        self._ring: tuple[ReadyScenario[C], ...] = ()
        self._last: str | None = None

    def fill(self, scenarios: Iterable[ReadyScenario[C]]) -> None:
        self._ring = tuple(scenarios)

    def next(self) -> ReadyScenario[C] | None:
        if not self._ring:
            return None
        names = [scenario.name for scenario in self._ring]
        at = names.index(self._last) + 1 if self._last in names else 0
        chosen = self._ring[at % len(self._ring)]
        self._last = chosen.name
        return chosen


class Assignment(Generic[C]):
    """Gives each call its scenario.

    Log lines keep the words operators search for: "Assigned scenario", "Active scenarios updated".

    Args:
        scenarios: all that are loaded, active until `set_active` says otherwise.
    """

    def __init__(self, scenarios: Iterable[ReadyScenario[C]]) -> None:
        self._outbound: _RoundRobin[C] = _RoundRobin()
        self._inbound: _RoundRobin[C] = _RoundRobin()
        self._loaded: dict[str, ReadyScenario[C]] = {}
        self._wanted: tuple[str, ...] | None = None
        self._some_active = trio.Event()
        self.load(scenarios)

    @property
    def scenarios(self) -> tuple[ReadyScenario[C], ...]:
        """All that are loaded, active or not."""
        return tuple(self._loaded.values())

    @property
    def active(self) -> tuple[str, ...]:
        return tuple(name for name in self._loaded if self._wanted is None or name in self._wanted)

    def load(self, scenarios: Iterable[ReadyScenario[C]]) -> None:
        """Replace all scenarios, as a reload does; calls that run keep theirs."""
        self._loaded = {scenario.name: scenario for scenario in scenarios}
        self._refill()

    def set_active(self, names: Iterable[str] | None) -> tuple[str, ...]:
        """Switch scenarios on and off; None means all. Returns the names nobody knows, which change nothing else."""
        before = self.active
        self._wanted = None if names is None else tuple(dict.fromkeys(names))
        unknown = tuple(name for name in self._wanted or () if name not in self._loaded)
        if unknown:
            log.warning("Unknown scenarios among the active ones", unknown=unknown, loaded=tuple(self._loaded))
        self._refill()
        if self.active != before:
            log.info("Active scenarios updated", active=self.active)
        return unknown

    def _refill(self) -> None:
        active = [self._loaded[name] for name in self.active]
        self._outbound.fill(active)
        self._inbound.fill(scenario for scenario in active if scenario.inbound_flow is not None)
        if active:
            self._some_active.set()
        elif self._some_active.is_set():
            self._some_active = trio.Event()

    async def wait_active(self) -> None:
        """Wait until some scenario is active."""
        while not self.active:
            await self._some_active.wait()

    def outbound(self, contact: Contact) -> ReadyScenario[C] | None:
        """The next scenario for a call of ours; None if none is active."""
        scenario = self._outbound.next()
        if scenario is not None:
            log.info(f"Assigned scenario '{scenario.name}' to contact {contact.number}", contact=contact.id)
        return scenario

    def inbound(self, caller: str) -> ReadyScenario[C] | None:
        """The next scenario for a caller; None if no active one has an inbound flow."""
        scenario = self._inbound.next()
        if scenario is not None:
            log.info(f"Assigned scenario '{scenario.name}' to inbound caller", caller=caller)
        return scenario
