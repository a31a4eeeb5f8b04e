"""What is learnt from the timelines of calls to operators."""

from datetime import UTC, datetime

import pytest
from attrs import define, field

from callengine.dialer.observer import Observer
from callengine.dialer.pacing import PRIOR_TAU, Figures, History
from callengine.lines import OperatorLoad, OperatorState
from callengine.model import (
    Attempt,
    AttemptId,
    CallId,
    ChartId,
    Contact,
    ContactId,
    Digits,
    LineId,
    Moment,
    MomentKind,
    Operator,
    OperatorId,
    Received,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
K = MomentKind


@define(eq=False)
class Office:
    """An observer whose ledger is a list, and calls that it sees."""

    entered: list[tuple[CallId, bool]] = field(factory=list)
    changes: int = 0
    observer: Observer = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.observer = Observer(
            History(),
            lambda scenario, step: scenario == "sale" and step == "operator",
            wrap_up=15.0,
            abandon_after=2.0,
            entered=lambda call, abandoned: self.entered.append((call, abandoned)),
            changed=self._changed,
        )

    def _changed(self) -> None:
        self.changes += 1

    def call(self, name: str, *moments: tuple[float, K, str] | tuple[float, K, str, str]) -> CallId:
        """A call that begins, and what is noted of it."""
        call = CallId(name)
        contact = Contact(ContactId(name), Digits("09121234567"), "09121234567")
        self.observer.begin(Attempt(AttemptId(name), contact, call, LineId("1"), "sale", ChartId("c"), NOW))
        self.then(call, *moments)
        return call

    def then(self, call: CallId, *moments: tuple[float, K, str] | tuple[float, K, str, str]) -> None:
        for at, kind, *words in moments:
            self.observer.note(Moment(call, at, kind, *words))

    def figures(self, now: float, *live: CallId) -> Figures:
        return self.observer.figures(now, (), live)

    @property
    def history(self) -> History:
        return self.observer.history


WAITS = ((0.0, K.STATE, "dialling"), (3.0, K.STATE, "ringing"), (9.0, K.STATE, "up"), (10.0, K.STEP, "operator"))
CONNECTED = (K.TRANSFER, "anna", "completed")


def test_a_call_is_on_the_way_until_somebody_wants_an_operator() -> None:
    here = Office()
    call = here.call("a", *WAITS[:3], (9.0, K.STEP, "greeting"))
    assert (here.figures(9.5).ringing, here.figures(9.5).waiting) == (1, 0)
    assert here.history.tau == PRIOR_TAU
    here.then(call, (10.0, K.STEP, "operator"))
    assert (here.figures(10.5).ringing, here.figures(10.5).waiting) == (0, 1)
    assert here.history.tau == 10.0
    here.then(call, (11.0, *CONNECTED))
    assert (here.figures(11.5).ringing, here.figures(11.5).waiting) == (0, 0)
    assert here.entered == [("a", False)]
    assert (here.history.abandons.answers, here.history.abandons.abandoned) == (1, 0)


def test_nobody_is_an_answer_who_never_wants_an_operator() -> None:
    here = Office()
    before = here.history.answer_rate
    here.call("a", *WAITS[:3], (9.0, K.STEP, "greeting"), (15.0, K.RESULT, "hangup"))
    here.call("b", *WAITS[:2], (25.0, K.RESULT, "missed"))
    assert here.history.abandons.answers == 0
    assert here.history.answer_rate < before
    assert here.entered == []
    assert here.changes == 2
    assert here.figures(30.0) == Figures(idle=0)


@pytest.mark.parametrize(("end", "abandoned"), [(11.9, False), (12.1, True)])
def test_who_leaves_before_it_was_too_late_is_not_abandoned(end: float, abandoned: bool) -> None:
    here = Office()
    here.call("a", *WAITS, (end, K.RESULT, "disconnected"))
    assert here.entered == [("a", abandoned)]
    assert here.history.abandons.abandoned == abandoned


def test_who_is_connected_too_late_is_abandoned_and_counts_once() -> None:
    here = Office()
    call = here.call("a", *WAITS)
    here.figures(12.5)
    assert here.entered == [("a", True)], "known as soon as somebody asks"
    assert here.figures(12.5).waiting == 1, "and still waits"
    here.then(call, (20.0, *CONNECTED), (80.0, K.RESULT, "connected_to_operator"))
    assert here.entered == [("a", True)]
    assert here.history.abandons.abandoned == 1


def test_who_is_turned_away_by_a_transfer_is_abandoned() -> None:
    here = Office()
    here.call("a", *WAITS, (10.0, K.OUTCOME, "on_failure", "operator"))
    assert here.entered == [("a", True)]
    assert here.figures(10.5).waiting == 0


def test_an_operator_is_busy_for_talk_and_wrap_up() -> None:
    here = Office()
    for number in range(2):
        here.call(str(number), *WAITS, (11.0, *CONNECTED), (111.0, K.RESULT, "connected_to_operator"))
    assert here.history.frees([105.5]) == [1.0], "115 s, within the ten to an answer"
    assert here.history.frees([104.5]) == [0.0]
    assert here.history.frees([1.0]) == [0.0]


def test_operators_whom_a_customer_is_passed_between_count_each() -> None:
    here = Office()
    call = here.call("a", *WAITS, (11.0, *CONNECTED), (41.0, K.OPERATOR, "down", "anna"), (42.0, K.STEP, "operator"))
    assert here.history.frees([31.0]) == [0.0], "only the 45 s of the first are known"
    here.then(call, (43.0, K.TRANSFER, "boris", "completed"), (60.0, K.RESULT, "connected_to_operator"))
    assert here.history.frees([31.0]) == [0.5], "the 32 s of the second as well"
    assert here.history.abandons.answers == 1
    assert here.entered == [("a", False)]


def test_who_calls_us_occupies_operators_and_is_no_answer() -> None:
    here = Office()
    received = Received(CallId("i"), "", "1", LineId("1"), "sale", ChartId("c"), NOW)
    here.observer.receive(received)
    here.then(received.call, *WAITS)
    assert (here.figures(10.5).ringing, here.figures(10.5).waiting) == (0, 1)
    here.then(received.call, (30.0, *CONNECTED), (60.0, K.RESULT, "inbound_call"))
    assert here.history.frees([44.0]) == [1.0], "45 s"
    assert here.history.abandons.answers == 0
    assert here.entered == []


def test_a_call_counts_from_the_moment_the_dialler_has_it_and_never_twice() -> None:
    here = Office()
    a, b = CallId("a"), CallId("b")
    assert here.figures(0.0, a, b).ringing == 2
    here.call("a")
    assert here.figures(0.0, a, b).ringing == 2
    here.then(a, (25.0, K.RESULT, "missed"))
    assert here.figures(25.0, a, b).ringing == 1, "over, whatever the dialler still has to write"
    assert here.figures(26.0, b).ringing == 1


def test_operators_are_told_with_the_time_they_have_been_busy() -> None:
    anna, boris, cem = (Operator(OperatorId(name), f"PJSIP/{name}", over_trunk=False) for name in ("anna", "boris", "cem"))
    loads = (
        OperatorLoad(anna, OperatorState.IN_CALL, 40.0),
        OperatorLoad(boris, OperatorState.READY, 10.0),
        OperatorLoad(cem, OperatorState.PAUSED, 20.0),
    )
    figures = Office().observer.figures(100.0, loads)
    assert (figures.idle, figures.busy) == (1, (60.0,))
