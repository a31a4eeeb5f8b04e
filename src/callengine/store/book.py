"""The book in a database: the verbs of calls, over the rooms of its aggregates."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from callengine.errors import ContactTaken, DoNotDial, NumberBusy, StoreError
from callengine.model import (
    Ambient,
    Attempt,
    AttemptState,
    Callback,
    Cause,
    ContactState,
    Digits,
    Placement,
    Received,
    Result,
)
from callengine.store import contacts as people
from callengine.store.attempts import FINAL, NEXT, SqlAttempts, record_of, row_of
from callengine.store.callbacks import SqlCallbacks
from callengine.store.calls import SqlCalls
from callengine.store.contacts import SqlContacts
from callengine.store.do_not_dial import SqlDoNotDialList
from callengine.store.inspection import SqlInspection
from callengine.store.keeping import SqlKeeping
from callengine.store.ledger import SqlLedger
from callengine.store.notebook import SqlNotebook
from callengine.store.operators import SqlOperatorStatistics
from callengine.store.outbox import SqlOutbox
from callengine.store.pauses import SqlPauses
from callengine.store.placements import SqlPlacements
from callengine.store.sql import AnyRow
from callengine.store.tables import attempts, contacts, do_not_dial
from callengine.store.timelines import SqlTimelines

OPTED_OUT = "opted out"
"""The reason of an entry of the do-not-dial list that the person asked for in a call."""

S = AttemptState
_UNPLACED = (S.INTENDED, S.NEVER_PLACED)
_a, _c = attempts.c, contacts.c

_STANDING = select(
    select(_c.state).where(_c.id == bindparam("contact")).scalar_subquery().label("state"),
    exists().where(_c.campaign == bindparam("campaign"), _c.intent == bindparam("intent")).label("listed"),
    exists().where(do_not_dial.c.number == bindparam("number")).label("blocked"),
    exists().where(_a.open_number == bindparam("number")).label("busy"),
    exists().where(_a.id == bindparam("attempt")).label("written"),
)
"""Everything that is asked of the book before an attempt is written."""

_BEGIN = insert(attempts)
_KNOWN = select(_a.state, _a.contact).where(_a.id == bindparam("attempt"))
_REPLACE = update(attempts).where(_a.id == bindparam("attempt"))
_PENDING = update(contacts).where(_c.id == bindparam("contact"), _c.state == ContactState.PENDING.value)
_DIAL = _PENDING.values(state=ContactState.DIALLING.value)
_DECLINE = _PENDING.values(state=ContactState.DONE.value, result=bindparam("outcome"))
_DIALLING = update(contacts).where(_c.id == bindparam("contact"), _c.state == ContactState.DIALLING.value)
_TRY = _DIALLING.values(tried=_c.tried + 1)
_FINISH = _DIALLING.values(state=ContactState.DONE.value, result=bindparam("outcome"), tried=_c.tried + bindparam("more"))
_RETURN = _DIALLING.values(state=ContactState.PENDING.value)


class SqlBook:
    """A `Book` on a connection whose transactions are somebody else's affair.

    Args:
        ambient: tells when something that has no time of its own was written.
    """

    def __init__(self, connection: Connection, ambient: Ambient) -> None:
        self.connection = connection
        self.ambient = ambient
        self.contacts = SqlContacts(connection)
        self.do_not_dial = SqlDoNotDialList(connection)
        self.placements = SqlPlacements(connection)
        self.attempts = SqlAttempts(connection)
        self.calls = SqlCalls(connection)
        self.timelines = SqlTimelines(connection)
        self.outbox = SqlOutbox(connection)
        self.pauses = SqlPauses(connection)
        self.operators = SqlOperatorStatistics(connection)
        self.ledger = SqlLedger(connection)
        self.keeping = SqlKeeping(connection)
        self.notebook = SqlNotebook(connection)
        self.inspection = SqlInspection(connection)

    def intend(self, attempt: Attempt) -> None:
        """Write down an attempt that will be made, its contact as being dialled, and its placement on the line.

        Raises:
            ContactTaken: the contact is not pending any more, or stands in the store under another id.
            DoNotDial: the number is on the do-not-dial list.
            NumberBusy: the number is being dialled for another contact.
            StoreError: the attempt is in the book already, or begins in another state than intended.
        """
        if attempt.state is not S.INTENDED:
            raise StoreError(f"attempt {attempt.id} cannot begin as {attempt.state.value}")
        contact = attempt.contact
        standing = self._standing(attempt)
        if standing.blocked:
            raise DoNotDial(f"{contact.number} is on the do-not-dial list")
        if standing.busy:
            raise NumberBusy(f"{contact.number} is being dialled for another contact")
        if standing.state is None:
            self.connection.execute(people.INSERT, people.row_of(contact, ContactState.DIALLING))
        else:
            self.connection.execute(_DIAL, {"contact": contact.id})
        self.placements.place(Placement(attempt.id, attempt.line, attempt.placed_at))
        self.connection.execute(_BEGIN, row_of(attempt, self.ambient.wall()))

    def decline(self, attempt: Attempt) -> None:
        """Write down an attempt that will not be made, with its reason: it and its contact are over before they began.

        Raises:
            ContactTaken: the contact is not pending any more, or stands in the store under another id. Nothing is written.
            StoreError: the attempt is in the book already, or may still be made.
        """
        if attempt.state is not S.NEVER_PLACED:
            raise StoreError(f"attempt {attempt.id} is declined, yet {attempt.state.value}")
        contact, result = attempt.contact, _result_of(attempt)
        if self._standing(attempt).state is None:
            self.connection.execute(people.INSERT, people.row_of(contact, ContactState.DONE, result))
        else:
            self.connection.execute(_DECLINE, {"contact": contact.id, "outcome": result})
        self.connection.execute(_BEGIN, row_of(attempt, self.ambient.wall()))

    def _standing(self, attempt: Attempt) -> AnyRow:
        """What the book knows before an attempt is written, for a contact who is pending or new."""
        contact = attempt.contact
        asked = {
            "contact": contact.id,
            "campaign": contact.campaign,
            "intent": contact.intent or contact.number,
            "number": contact.number,
            "attempt": attempt.id,
        }
        standing: AnyRow = self.connection.execute(_STANDING, asked).one()
        if standing.written:
            raise StoreError(f"attempt {attempt.id} is in the book already")
        if standing.state not in (None, ContactState.PENDING.value):
            raise ContactTaken(f"contact {contact.id} is {standing.state}, not pending")
        if standing.state is None and standing.listed:
            raise ContactTaken(f"{contact.number} stands in campaign {contact.campaign or '(none)'} under another id")
        return standing

    def update(self, attempt: Attempt) -> None:
        """Replace the record of an attempt by its newer state; one in a final state stays as it is.

        Its contact and its placement follow. A call that is over and does not tell when it was placed counts as of now.

        Raises:
            StoreError: it is not in the book, or its state would be taken back.
        """
        row = self.connection.execute(_KNOWN, {"attempt": attempt.id}).first()
        if row is None:
            raise StoreError(f"attempt {attempt.id} is not in the book")
        known = AttemptState(row.state)
        if known in FINAL:
            return
        if attempt.state is not known and attempt.state not in NEXT[known]:
            raise StoreError(f"attempt {attempt.id} is {known.value} and cannot become {attempt.state.value}")
        now = self.ambient.wall()
        self.connection.execute(_REPLACE, {"attempt": attempt.id, **record_of(attempt, now)})
        self._move_contact(row.contact, attempt, newly_placed=known is S.INTENDED and attempt.state not in _UNPLACED)
        if attempt.state is S.NEVER_PLACED:
            self.placements.drop(attempt.id)
        elif attempt.placed_at is not None or attempt.state in FINAL:
            self.placements.date(attempt.id, attempt.placed_at or now)

    def _move_contact(self, contact: str, attempt: Attempt, *, newly_placed: bool) -> None:
        if attempt.state is S.NEVER_PLACED and not _is_declined(attempt):
            self.connection.execute(_RETURN, {"contact": contact})
        elif attempt.state is not S.NEVER_PLACED and not attempt.uses_up_contact:
            if attempt.state in FINAL:
                self.connection.execute(_RETURN, {"contact": contact})
        elif attempt.state in FINAL:
            over = {"contact": contact, "outcome": _result_of(attempt), "more": int(newly_placed)}
            self.connection.execute(_FINISH, over)
        elif newly_placed:
            self.connection.execute(_TRY, {"contact": contact})

    def receive(self, received: Received) -> None:
        """Write down a call that came in, or replace its record; one that has its outcome stays as it is."""
        self.calls.write(received, self.ambient.wall())

    def permit(self, number: Digits) -> None:
        """Look once more whether a number may be dialled.

        Raises:
            DoNotDial: the number is on the do-not-dial list.
        """
        if self.do_not_dial.holds(number):
            raise DoNotDial(f"{number} is on the do-not-dial list")

    def opt_out(self, number: Digits) -> None:
        """Put a number on the do-not-dial list: no intent for it is written from now on."""
        self.do_not_dial.add([number], self.ambient.wall(), OPTED_OUT)

    def call_back(self, callback: Callback) -> None:
        """Write down that somebody is to be called back: a contact of the highest priority, due at that time."""
        SqlCallbacks(self.connection).ask(callback)

    def callbacks(self) -> Sequence[Callback]:
        """Who asked to be called back, in the order in which they did."""
        return SqlCallbacks(self.connection).all()


def _result_of(attempt: Attempt) -> Result | None:
    return attempt.outcome.result if attempt.outcome else None


def _is_declined(attempt: Attempt) -> bool:
    """Whether somebody opted out between the intent and the request."""
    return attempt.outcome is not None and attempt.outcome.cause is Cause.DO_NOT_DIAL
