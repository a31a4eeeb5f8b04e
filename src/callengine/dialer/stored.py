"""Contacts of a campaign, out of the store as they become due."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

import structlog
import trio
from attrs import define, field

from callengine.dialer.call_windows import CallWindows
from callengine.model import Ambient, Attempt, Book, Contact, ContactId, ContactState, Store

CHUNK = 200
"""Contacts read at once; no more than so many are in memory, but for those who were set aside."""

LOOK_AGAIN = 2.0
"""Seconds between two looks for contacts that another process may have added."""

MOST_REHEARSED = 10_000
"""Contacts called in test mode by one run; each is remembered, for the store has them as not called."""

log = structlog.get_logger()


@define(eq=False)
class StoredContacts:
    """A source of contacts that survives restarts: a contact is pending until the intent to call it is written.

    Whom a call in test mode has not used up is pending again afterwards, and not given out again by the same source.

    Args:
        windows: contacts outside their hours are put off; None where they may be called at any time.
        stay: wait for more contacts for ever; otherwise the source ends when all have been called, but for callbacks that
            are not due yet.
        more_to_come: whether somebody, such as a panel, will add contacts; the source does not end while that is so.
    """

    store: Store
    campaign: str
    ambient: Ambient
    windows: CallWindows | None = None
    stay: bool = True
    more_to_come: Callable[[], bool] = field(default=lambda: False)
    waiting: Callable[[], tuple[Contact, ...]] = field(default=tuple)
    """Contacts that were given out and whose intent is not written yet; set by whoever takes them."""
    _ready: deque[Contact] = field(factory=deque, init=False)
    _news: trio.Event = field(factory=trio.Event, init=False)
    _rehearsed: set[ContactId] = field(factory=set, init=False)

    def __aiter__(self) -> "StoredContacts":
        return self

    def poke(self) -> None:
        """Something has changed: contacts were added, or a call is over."""
        self._news.set()

    def begun(self, attempt: Attempt) -> None:
        """The intent to call a contact is written."""
        if not attempt.uses_up_contact:
            self._rehearsed.add(attempt.contact.id)

    async def __anext__(self) -> Contact:
        if len(self._rehearsed) >= MOST_REHEARSED:
            log.warning("Test mode has called enough contacts; start it again to call more", contacts=len(self._rehearsed))
            raise StopAsyncIteration
        while not self._ready:
            self._news = trio.Event()
            self._ready.extend(await self._due())
            if not self._ready:
                nap = await self._until_next()
                if nap is None:
                    raise StopAsyncIteration
                with trio.move_on_after(nap):
                    await self._news.wait()
        return self._ready.popleft()

    async def _due(self) -> list[Contact]:
        """Those who may be called now. Whoever may not is put off; who never may is given out, too: to be declined."""
        now = self.ambient.wall()
        beside = self._rehearsed.union(contact.id for contact in self.waiting())
        due: list[Contact] = []
        while not due:
            found = await self.store.read(lambda book: book.contacts.due(self.campaign, now, CHUNK, beside))
            later = self._closed(found, now)
            if later:
                await self.store.write(partial(_put_off, later))
            due = [contact for contact in found if contact.id not in later]
            if not later:
                break
        return due

    def _closed(self, contacts: Iterable[Contact], now: datetime) -> Mapping[ContactId, datetime]:
        """Those outside their hours, with when these begin."""
        if self.windows is None:
            return {}
        opening = {contact.id: self.windows.opens_at(contact, now) for contact in contacts}
        return {contact: at for contact, at in opening.items() if at is not None and at > now}

    async def _until_next(self) -> float | None:
        """Seconds until it is worth looking again; None when the source is at its end."""
        now = self.ambient.wall()

        def look(book: Book) -> tuple[datetime | None, bool]:
            under_way = not self.stay and bool(book.contacts.counts(self.campaign).get(ContactState.DIALLING))
            return book.contacts.next_due(self.campaign, now, callbacks=self.stay), under_way

        next_due, under_way = await self.store.read(look)
        more = self.more_to_come() if next_due is None else True
        if not (more or under_way or self.stay or self._news.is_set()):
            return None
        until = math.inf if next_due is None else max(0.0, (next_due - now).total_seconds())
        return min(until, LOOK_AGAIN)


def _put_off(later: Mapping[ContactId, datetime], book: Book) -> None:
    for contact, opening in later.items():
        book.contacts.postpone(contact, opening)
