"""The order in which contacts come up: that of their source, but for those who wait for a rate limit of a scenario."""

from typing import Generic, TypeVar

import structlog
import trio

from callengine.dialer.assignment import Assignment, Compiled
from callengine.dialer.contacts import ContactSource
from callengine.lines.windows import OPEN
from callengine.model import Contact

MOST_ASIDE = 100
"""Contacts who wait for a rate limit at once. When so many do, no other is taken from the source until one of them is due."""

log = structlog.get_logger()

C = TypeVar("C", bound=Compiled)


class Hopper(Generic[C]):
    """Gives out contacts one by one. Those who were set aside come first, as soon as something can be decided about them.

    Attributes:
        aside: contacts who wait, the first set aside first.
    """

    def __init__(self, contacts: ContactSource, assignment: Assignment[C]) -> None:
        self.aside: list[Contact] = []
        self._contacts = aiter(contacts)
        self._assignment = assignment
        self._at_end = False

    def set_aside(self, contact: Contact) -> None:
        """Let others go before this contact, until an active scenario that fits is below its rate limits."""
        log.info("Contact waits: the scenarios that fit are at their rate limits", contact=contact.id)
        self.aside.append(contact)

    def __aiter__(self) -> "Hopper[C]":
        return self

    async def __anext__(self) -> Contact:
        while not self._at_end or self.aside:
            contact = self._due() or await self._next_of_source()
            if contact is not None:
                return contact
        raise StopAsyncIteration

    def _due(self) -> Contact | None:
        for place, contact in enumerate(self.aside):
            if self._assignment.due_at(contact) == OPEN:
                return self.aside.pop(place)
        return None

    async def _next_of_source(self) -> Contact | None:
        """None when the source is at its end, or somebody who was set aside is due first."""
        with self._assignment.until_due(self.aside):
            if self._at_end or len(self.aside) >= MOST_ASIDE:
                await trio.sleep_forever()
            contact = await anext(self._contacts, None)
            self._at_end = contact is None
            return contact
        return None
