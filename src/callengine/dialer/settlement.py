"""What is written down when a call is over, in one transaction: its outcome, what becomes of its contact, who is told."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

import attrs
import structlog
from attrs import frozen

from callengine.dialer.retries import again_at
from callengine.model import Ambient, Attempt, AttemptState, Book, Cause, Received, Result, RetryRule

AFTER_A_FAULT = timedelta(seconds=60)
"""A contact whose call could not even be placed is due again after so long: a fault that lasts must not spin."""

log = structlog.get_logger()

Over = Attempt | Received
"""A call of ours, or one that came in, that has its outcome."""

Ended = TypeVar("Ended", Attempt, Received)

Unit = Callable[[Book], None]

Extra = Callable[[Over], Unit | None]
"""What else belongs into the transaction. It is asked on Trio's side; the unit that it returns runs wherever the store does."""


@frozen
class Settlement:
    """Makes the units that end calls.

    Args:
        retries: when contacts are called again, by result.
        extras: what else is written, in this order.
        keep_transcripts: whether what customers said is stored.
        begun: told of each attempt whose intent is written.
        after: told of each call once it is written.
    """

    ambient: Ambient
    retries: Mapping[Result, RetryRule] = MappingProxyType({})
    extras: tuple[Extra, ...] = ()
    keep_transcripts: bool = False
    begun: tuple[Callable[[Attempt], None], ...] = ()
    after: tuple[Callable[[Over], None], ...] = ()

    def attempt(self, attempt: Attempt) -> Unit:
        """An attempt has its outcome."""
        again, extras, withdrawn = self._again(attempt), self._extras(attempt), is_withdrawn(attempt)
        stored = self._stored(attempt)

        def unit(book: Book) -> None:
            book.update(stored)
            if again is not None:
                put_off = book.contacts.postpone if withdrawn else book.contacts.recycle
                put_off(stored.contact.id, again)
            for extra in extras:
                extra(book)

        return unit

    def declined(self, attempt: Attempt) -> Unit:
        """An attempt will not be made."""
        extras = self._extras(attempt)

        def unit(book: Book) -> None:
            book.decline(attempt)
            for extra in extras:
                extra(book)

        return unit

    def received(self, received: Received) -> Unit:
        """A call that came in has its outcome."""
        extras = self._extras(received)
        stored = self._stored(received)

        def unit(book: Book) -> None:
            book.receive(stored)
            for extra in extras:
                extra(book)

        return unit

    def begins(self, attempt: Attempt) -> None:
        """The intent of an attempt is written."""
        for told in self.begun:
            told(attempt)

    def written(self, over: Over) -> None:
        """The unit is committed."""
        for told in self.after:
            told(over)

    def _extras(self, over: Over) -> tuple[Unit, ...]:
        """Whatever was withdrawn before it was placed is no news to anybody."""
        if isinstance(over, Attempt) and is_withdrawn(over):
            return ()
        return tuple(unit for extra in self.extras if (unit := extra(over)) is not None)

    def _stored(self, over: Ended) -> Ended:
        if self.keep_transcripts or over.outcome is None or not over.outcome.transcript:
            return over
        return attrs.evolve(over, outcome=attrs.evolve(over.outcome, transcript=""))

    def _again(self, attempt: Attempt) -> datetime | None:
        now = self.ambient.wall()
        if is_withdrawn(attempt):
            stopped = attempt.outcome is None or attempt.outcome.cause is Cause.SHUTDOWN
            return None if stopped else now + AFTER_A_FAULT
        if attempt.outcome is None or attempt.state is not AttemptState.SETTLED or not attempt.uses_up_contact:
            return None
        again = again_at(attempt.outcome.result, attempt.contact.tried + 1, now, self.retries)
        if again is not None:
            log.info("Contact is called again", contact=attempt.contact.id, after=attempt.outcome.result, due=again.isoformat())
        return again


def is_withdrawn(attempt: Attempt) -> bool:
    """Whether an attempt was never placed and its contact is to be called all the same."""
    refused = attempt.outcome is not None and attempt.outcome.cause in (Cause.REFUSED, Cause.DO_NOT_DIAL)
    return attempt.state is AttemptState.NEVER_PLACED and not refused
