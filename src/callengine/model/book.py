"""The book: everything the store keeps, by aggregate, as a unit of work sees it inside its transaction.

A unit is a plain function of a `Book`: what it wrote is kept when it returns, none of it when it raises.
"""

from collections.abc import Sequence
from typing import Protocol

from callengine.model.call import Attempt, Callback, Received
from callengine.model.history import Attempts, Calls, Keeping, Ledger, Placements, Timelines
from callengine.model.ids import Digits
from callengine.model.lists import Contacts, DoNotDialList
from callengine.model.office import Inspection, Notebook, OperatorStatistics, Outbox, Pauses


class Book(Protocol):
    """What a unit of work may do.

    The verbs of calls stand here; everything else stands with its aggregate.
    """

    @property
    def contacts(self) -> Contacts: ...
    @property
    def do_not_dial(self) -> DoNotDialList: ...
    @property
    def placements(self) -> Placements: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def timelines(self) -> Timelines: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def pauses(self) -> Pauses: ...
    @property
    def operators(self) -> OperatorStatistics: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def keeping(self) -> Keeping: ...
    @property
    def notebook(self) -> Notebook: ...
    @property
    def inspection(self) -> Inspection: ...

    def intend(self, attempt: Attempt) -> None:
        """Write down an attempt that will be made, its contact as being dialled, and its placement on the line.

        A contact that is not in the store yet is added.

        Raises:
            DoNotDial: the number is on the do-not-dial list.
            ContactTaken: the contact is not pending any more.
            NumberBusy: the number is being dialled for another contact.
            In each case nothing is written.
        """
        ...

    def decline(self, attempt: Attempt) -> None:
        """Write down an attempt that will not be made, with its reason: it and its contact are over before they began."""
        ...

    def update(self, attempt: Attempt) -> None:
        """Replace the record of an attempt by its newer state; one in a final state stays as it is.

        In a final state its contact is done, with the result; one that was never placed is pending again instead, unless it
        was declined, and so is one whom the attempt does not use up. Its placement is dated by `placed_at`, or dropped if it
        was never placed.
        """
        ...

    def receive(self, received: Received) -> None:
        """Write down a call that came in, or replace its record; one that has its outcome stays as it is."""
        ...

    def permit(self, number: Digits) -> None:
        """Look once more whether a number may be dialled: long after its intent was written somebody may have opted out.

        Raises:
            DoNotDial: the number is on the do-not-dial list.
        """
        ...

    def opt_out(self, number: Digits) -> None:
        """Put a number on the do-not-dial list: no intent for it is written from now on."""
        ...

    def call_back(self, callback: Callback) -> None:
        """Write down that somebody is to be called back: a contact of the highest priority, due at that time."""
        ...

    def callbacks(self) -> Sequence[Callback]:
        """Who asked to be called back, in the order in which they did."""
        ...
