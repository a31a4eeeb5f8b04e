"""A call as it is written down: found by its id, and shown line by line."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import frozen

from callengine.cli.printable import printable
from callengine.errors import StoreError
from callengine.model import Attempt, AttemptId, Book, CallId, CallResult, Received, StoredTimeline

LOOKED_THROUGH = 20_000
"""The latest calls, among which one is found by the beginning of its id."""

_PAGE = 1_000


@frozen
class Written:
    """What the store has of one call.

    Attributes:
        timeline: None where none was kept.
        source: of its chart, with path and flow; None where it was not kept.
    """

    call: Attempt | Received
    timeline: StoredTimeline | None
    source: tuple[bytes, str, str] | None

    @property
    def inbound(self) -> bool:
        return isinstance(self.call, Received)


def written(book: Book, name: str) -> Written:
    """The call of this id, or of this beginning of one; for `Store.read`.

    Args:
        name: of the call, or of the attempt.

    Raises:
        StoreError: there is no such call, or there are several.
    """
    call = _exactly(book, name) or _beginning(book, name)
    return Written(call, book.timelines.find(call.call), book.timelines.chart(call.chart))


def _exactly(book: Book, name: str) -> Attempt | Received | None:
    return book.attempts.find(AttemptId(name)) or book.attempts.of_call(CallId(name)) or book.calls.find(CallId(name))


def _beginning(book: Book, name: str) -> Attempt | Received:
    found: list[Attempt | Received] = []
    if name:
        found += [each for each in _latest_attempts(book) if each.call.startswith(name) or each.id.startswith(name)]
        found += [each for each in _latest_received(book) if each.call.startswith(name)]
    if len(found) > 1:
        raise StoreError(f"{len(found)} calls have an id that begins with {printable(name)}: give more of it")
    if not found:
        raise StoreError(f"no call has the id {printable(name)}, and none of the latest {LOOKED_THROUGH:,} one that begins so")
    return found[0]


def _latest_attempts(book: Book) -> Iterator[Attempt]:
    before: int | None = None
    for _ in range(LOOKED_THROUGH // _PAGE):
        page = book.attempts.page(before=before, limit=_PAGE)
        yield from (attempt for _, attempt in page)
        if len(page) < _PAGE:
            return
        before = page[-1][0]


def _latest_received(book: Book) -> Iterator[Received]:
    before: int | None = None
    for _ in range(LOOKED_THROUGH // _PAGE):
        page = book.calls.page(before=before, limit=_PAGE)
        yield from (received for _, received in page)
        if len(page) < _PAGE:
            return
        before = page[-1][0]


def shown(record: Written) -> Iterator[str]:
    """The call, for people: a line for each fact, then one for each moment."""
    yield from (f"{name:<10} {printable(value)}" for name, value in _facts(record.call) if value)
    yield ""
    if record.timeline is None:
        yield "No timeline of it was kept."
        return
    yield from _moments(record.timeline)


def _facts(call: Attempt | Received) -> Iterator[tuple[str, str]]:
    yield "call", call.call
    if isinstance(call, Attempt):
        yield "attempt", call.id
        yield "contact", f"{call.contact.phone_number} ({call.contact.number})"
        yield "intended", _time(call.intended_at)
        yield "state", call.state.value
        yield "test mode", "yes: another telephone was dialled" if call.rehearsal else ""
    else:
        yield "caller", call.caller or "withheld"
        yield "dialled", call.dialled
        yield "arrived", _time(call.arrived_at)
    yield "line", call.line or ""
    yield "scenario", call.scenario
    if call.outcome is not None:
        yield from _ending(call.outcome)


def _time(moment: datetime) -> str:
    return moment.astimezone().isoformat(sep=" ", timespec="milliseconds")


def _ending(outcome: CallResult) -> Iterator[tuple[str, str]]:
    yield "result", outcome.result
    yield "cause", f"{outcome.cause.value} {outcome.detail}".rstrip()
    yield "answered", f"{outcome.seconds:.1f} s" if outcome.answered else "no"
    yield "transfer", outcome.transfer.value if outcome.transfer is not None else ""
    yield "operator", outcome.operator.id if outcome.operator is not None else ""
    yield "waited", f"{outcome.waited:.1f} s" if outcome.waited is not None else ""
    yield "talked", f"{outcome.talked:.1f} s" if outcome.talked else ""


def _moments(timeline: StoredTimeline) -> Iterator[str]:
    began = timeline.moments[0].at if timeline.moments else 0.0
    for moment in timeline.moments:
        since = moment.at - began
        at = (timeline.began_at + timedelta(seconds=since)).astimezone()
        words = printable(f"{moment.name}  {moment.detail}".rstrip())
        yield f"{at:%H:%M:%S}.{at.microsecond // 1000:03} {since:+9.3f}  {moment.kind.value:<9} {words}"
    if timeline.cut:
        yield f"{timeline.cut} more moments were not kept."
