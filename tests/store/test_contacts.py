import pytest

from callengine.model import AttemptState, Contact, ContactId, ContactState, Source
from callengine.store import SqlBook
from tests.store.given import after, attempt_for, ended, person


def ids(contacts: tuple[Contact, ...]) -> list[str]:
    return [contact.id for contact in contacts]


def test_whoever_gives_an_intent_again_gives_no_new_contact(book: SqlBook) -> None:
    first, again = person("a"), person("b", intent="a")
    assert book.contacts.add([first, again, person("c", 2, intent="")]).repeated == (again,)
    added = book.contacts.add([person("d", 2, intent=""), person("e", 2, intent="", campaign="other")])
    assert (added.added, ids(added.repeated)) == (1, ["d"])
    assert [listed.contact.id for listed in book.contacts.page()] == ["a", "c", "e"]


def test_everything_known_of_a_contact_comes_back(book: SqlBook) -> None:
    contact = Contact(
        id=ContactId("a"),
        number=person("a").number,
        phone_number="۰۹۱۲ 000 0001",
        fields={"name": "مریم\0", "tags": "a,b"},
        campaign="main",
        intent="17",
        source=Source.PANEL,
        reference='"a17"',
        batch="b1",
        priority=3,
        not_before=after(0.123456),
        scenario="sales",
    )
    book.contacts.add([contact])
    [listed] = book.contacts.find(contact.number)
    assert (listed.contact, listed.state, listed.due_at, listed.result) == (
        contact,
        ContactState.PENDING,
        contact.not_before,
        None,
    )


def test_the_due_come_by_priority_then_by_time_then_in_the_order_of_adding(book: SqlBook) -> None:
    book.contacts.add(
        [
            person("plain"),
            person("plain too"),
            person("late", not_before=after(-10)),
            person("later", not_before=after(10), priority=9),
            person("first", priority=5, not_before=after(-1)),
            person("elsewhere", campaign="other"),
            person("asked", campaign="other", priority=100, source=Source.CALLBACK, not_before=after(0)),
        ]
    )
    assert ids(book.contacts.due("main", after(0), 10)) == ["asked", "first", "plain", "plain too", "late"]
    assert ids(book.contacts.due("main", after(0), 2)) == ["asked", "first"]
    assert ids(book.contacts.due("main", after(0), 2, {ContactId("first"), ContactId("plain")})) == ["asked", "plain too"]
    assert book.contacts.next_due("main", after(0)) == after(10)
    assert book.contacts.next_due("main", after(10)) is None


def test_only_the_pending_can_be_put_off_and_only_the_done_recycled(book: SqlBook) -> None:
    contact = person("a")
    book.contacts.add([contact])
    book.contacts.postpone(contact.id, after(60))
    book.contacts.recycle(contact.id, after(99))
    assert book.contacts.next_due("main", after(0)) == after(60)
    attempt = attempt_for(contact)
    book.intend(attempt)
    book.contacts.recycle(contact.id, after(99))
    book.contacts.postpone(contact.id, after(99))
    assert book.contacts.find(contact.number)[0].state is ContactState.DIALLING
    book.update(ended(attempt))
    assert book.contacts.find(contact.number, open_only=True) == ()
    book.contacts.recycle(contact.id, after(99))
    [again] = book.contacts.find(contact.number, open_only=True)
    assert (again.state, again.due_at, again.result, again.contact.tried) == (ContactState.PENDING, after(99), "busy", 1)


def test_contacts_are_counted_and_turned_over_page_by_page(book: SqlBook) -> None:
    book.contacts.add(person(f"a{place}", place) for place in range(1203))
    book.contacts.add([person("b", campaign="other")])
    book.decline(ended(attempt_for(person("a7", 7)), "failed:number", AttemptState.NEVER_PLACED))
    assert book.contacts.counts("main") == {ContactState.PENDING: 1202, ContactState.DONE: 1}
    assert book.contacts.counts() == {ContactState.PENDING: 1203, ContactState.DONE: 1}
    assert book.contacts.campaigns() == ("main", "other")
    seen, after_serial = list[str](), 0
    while page := book.contacts.page(campaign="main", state=ContactState.PENDING, after=after_serial, limit=500):
        seen += [listed.contact.id for listed in page]
        after_serial = page[-1].serial
    assert seen == [f"a{place}" for place in range(1203) if place != 7]


@pytest.mark.parametrize("text", ["half \ud800 a pair", "nothing \0 at all"])
def test_text_that_no_database_holds_is_mended(book: SqlBook, text: str) -> None:
    book.contacts.add([person("a", phone_number=text)])
    [listed] = book.contacts.page()
    assert listed.contact.phone_number.startswith(text[:5])
