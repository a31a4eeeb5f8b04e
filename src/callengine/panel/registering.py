"""What the panel is told at start: which scenarios and lines there are."""

import json
from collections.abc import Iterable
from typing import Protocol

import structlog
import trio
from attrs import frozen

from callengine.errors import PanelRefused, PanelUnavailable
from callengine.model import Ambient, LineSpec, MessageId
from callengine.panel.client import REGISTER_LINES, REGISTER_SCENARIOS

LONGEST_PAUSE = 300.0
"""Seconds between two tries at most."""

log = structlog.get_logger()


class Teller(Protocol):
    """Whoever can tell the panel something."""

    async def tell(self, path: str, body: str, key: MessageId) -> None:
        """As `PanelClient.tell`."""
        ...


@frozen
class Registrar:
    """Registers with the panel. It keeps trying while the panel is down, and leaves a panel alone that will not hear of it.

    Args:
        old_fields: whether scenarios register by name alone, as older panels want it.
    """

    panel: Teller
    company: str
    ambient: Ambient
    old_fields: bool = False

    async def scenarios(self, scenarios: Iterable[tuple[str, str]]) -> None:
        """Register scenarios by name and display name; returns when the panel has taken or refused them."""
        rows = [name if self.old_fields else {"name": name, "display_name": shown or name} for name, shown in scenarios]
        body = json.dumps({"company": self.company, "scenarios": rows})
        await self._register(REGISTER_SCENARIOS, body, f"{len(rows)} scenarios")

    async def lines(self, lines: Iterable[LineSpec]) -> None:
        """Register lines; returns when the panel has taken or refused them."""
        rows = [{"phone_number": line.id, "display_name": line.display_name or line.id} for line in lines]
        body = json.dumps({"company": self.company, "lines": rows})
        await self._register(REGISTER_LINES, body, f"{len(rows)} outbound lines")

    async def _register(self, path: str, body: str, what: str) -> None:
        key = MessageId(self.ambient.new_id())
        pause = 1.0
        while True:
            try:
                await self.panel.tell(path, body, key)
            except PanelRefused as error:
                log.warning("The panel did not register what we have", what=what, reason=str(error))
                return
            except PanelUnavailable as error:
                wait = max(pause * self.ambient.rng.uniform(0.5, 1.0), min(error.retry_after or 0.0, LONGEST_PAUSE))
                log.warning("Registration waits for the panel", what=what, reason=str(error), retry_seconds=round(wait, 1))
                await trio.sleep(wait)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                log.info(f"Registered {what} with panel")
                return
