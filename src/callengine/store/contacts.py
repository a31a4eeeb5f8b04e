"""Whom to call, and where they are on the way to it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from attrs import frozen
from sqlalchemy import Connection, bindparam, func, insert, select, update

from callengine.model import Added, Contact, ContactId, ContactState, Digits, Listed, Result, Source
from callengine.store.sql import AnyRow, fields_of, fields_text, in_batches, unless_there
from callengine.store.tables import contacts

_c = contacts.c
CONTACT_COLUMNS = (
    _c.id,
    _c.number,
    _c.phone_number,
    _c.fields,
    _c.campaign,
    _c.intent,
    _c.source,
    _c.reference,
    _c.batch,
    _c.priority,
    _c.not_before,
    _c.scenario,
    _c.tried,
)
_LISTED = select(*CONTACT_COLUMNS, _c.serial, _c.state, _c.due_at, _c.result)

ANY_TIME = datetime.fromtimestamp(0, UTC)
"""When whoever may be called at any time is due: before all who wait, in the order in which they were added."""

_PENDING, _, _DONE = (state.value for state in ContactState)

INSERT = insert(contacts)
_ADD = unless_there(contacts)
_KNOWN = select(_c.intent).where(_c.campaign == bindparam("campaign"), _c.intent.in_(bindparam("intents", expanding=True)))

_POSTPONE = update(contacts).where(_c.id == bindparam("contact"), _c.state == _PENDING).values(due_at=bindparam("moment"))
_RECYCLE = (
    update(contacts).where(_c.id == bindparam("contact"), _c.state == _DONE).values(state=_PENDING, due_at=bindparam("moment"))
)
_FIND = _LISTED.where(_c.number == bindparam("number")).order_by(_c.serial)
_FIND_OPEN = _FIND.where(_c.state != _DONE)
_OPEN_REFERENCES = select(_c.reference, _c.number).where(
    _c.reference != "", _c.reference.in_(bindparam("references", expanding=True)), _c.state != _DONE
)
_NEXT_CAMPAIGN = select(func.min(_c.campaign)).where(_c.campaign > bindparam("campaign"))
_FIRST_CAMPAIGN = select(func.min(_c.campaign))

_QUEUES = (_c.queue == bindparam("campaign"), _c.queue.is_(None))

_HIGHEST = tuple(select(func.max(_c.priority)).where(_c.state == _PENDING, queue) for queue in _QUEUES)
_BELOW = tuple(highest.where(_c.priority < bindparam("priority")) for highest in _HIGHEST)
_DUE = tuple(
    select(*CONTACT_COLUMNS, _c.due_at, _c.serial)
    .where(
        _c.state == _PENDING,
        queue,
        _c.priority == bindparam("priority"),
        _c.due_at <= bindparam("now"),
        _c.id.not_in(bindparam("beside", expanding=True)),
    )
    .order_by(_c.due_at, _c.serial)
    .limit(bindparam("most"))
    for queue in _QUEUES
)
_NEXT_DUE = tuple(
    select(func.min(_c.due_at)).where(
        _c.state == _PENDING, queue, _c.priority == bindparam("priority"), _c.due_at > bindparam("now")
    )
    for queue in _QUEUES
)


@frozen
class SqlContacts:
    """`Contacts` in the database."""

    connection: Connection

    def add(self, contacts: Iterable[Contact]) -> Added:
        """Put contacts on the list, pending; one whose campaign and intent are there already changes nothing."""
        added, repeated = 0, list[Contact]()
        for batch in in_batches(contacts):
            fresh, known = self._told_apart(batch)
            repeated += known
            if fresh:
                rows = [row_of(contact, ContactState.PENDING) for contact in fresh]
                added += self.connection.execute(_ADD.on(self.connection), rows).rowcount
        return Added(added, tuple(repeated))

    def _told_apart(self, batch: Sequence[Contact]) -> tuple[list[Contact], list[Contact]]:
        """Those who are new, and those whose intent stands in the store, or earlier among them."""
        intents: dict[str, list[str]] = {}
        for contact in batch:
            intents.setdefault(contact.campaign, []).append(contact.intent or contact.number)
        seen = {
            (campaign, intent)
            for campaign, given in intents.items()
            for intent in self.connection.execute(_KNOWN, {"campaign": campaign, "intents": given}).scalars()
        }
        fresh, known = list[Contact](), list[Contact]()
        for contact in batch:
            key = (contact.campaign, contact.intent or contact.number)
            (known if key in seen else fresh).append(contact)
            seen.add(key)
        return fresh, known

    def due(self, campaign: str, now: datetime, limit: int, beside: Collection[ContactId] = ()) -> tuple[Contact, ...]:
        """Pending contacts who may be called now: by priority, then the one due longest, then in the order they were added.

        Each priority is looked up by itself, so that many who must wait do not stand before few who need not.
        """
        found = list[AnyRow]()
        asked = {"campaign": campaign, "now": now, "beside": list(beside), "most": limit}
        for queue, due in enumerate(_DUE):
            left = limit
            for priority in self._priorities(queue, campaign):
                rows = self.connection.execute(due, {**asked, "priority": priority}).all()
                found += rows
                left -= len(rows)
                if left <= 0:
                    break
        found.sort(key=lambda row: (-row.priority, row.due_at, row.serial))
        return tuple(contact_of(row) for row in found[:limit])

    def next_due(self, campaign: str, now: datetime, *, callbacks: bool = True) -> datetime | None:
        """When the next pending contact who is not due now will be; None if there is none."""
        queues = tuple(enumerate(_NEXT_DUE))[: None if callbacks else 1]
        moments = (
            self.connection.execute(next_due, {"campaign": campaign, "priority": priority, "now": now}).scalar()
            for queue, next_due in queues
            for priority in self._priorities(queue, campaign)
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def _priorities(self, queue: int, campaign: str) -> Iterable[int]:
        """Of those who are pending, the highest first."""
        priority = self.connection.execute(_HIGHEST[queue], {"campaign": campaign}).scalar()
        while priority is not None:
            yield priority
            priority = self.connection.execute(_BELOW[queue], {"campaign": campaign, "priority": priority}).scalar()

    def postpone(self, contact: ContactId, until: datetime) -> None:
        """Have a pending contact wait; any other stays as it is."""
        self.connection.execute(_POSTPONE, {"contact": contact, "moment": until})

    def recycle(self, contact: ContactId, due_at: datetime) -> None:
        """Make a contact pending again whose attempt is over; any other stays as it is."""
        self.connection.execute(_RECYCLE, {"contact": contact, "moment": due_at})

    def find(self, number: Digits, *, open_only: bool = False) -> tuple[Listed, ...]:
        """Contacts with this number, in the order they were added."""
        rows = self.connection.execute(_FIND_OPEN if open_only else _FIND, {"number": number})
        return tuple(_listed(row) for row in rows)

    def open_references(self, references: Collection[str]) -> Mapping[str, Digits]:
        """Which of these ids of the panel belong to somebody who is pending or being dialled, and to which number."""
        rows = self.connection.execute(_OPEN_REFERENCES, {"references": list(references)})
        return {row.reference: row.number for row in rows}

    def page(
        self, *, campaign: str | None = None, state: ContactState | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[Listed, ...]:
        """Contacts in the order they were added, those after a serial."""
        page = _LISTED.where(_c.serial > after).order_by(_c.serial).limit(limit)
        if campaign is None:
            rows = self.connection.execute(page if state is None else page.where(_c.state == state.value)).all()
            return tuple(_listed(row) for row in rows)
        # Each state by itself: so the index finds a page of a campaign without sorting all of it.
        found = list[AnyRow]()
        for each in ContactState if state is None else (state,):
            found += self.connection.execute(page.where(_c.campaign == campaign, _c.state == each.value)).all()
        found.sort(key=lambda row: row.serial)
        return tuple(_listed(row) for row in found[:limit])

    def counts(self, campaign: str | None = None) -> Mapping[ContactState, int]:
        """How many are in each state; states without any are left out."""
        counts = select(_c.state, func.count()).group_by(_c.state)
        if campaign is not None:
            counts = counts.where(_c.campaign == campaign)
        return {ContactState(state): count for state, count in self.connection.execute(counts)}

    def campaigns(self) -> tuple[str, ...]:
        """All that have contacts, by name."""
        found = list[str]()
        campaign = self.connection.execute(_FIRST_CAMPAIGN).scalar()
        while campaign is not None:
            found.append(campaign)
            campaign = self.connection.execute(_NEXT_CAMPAIGN, {"campaign": campaign}).scalar()
        return tuple(found)


def row_of(contact: Contact, state: ContactState, result: Result | None = None) -> dict[str, object]:
    """A contact who is new, as a row of the table."""
    return {
        "id": contact.id,
        "number": contact.number,
        "phone_number": contact.phone_number,
        "fields": fields_text(contact.fields),
        "campaign": contact.campaign,
        "intent": contact.intent or contact.number,
        "source": contact.source.value,
        "reference": contact.reference,
        "batch": contact.batch,
        "priority": contact.priority,
        "not_before": contact.not_before,
        "scenario": contact.scenario,
        "tried": contact.tried,
        "state": state.value,
        "queue": None if contact.source is Source.CALLBACK else contact.campaign,
        "due_at": contact.not_before or ANY_TIME,
        "result": result,
    }


def contact_of(row: AnyRow) -> Contact:
    """The contact of a row that has `CONTACT_COLUMNS`."""
    return Contact(
        id=row.id,
        number=row.number,
        phone_number=row.phone_number,
        fields=fields_of(row.fields),
        campaign=row.campaign,
        intent="" if row.intent == row.number else row.intent,
        source=Source(row.source),
        reference=row.reference,
        batch=row.batch,
        priority=row.priority,
        not_before=row.not_before,
        scenario=row.scenario,
        tried=row.tried,
    )


def _listed(row: AnyRow) -> Listed:
    return Listed(contact_of(row), row.serial, ContactState(row.state), row.due_at, row.result)
