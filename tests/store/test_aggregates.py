import attrs

from callengine.model import (
    AbandonRate,
    CallId,
    CallResult,
    Cause,
    ChannelId,
    ChartId,
    KeptRecording,
    LineId,
    Message,
    MessageId,
    Moment,
    MomentKind,
    OperatorFigures,
    OperatorId,
    Pause,
    Placement,
    Received,
    Refused,
    Result,
    StoredTimeline,
)
from callengine.store import SqlBook
from tests.store.given import NOON, after, attempt_for, ended, person


def message(name: str, subject: str, seconds: float = 0.0) -> Message:
    return Message(MessageId(name), subject, "/report", '{"a": 1}', after(seconds))


def pending(book: SqlBook, seconds: float, *beside: str) -> list[str]:
    return [each.id for each in book.outbox.pending(after(seconds), 10, beside)]


def test_the_do_not_dial_list_can_be_followed(book: SqlBook) -> None:
    one, two = person("a", 1).number, person("b", 2).number
    assert book.do_not_dial.add([one, two, one], NOON, "asked") == 2
    assert book.do_not_dial.add([two], NOON) == 0
    first, second = book.do_not_dial.since(0)
    assert (first.number, first.at, first.reason) == (one, NOON, "asked")
    assert book.do_not_dial.remove([two, person("c", 3).number]) == 1
    assert not book.do_not_dial.holds(two)
    book.do_not_dial.add([two], NOON)
    [again] = book.do_not_dial.since(second.serial)
    assert (again.number, book.do_not_dial.count()) == (two, 2)


def test_placements_without_a_date_stand_last(book: SqlBook) -> None:
    for name in ("a", "b", "c", "d"):
        book.placements.place(Placement(name, LineId("1001"), None))
    book.placements.date("c", after(1))
    book.placements.date("b", after(2))
    book.placements.date("a", after(-1))
    assert [placement.id for placement in book.placements.since(NOON)] == ["c", "b", "d"]
    book.placements.drop("d")
    assert [placement.id for placement in book.placements.since(NOON)] == ["c", "b"]


def test_messages_about_the_same_are_told_in_their_order(book: SqlBook) -> None:
    for each in (message("a1", "a"), message("b1", "b", 1), message("a2", "a", 2), message("a1", "again")):
        book.outbox.post(each)
    assert pending(book, 5) == ["a1", "b1"]
    assert pending(book, 5, "a") == ["b1"]
    book.outbox.failed(MessageId("a1"), "no answer", after(60))
    assert pending(book, 5) == ["b1"]
    assert (book.outbox.last_error(), book.outbox.next_due()) == ("no answer", after(1))
    book.outbox.accepted(MessageId("b1"), after(5))
    assert (book.outbox.waiting(), book.outbox.next_due(), book.outbox.is_waiting("b")) == (2, after(60), False)
    [again] = book.outbox.pending(after(60), 10)
    assert (again.id, again.tries, again.error, again.body) == ("a1", 1, "no answer", '{"a": 1}')
    book.outbox.accepted(MessageId("a1"), after(61))
    book.outbox.failed(MessageId("a1"), "too late", after(99))
    assert pending(book, 61) == ["a2"]
    book.outbox.accepted(MessageId("a2"), after(62))
    assert (book.outbox.waiting(), book.outbox.next_due(), book.outbox.last_error()) == (0, None, "")


def test_one_pause_of_a_kind_is_in_force(book: SqlBook) -> None:
    failures = Pause("p1", "failures", "ten in a row", NOON)
    assert book.pauses.begin(failures)
    assert not book.pauses.begin(attrs.evolve(failures, id="p2"))
    assert book.pauses.begin(Pause("p3", "operator", "lunch", NOON))
    book.pauses.told("p1")
    assert book.pauses.in_force() == (attrs.evolve(failures, told=True), Pause("p3", "operator", "lunch", NOON))
    assert book.pauses.end(after(9), "panel", kinds=["failures", "balance"]) == 1
    assert book.pauses.begin(attrs.evolve(failures, id="p4"))
    assert book.pauses.end(after(10), "Sara") == 2
    latest, *_ = book.pauses.history()
    assert latest == (attrs.evolve(failures, id="p4"), after(10), "Sara")
    assert [pause.id for pause, _, _ in book.pauses.history(2)] == ["p4", "p3"]


def test_operators_figures_add_up(book: SqlBook) -> None:
    sara = OperatorId("sara")
    book.operators.count("2026-03-01", OperatorFigures(sara, 1, 10.0, 2.0, 60.0))
    book.operators.count("2026-03-02", OperatorFigures(sara, 2, 5.5))
    book.operators.count("2026-03-02", OperatorFigures(sara, 1, 1.5))
    assert book.operators.figures() == (OperatorFigures(sara, 4, 17.0, 2.0, 60.0),)
    assert book.operators.figures("2026-03-02") == (OperatorFigures(sara, 3, 7.0),)


def test_a_call_enters_the_ledger_once(book: SqlBook) -> None:
    for name in ("a", "b", "c", "c"):
        book.ledger.enter(CallId(name), "main", NOON, abandoned=name == "c")
    book.ledger.enter(CallId("old"), "main", after(-1), abandoned=True)
    assert book.ledger.rate("main", NOON) == AbandonRate(3, 1)
    assert book.ledger.rate("other", NOON) == AbandonRate(0, 0)


def test_a_call_that_came_in_keeps_its_outcome(book: SqlBook) -> None:
    came = Received(CallId("a"), "", "1001", None, "sales", ChartId("c"), NOON, channel=ChannelId("77.1"))
    book.receive(came)
    assert book.calls.unfinished() == (came,)
    over = attrs.evolve(came, outcome=CallResult(Result("hangup"), Cause.CUSTOMER_GONE, answered=True, transcript="نه"))
    book.receive(over)
    book.receive(attrs.evolve(came, caller="0912"))
    book.receive(attrs.evolve(came, call=CallId("b")))
    assert book.calls.find(came.call) == over
    assert [received.call for _, received in book.calls.page()] == ["b", "a"]
    assert [use.at for use in book.attempts.uses_since(NOON)] == [NOON, NOON]


def test_what_people_said_can_be_forgotten(book: SqlBook) -> None:
    attempt = attempt_for(person("a"))
    book.intend(attempt)
    book.update(ended(attempt, transcript="yes"))
    assert book.keeping.forget_transcripts(NOON) == 0
    later = book.ambient.wall().replace(year=2100)
    assert book.keeping.forget_transcripts(later) == 1
    assert book.attempts.find(attempt.id) == ended(attempt)


def test_recordings_are_kept_until_they_are_forgotten(book: SqlBook) -> None:
    old, new = KeptRecording("r1", CallId("a"), after(-9)), KeptRecording("r2", CallId("b"), after(9))
    for each in (new, old, old):
        book.keeping.keep_recording(each)
    assert book.keeping.recordings_before(NOON) == (old,)
    book.keeping.forget_recording("r1")
    assert book.keeping.recordings_before(after(99)) == (new,)


def test_a_timeline_comes_back_as_it_was(book: SqlBook) -> None:
    call = CallId("a")
    moments = tuple(Moment(call, at / 3, kind, f"name {at}", "\0 \ud800 سلام") for at, kind in enumerate(MomentKind))
    book.timelines.keep(StoredTimeline(call, NOON, ()))
    book.timelines.keep(StoredTimeline(call, NOON, moments, cut=3))
    assert book.timelines.find(call) == StoredTimeline(call, NOON, moments, cut=3)
    assert book.timelines.find(CallId("b")) is None
    book.timelines.keep_chart(ChartId("c"), b"flow: []", "sales.yaml", "flow")
    book.timelines.keep_chart(ChartId("c"), b"other", "other.yaml", "flow")
    assert book.timelines.chart(ChartId("c")) == (b"flow: []", "sales.yaml", "flow")


def test_notes_are_replaced_and_the_latest_refused_answers_kept(book: SqlBook) -> None:
    book.notebook.write("lines", "1")
    book.notebook.write("lines", "2")
    assert (book.notebook.read("lines"), book.notebook.read("other")) == ("2", None)
    for at in range(103):
        book.inspection.keep(Refused(after(at), "no list", "س" * 40_000 if at == 102 else str(at)))
    latest, before, *_ = book.inspection.latest(1000)
    assert (len(latest.body.encode()), before.body) == (65536, "101")
    assert len(book.inspection.latest(1000)) == 100
