"""Who asked to be called back."""

from attrs import frozen
from sqlalchemy import Connection, bindparam, insert, select

from callengine.model import Callback, Contact, ContactId, ContactState, Source
from callengine.store.contacts import INSERT, row_of
from callengine.store.sql import fields_of, fields_text
from callengine.store.tables import attempts, callbacks, contacts

HIGHEST_PRIORITY = 100
"""Of who asked to be called back; others have less."""

_b = callbacks.c
_ASKED = insert(callbacks).returning(_b.serial)
_CAMPAIGN = (
    select(contacts.c.campaign)
    .join_from(attempts, contacts, attempts.c.contact == contacts.c.id)
    .where(attempts.c.call == bindparam("call"))
)
_ALL = select(_b.call, _b.number, _b.not_before, _b.scenario, _b.fields).order_by(_b.serial)


@frozen
class SqlCallbacks:
    """Callbacks in the database, and the contacts they made."""

    connection: Connection

    def ask(self, callback: Callback) -> None:
        """Write one down, and its contact, who belongs to the campaign of the call in which it was asked for."""
        text = fields_text(callback.fields)
        asked = self.connection.execute(
            _ASKED,
            {
                "call": callback.call,
                "number": callback.number,
                "not_before": callback.not_before,
                "scenario": callback.scenario,
                "fields": text,
            },
        )
        serial = asked.scalar_one()
        intent = f"callback:{callback.call}:{serial}"
        contact = Contact(
            id=ContactId(intent),
            number=callback.number,
            phone_number=callback.number,
            fields=callback.fields,
            campaign=self.connection.execute(_CAMPAIGN, {"call": callback.call}).scalar() or "",
            intent=intent,
            source=Source.CALLBACK,
            priority=HIGHEST_PRIORITY,
            not_before=callback.not_before,
            scenario=callback.scenario,
        )
        self.connection.execute(INSERT, row_of(contact, ContactState.PENDING))

    def all(self) -> tuple[Callback, ...]:
        """In the order in which they were asked for."""
        rows = self.connection.execute(_ALL)
        return tuple(Callback(row.call, row.number, row.not_before, row.scenario, fields_of(row.fields)) for row in rows)
