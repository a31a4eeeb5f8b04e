"""The panel's word on everything but contacts: whether calls are allowed, and with which lines, operators and scenarios."""

from collections.abc import Callable
from datetime import tzinfo

import structlog
import trio
from attrs import define, field, frozen

from callengine.errors import WrongShape
from callengine.model import Direction, Store
from callengine.panel import Announcement, Known, Metadata, PanelAgent, PanelLine, announcement_of

NAME = "panel.word"
"""Where the notebook has the last answer."""

log = structlog.get_logger()


@frozen
class Appliers:
    """Who is told of which part, at its first mention and whenever it changes. They do what they can of it, and raise nothing.

    Attributes:
        lines: that calls are to leave by, instead of those there are.
        operators: for calls of a direction, instead of those there are.
        scenarios: that are to be active, by name; None for all.
        zone: of the panel's clock.
    """

    lines: Callable[[tuple[PanelLine, ...]], None] = lambda _: None
    operators: Callable[[Direction, tuple[PanelAgent, ...]], None] = lambda *_: None
    scenarios: Callable[[tuple[str, ...] | None], None] = lambda _: None
    zone: Callable[[tzinfo], None] = lambda _: None


@define(eq=False)
class PanelWord:
    """What the panel said last, in force until it says otherwise; a restart begins with it.

    Attributes:
        allowed: whether it allows calls. Before its first word ever it does not.
        known: what it calls things by.
    """

    appliers: Appliers = field(factory=Appliers)
    allowed: bool = field(default=False, init=False)
    known: Known = field(factory=Known, init=False)
    _opened: trio.Event = field(factory=trio.Event, init=False)
    _metadata: Metadata | None = field(default=None, init=False)
    _said: str = field(default="", init=False)
    _kept: str = field(default="", init=False)

    async def wait_allowed(self) -> None:
        """Wait until calls are allowed."""
        await trio.lowlevel.checkpoint()
        while not self.allowed:
            await self._opened.wait()

    async def recall(self, store: Store) -> None:
        """Have the last word of an earlier run be in force, if there was one.

        Raises:
            StoreError: it cannot be read.
        """
        kept = await store.read(lambda book: book.notebook.read(NAME))
        if kept is None:
            return
        try:
            answer = announcement_of(kept.encode())
        except WrongShape as error:
            log.warning("The panel's last word cannot be read any more", reason=error.reason)
            return
        self.hear(answer)
        self._kept = kept

    async def keep(self, store: Store) -> None:
        """Write down the word that is in force, unless it stands there already.

        Raises:
            StoreError: it could not be kept.
        """
        said = self._said
        if said != self._kept:
            await store.write(lambda book: book.notebook.write(NAME, said))
            self._kept = said

    def hear(self, answer: Announcement) -> None:
        """Have a word be in force."""
        self._said = answer.kept
        before, now = self._metadata, answer.metadata
        self.known = self.known.after(now)
        if now.outbound_lines is not None and (before is None or now.outbound_lines != before.outbound_lines):
            self.appliers.lines(now.outbound_lines)
        for direction, agents, earlier in self._agents(now):
            if agents is not None and agents != earlier:
                self.appliers.operators(direction, agents)
        if before is None or now.active_scenarios != before.active_scenarios:
            named = now.active_scenarios
            self.appliers.scenarios(None if named is None else tuple(scenario.name for scenario in named))
        if now.zone is not None and (before is None or now.zone != before.zone):
            self.appliers.zone(now.zone)
        self._metadata = now.over(before)
        self._allow(answer)

    def _agents(
        self, now: Metadata
    ) -> tuple[tuple[Direction, tuple[PanelAgent, ...] | None, tuple[PanelAgent, ...] | None], ...]:
        before = self._metadata or Metadata()
        return (
            ("inbound", now.inbound_agents, before.inbound_agents),
            ("outbound", now.outbound_agents, before.outbound_agents),
        )

    def _allow(self, answer: Announcement) -> None:
        if answer.call_allowed and not self.allowed:
            log.info("The panel allows calls")
            self._opened.set()
        elif self.allowed and not answer.call_allowed:
            log.info("The panel allows no calls", reason=answer.reason)
            self._opened = trio.Event()
        self.allowed = answer.call_allowed
