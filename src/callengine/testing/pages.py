"""A book that is looked at through another: for whoever must know what a unit of work does in it."""

from attrs import frozen

from callengine.model import (
    Attempts,
    Book,
    Calls,
    Contacts,
    DoNotDialList,
    Inspection,
    Keeping,
    Ledger,
    Notebook,
    OperatorStatistics,
    Outbox,
    Pauses,
    Placements,
    Timelines,
)


@frozen
class Aggregates:
    """The aggregates of another book; the verbs are left to who stands on this."""

    page: Book

    @property
    def contacts(self) -> Contacts:
        return self.page.contacts

    @property
    def do_not_dial(self) -> DoNotDialList:
        return self.page.do_not_dial

    @property
    def placements(self) -> Placements:
        return self.page.placements

    @property
    def attempts(self) -> Attempts:
        return self.page.attempts

    @property
    def calls(self) -> Calls:
        return self.page.calls

    @property
    def timelines(self) -> Timelines:
        return self.page.timelines

    @property
    def outbox(self) -> Outbox:
        return self.page.outbox

    @property
    def pauses(self) -> Pauses:
        return self.page.pauses

    @property
    def operators(self) -> OperatorStatistics:
        return self.page.operators

    @property
    def ledger(self) -> Ledger:
        return self.page.ledger

    @property
    def keeping(self) -> Keeping:
        return self.page.keeping

    @property
    def notebook(self) -> Notebook:
        return self.page.notebook

    @property
    def inspection(self) -> Inspection:
        return self.page.inspection
