"""What the lines promise, as checks of one moment: who may hold what, who must not wait, who must not have gone first."""

from callengine.lines import PoolLoad
from callengine.model import Purpose
from tests.lines.model import SLACK, Book, Figures, Person, Stage


def check(book: Book, *, one_admission: bool) -> None:
    """The lines are as they must be, now that whoever could be served has been.

    After a step with one admission, it is also known who went first.
    """
    figures = book.figures()
    waiting = [person for person in book.people if person.stage is Stage.WAITS]
    at_gate = [person for person in book.people if person.stage is Stage.AT_GATE]
    check_caps(book, figures)
    check_lines(book, figures)
    check_nobody_is_forgotten(book, figures, waiting, at_gate)
    if one_admission:
        check_who_was_served(book, figures, waiting)
        check_who_passed(book, at_gate)
    book.turn_page()


def check_caps(book: Book, figures: Figures) -> None:
    for purpose, cap in ((Purpose.INBOUND, book.rules.inbound), (Purpose.OUTBOUND, book.rules.outbound)):
        assert not cap or figures.purposes[purpose] <= cap, f"too many {purpose.name} calls at once"


def check_lines(book: Book, figures: Figures) -> None:
    """A line that has just admitted somebody is within each of its limits."""
    for person in book.served_now:
        line = person.line
        assert line is not None
        limits = book.limits[line]
        assert figures.slots[line] <= limits.concurrent, "too many calls at once"
        if person.purpose is not Purpose.INBOUND:
            minute = figures.pending[line] + book.answered_since(line, book.now - 60)
            assert not limits.per_minute or minute <= limits.per_minute, "too many calls a minute"
            day = figures.pending[line] + book.answered_today[line]
            assert not limits.per_day or day <= limits.per_day, "too many calls a day"
        if person.purpose is Purpose.OUTBOUND:
            assert line not in figures.callers, "an outbound call overtook a caller who waits for the line"


def check_nobody_is_forgotten(book: Book, figures: Figures, waiting: list[Person], at_gate: list[Person]) -> None:
    for want in {person.want: None for person in waiting if person.want}:
        assert not any(book.able(want, figures)), f"{want} waits and could go"
    for person in at_gate:
        assert not book.gate_open(person, figures), f"{person} stands at an open gate"


def check_who_was_served(book: Book, figures: Figures, waiting: list[Person]) -> None:
    """Nobody was served whose slot and tokens would have served one who goes before him and still waits."""
    if any(person.purpose is Purpose.OUTBOUND for person in book.served_now):
        assert figures.customers <= book.for_customers(), "an outbound call took a slot of the reserve"
    for person in waiting:
        behind = [other for other in book.served_now if other.rank > person.rank]
        if behind and person.want:
            lines = [*book.able(person.want, book.figures(without=behind))]
            assert not lines, f"{behind} overtook {person} on {lines}"


def check_who_passed(book: Book, at_gate: list[Person]) -> None:
    for person in at_gate:
        behind = [other for other in book.passed_now if other.gate_rank > person.gate_rank]
        assert not (behind and book.gate_open(person, book.figures(without=behind))), f"{behind} overtook {person}"


def compare(book: Book, load: PoolLoad) -> None:
    """The pool's own figures are those of the book."""
    figures = book.figures()
    assert load.in_use == figures.purposes
    waiting = [person.purpose for person in book.people if person.stage is Stage.WAITS]
    assert load.waiting == {purpose: waiting.count(purpose) for purpose in Purpose}
    for of_line in load.lines:
        line = of_line.line.id
        pending = figures.pending[line]
        assert of_line.in_use == figures.slots[line], "a slot"
        assert of_line.day == pending + book.answered_today[line], "a token of the day"
        fewest, most = (pending + book.answered_since(line, book.now - 60 - slack) for slack in (0, SLACK))
        assert fewest <= of_line.minute <= most, "a token of the minute"
