import attrs
import pytest

from callengine.errors import ContactTaken, DoNotDial, NumberBusy, StoreError
from callengine.model import (
    AttemptState,
    Callback,
    CallId,
    Cause,
    ChannelId,
    ContactState,
    LineId,
    Operator,
    OperatorId,
    Placement,
    ScenarioUse,
    Source,
    TransferOutcome,
)
from callengine.store import SqlBook
from tests.store.given import NOON, after, attempt_for, ended, person

CONTACT = person("a")


def state_of(book: SqlBook) -> ContactState:
    return book.contacts.find(CONTACT.number)[0].state


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed yet"])
def test_an_intent_takes_its_contact_and_counts_on_its_line(book: SqlBook, listed: bool) -> None:
    if listed:
        book.contacts.add([CONTACT])
    book.intend(attempt_for(CONTACT))
    assert state_of(book) is ContactState.DIALLING
    assert book.attempts.unfinished() == (attempt_for(CONTACT),)
    assert book.placements.since(NOON) == (Placement("a1", LineId("1001"), None),)
    with pytest.raises(ContactTaken):
        book.intend(attempt_for(CONTACT, "a2"))
    assert len(book.attempts.page()) == 1


def test_a_number_is_dialled_for_one_contact_at_a_time(book: SqlBook) -> None:
    other = person("b")
    book.contacts.add([CONTACT, other])
    book.intend(attempt_for(CONTACT))
    with pytest.raises(NumberBusy):
        book.intend(attempt_for(other, "a2"))
    book.update(ended(attempt_for(CONTACT)))
    book.intend(attempt_for(other, "a2"))


def test_a_contact_under_another_id_is_not_dialled_again(book: SqlBook) -> None:
    book.contacts.add([CONTACT])
    with pytest.raises(ContactTaken, match="another id"):
        book.intend(attempt_for(attrs.evolve(CONTACT, id=person("b").id)))
    assert book.attempts.page() == ()


def test_who_opted_out_is_not_intended(book: SqlBook) -> None:
    book.contacts.add([CONTACT])
    book.opt_out(CONTACT.number)
    with pytest.raises(DoNotDial):
        book.intend(attempt_for(CONTACT))
    with pytest.raises(DoNotDial):
        book.permit(CONTACT.number)
    assert state_of(book) is ContactState.PENDING
    assert book.placements.since(NOON) == ()


def test_an_ended_attempt_is_told_whole_and_dates_its_placement(book: SqlBook) -> None:
    contact = attrs.evolve(CONTACT, source=Source.PANEL)
    book.intend(attempt_for(contact))
    operator = Operator(OperatorId("o"), "PJSIP/200", over_trunk=True, phone_number="200", reference="17")
    placed = attrs.evolve(
        attempt_for(contact), state=AttemptState.PLACED, channel=ChannelId("c"), placed_at=after(1), rehearsal=True
    )
    book.update(placed)
    assert book.placements.since(NOON) == (Placement("a1", LineId("1001"), after(1)),)
    over = ended(placed, transcript="بله")
    assert over.outcome is not None
    over = attrs.evolve(over, outcome=attrs.evolve(over.outcome, transfer=TransferOutcome.BUSY, operator=operator, waited=2.5))
    book.update(over)
    assert book.attempts.find(over.id) == book.attempts.of_call(over.call) == over
    [listed] = book.contacts.find(CONTACT.number)
    assert (listed.state, listed.result, listed.contact.tried) == (ContactState.DONE, "busy", 1)


def test_a_call_that_does_not_tell_when_it_was_placed_counts_all_the_same(book: SqlBook) -> None:
    book.intend(attempt_for(CONTACT))
    book.update(ended(attempt_for(CONTACT), "unknown", AttemptState.UNKNOWN))
    [placement] = book.placements.since(NOON)
    assert placement.at is not None


@pytest.mark.parametrize(("cause", "then"), [(Cause.SHUTDOWN, ContactState.PENDING), (Cause.DO_NOT_DIAL, ContactState.DONE)])
def test_a_contact_who_was_never_placed_is_pending_again_unless_declined(
    book: SqlBook, cause: Cause, then: ContactState
) -> None:
    book.intend(attempt_for(CONTACT))
    book.update(ended(attempt_for(CONTACT), "failed:x", AttemptState.NEVER_PLACED, cause))
    [listed] = book.contacts.find(CONTACT.number)
    assert (listed.state, listed.contact.tried) == (then, 0)
    assert book.placements.since(NOON) == ()


def test_a_declined_contact_is_over_before_it_began(book: SqlBook) -> None:
    book.decline(ended(attempt_for(CONTACT), "failed:number", AttemptState.NEVER_PLACED))
    assert state_of(book) is ContactState.DONE
    assert book.placements.since(NOON) == ()
    with pytest.raises(ContactTaken):
        book.decline(ended(attempt_for(CONTACT, "a2"), "failed:number", AttemptState.NEVER_PLACED))
    with pytest.raises(StoreError, match="yet intended"):
        book.decline(attempt_for(person("b"), "a3"))


def test_attempts_are_turned_over_the_newest_first(book: SqlBook) -> None:
    for place in range(4):
        book.intend(attempt_for(person(f"c{place}", place), f"a{place}"))
    book.update(ended(attempt_for(person("c1", 1), "a1")))
    pages = book.attempts.page(limit=2)
    assert [attempt.id for _, attempt in pages] == ["a3", "a2"]
    assert [attempt.id for _, attempt in book.attempts.page(before=pages[-1][0])] == ["a1", "a0"]
    assert [attempt.id for _, attempt in book.attempts.page(state=AttemptState.SETTLED)] == ["a1"]
    assert [attempt.id for _, attempt in book.attempts.page(number=person("c2", 2).number)] == ["a2"]


def test_uses_of_scenarios_are_those_placed_those_that_came_in_and_those_not_known_yet(book: SqlBook) -> None:
    for place in range(3):
        book.intend(attempt_for(person(f"c{place}", place), f"a{place}"))
    book.update(attrs.evolve(attempt_for(person("c0", 0), "a0"), state=AttemptState.PLACED, placed_at=after(-60)))
    book.update(attrs.evolve(attempt_for(person("c1", 1), "a1"), state=AttemptState.PLACED, placed_at=after(5)))
    assert book.attempts.uses_since(NOON) == (ScenarioUse("sales", after(5)), ScenarioUse("sales", None))


@pytest.mark.parametrize("outbound", [True, False])
def test_a_callback_is_a_contact_of_the_highest_priority(book: SqlBook, outbound: bool) -> None:
    if outbound:
        book.intend(attempt_for(CONTACT))
    callback = Callback(CallId("call of a1"), person("b", 2).number, after(60), "sales", {"name": "Sara"})
    book.call_back(callback)
    book.call_back(callback)
    assert book.callbacks() == (callback, callback)
    assert book.contacts.due("main", after(59), 10) == ()
    one, two = book.contacts.due("any", after(60), 10)
    assert one.intent != two.intent
    assert (one.source, one.priority, one.scenario, one.fields) == (Source.CALLBACK, 100, "sales", {"name": "Sara"})
    assert one.campaign == ("main" if outbound else "")


@pytest.mark.parametrize("state", [AttemptState.SETTLED, AttemptState.UNKNOWN])
@pytest.mark.parametrize("source", Source)
def test_a_call_in_test_mode_uses_nobody_up_but_whom_the_panel_hears_of(
    book: SqlBook, source: Source, state: AttemptState
) -> None:
    contact = person("c", source=source)
    book.contacts.add([contact])
    rehearsal = attrs.evolve(attempt_for(contact), rehearsal=True)
    book.intend(rehearsal)
    book.update(attrs.evolve(rehearsal, state=AttemptState.PLACED))
    book.update(ended(rehearsal, state=state))
    [listed] = book.contacts.find(contact.number)
    if source is Source.PANEL:
        assert (listed.state, listed.contact.tried, listed.result) == (ContactState.DONE, 1, "busy")
    else:
        assert (listed.state, listed.contact.tried, listed.result) == (ContactState.PENDING, 0, None)
        book.intend(attempt_for(contact, "in earnest"))
    assert "a1" in {placement.id for placement in book.placements.since(NOON)}, "it counts on its line all the same"


def test_who_opted_out_before_a_call_in_test_mode_is_done(book: SqlBook) -> None:
    book.contacts.add([CONTACT])
    rehearsal = attrs.evolve(attempt_for(CONTACT), rehearsal=True)
    book.intend(rehearsal)
    book.update(ended(rehearsal, "failed:do_not_dial", AttemptState.NEVER_PLACED, Cause.DO_NOT_DIAL))
    assert state_of(book) is ContactState.DONE
