"""Nobody is dialled twice for one intent, nobody is lost, whatever order things happen in."""

from contextlib import suppress

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callengine.errors import ContactTaken, DoNotDial, NumberBusy
from callengine.model import Attempt, AttemptId, AttemptState, Book, Cause, Contact, ContactId, ContactState
from callengine.store import MemoryBook
from tests.store.given import NOON, after, attempt_for, ended, person

PEOPLE = tuple(person(f"c{place}", place // 2) for place in range(6))  # two and two share a number
people = st.sampled_from(PEOPLE)


class Killed(Exception):
    """The process dies before its unit of work is committed."""


class Dialling(RuleBasedStateMachine):
    """Units of work as a dialler gives them, against a plain account of who must be where."""

    def __init__(self) -> None:
        super().__init__()
        self.book = MemoryBook()
        self.state = dict.fromkeys((contact.id for contact in PEOPLE), ContactState.PENDING)
        self.open: dict[AttemptId, Attempt] = {}
        self.blocked = set[str]()
        self.begun = 0
        self.book.apply(lambda book: book.contacts.add(PEOPLE))

    def teardown(self) -> None:
        self.book.close()

    def _attempt(self, contact: Contact) -> Attempt:
        self.begun += 1
        return attempt_for(contact, f"a{self.begun}")

    @rule(contact=people, killed=st.booleans())
    def intend(self, contact: Contact, killed: bool) -> None:
        attempt = self._attempt(contact)
        may = (
            self.state[contact.id] is ContactState.PENDING
            and contact.number not in self.blocked
            and all(other.contact.number != contact.number for other in self.open.values())
        )

        def unit(book: Book) -> None:
            book.intend(attempt)
            if killed:
                raise Killed

        try:
            self.book.apply(unit)
        except (ContactTaken, DoNotDial, NumberBusy):
            assert not may
        except Killed:
            assert may
        else:
            assert may
            self.open[attempt.id] = attempt
            self.state[contact.id] = ContactState.DIALLING

    @precondition(lambda self: self.open)
    @rule(data=st.data(), state=st.sampled_from(AttemptState), killed=st.booleans())
    def update(self, data: st.DataObject, state: AttemptState, killed: bool) -> None:
        attempt = data.draw(st.sampled_from(list(self.open.values())))
        final = state in (AttemptState.SETTLED, AttemptState.UNKNOWN, AttemptState.NEVER_PLACED)
        if state is AttemptState.INTENDED or (
            state is AttemptState.NEVER_PLACED and attempt.state is not AttemptState.INTENDED
        ):
            return
        if not final and list(AttemptState).index(state) <= list(AttemptState).index(attempt.state):
            return
        newer = ended(attempt, state=state, cause=Cause.SHUTDOWN) if final else attrs.evolve(attempt, state=state)

        def unit(book: Book) -> None:
            book.update(newer)
            if killed:
                raise Killed

        with suppress(Killed):
            self.book.apply(unit)
        if killed:
            return
        self.open[attempt.id] = newer
        if final:
            del self.open[attempt.id]
            again = state is AttemptState.NEVER_PLACED
            self.state[attempt.contact.id] = ContactState.PENDING if again else ContactState.DONE

    @rule(contact=people)
    def decline(self, contact: Contact) -> None:
        declined = ended(self._attempt(contact), "failed:hours", AttemptState.NEVER_PLACED, Cause.REFUSED)
        with suppress(ContactTaken):
            self.book.apply(lambda book: book.decline(declined))
            assert self.state[contact.id] is ContactState.PENDING
            self.state[contact.id] = ContactState.DONE

    @rule(contact=people)
    def recycle(self, contact: Contact) -> None:
        self.book.apply(lambda book: book.contacts.recycle(contact.id, after(60)))
        if self.state[contact.id] is ContactState.DONE:
            self.state[contact.id] = ContactState.PENDING

    @rule(contact=people)
    def opt_out(self, contact: Contact) -> None:
        self.book.apply(lambda book: book.opt_out(contact.number))
        self.blocked.add(contact.number)

    @rule(contact=people)
    def give_again(self, contact: Contact) -> None:
        again = attrs.evolve(contact, id=ContactId(f"{contact.id} again"))
        assert self.book.apply(lambda book: book.contacts.add([again])).added == 0

    @invariant()
    def nobody_is_lost_and_nobody_dialled_twice(self) -> None:
        listed = self.book.look(lambda book: book.contacts.page())
        assert {each.contact.id: each.state for each in listed} == self.state
        unfinished = self.book.look(lambda book: book.attempts.unfinished())
        assert {attempt.id: attempt.state for attempt in unfinished} == {each.id: each.state for each in self.open.values()}
        dialling = [each.contact.id for each in listed if each.state is ContactState.DIALLING]
        assert sorted(dialling) == sorted(attempt.contact.id for attempt in unfinished)
        assert all(each.result is not None for each in listed if each.state is ContactState.DONE)
        placements = self.book.look(lambda book: book.placements.since(NOON))
        assert {placement.id for placement in placements if placement.at is None} == {each.id for each in self.open.values()}


Dialling.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestDialling = Dialling.TestCase
