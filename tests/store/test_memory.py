from datetime import UTC, datetime
from operator import methodcaller

import attrs
import pytest

from callengine.errors import DoNotDial, StoreError
from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    Book,
    CallId,
    CallResult,
    Cause,
    ChartId,
    Contact,
    ContactId,
    LineId,
    Result,
    digits_of,
)
from callengine.store import MemoryBook, MemoryWriter

NUMBER = digits_of("09121234567")


def attempt(name: str = "a1") -> Attempt:
    number = digits_of(f"0912123456{int(name[1:]) + 6}")
    return Attempt(
        id=AttemptId(name),
        contact=Contact(ContactId(f"c{name}"), number, number),
        call=CallId(f"call-{name}"),
        line=LineId("1001"),
        scenario="sales",
        chart=ChartId("chart"),
        intended_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    )


def in_state(state: AttemptState, result: str = "") -> Attempt:
    outcome = CallResult(Result(result), Cause.FLOW_ENDED, answered=True) if result else None
    return attrs.evolve(attempt(), state=state, outcome=outcome)


async def test_attempts_are_found_by_their_state() -> None:
    book = MemoryBook()
    writer = MemoryWriter(book)
    await writer.write(lambda page: page.intend(attempt("a1")))
    await writer.write(lambda page: page.intend(attempt("a2")))
    await writer.write(lambda page: page.update(in_state(AttemptState.SETTLED, "busy")))
    assert [each.id for each in book.attempts()] == ["a1", "a2"]
    assert [each.id for each in book.attempts(AttemptState.SETTLED)] == ["a1"]
    assert book.attempt(AttemptId("a2")) == attempt("a2")
    assert book.attempt(AttemptId("a3")) is None


async def test_a_blocked_number_cannot_be_intended_and_can_be_declined() -> None:
    book = MemoryBook()
    book.block(NUMBER)
    writer = MemoryWriter(book)
    with pytest.raises(DoNotDial, match=NUMBER):
        await writer.write(lambda page: page.intend(attempt()))
    assert book.attempts() == ()
    declined = in_state(AttemptState.NEVER_PLACED, "failed:do_not_dial")
    await writer.write(lambda page: page.decline(declined))
    assert book.attempts() == (declined,)


async def test_a_unit_that_raises_leaves_nothing_written() -> None:
    book = MemoryBook()
    writer = MemoryWriter(book)
    await writer.write(lambda page: page.intend(attempt("a1")))

    def unit(page: Book) -> None:
        page.update(in_state(AttemptState.SETTLED, "busy"))
        page.intend(attempt("a2"))
        page.intend(attempt("a2"))

    with pytest.raises(StoreError, match="already"):
        await writer.write(unit)
    assert book.attempts() == (attempt("a1"),)


@pytest.mark.parametrize("last", [AttemptState.SETTLED, AttemptState.UNKNOWN, AttemptState.NEVER_PLACED])
def test_a_final_state_absorbs_what_comes_later(last: AttemptState) -> None:
    book = MemoryBook()
    final = in_state(last, "hangup")
    book.apply(lambda page: page.intend(attempt()))
    book.apply(lambda page: page.update(final))
    for state in AttemptState:
        book.apply(methodcaller("update", in_state(state, "busy")))
    assert book.attempts() == (final,)


def test_no_state_is_taken_back() -> None:
    book = MemoryBook()
    book.apply(lambda page: page.intend(attempt()))
    book.apply(lambda page: page.update(in_state(AttemptState.ANSWERED)))
    with pytest.raises(StoreError, match="answered and cannot become ringing"):
        book.apply(lambda page: page.update(in_state(AttemptState.RINGING)))
    with pytest.raises(StoreError, match="answered and cannot become never_placed"):
        book.apply(lambda page: page.update(in_state(AttemptState.NEVER_PLACED)))


def test_what_is_not_in_the_book_cannot_be_updated() -> None:
    with pytest.raises(StoreError, match="not in the book"):
        MemoryBook().apply(lambda page: page.update(attempt()))
