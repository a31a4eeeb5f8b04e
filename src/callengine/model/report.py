"""What came of a campaign."""

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import define, field, frozen

from callengine.model.book import Book
from callengine.model.call import Attempt, Received
from callengine.model.ids import Outcome, StepId


@frozen
class Leaked:
    """What was still there when everything had ended."""

    channels: int = 0
    bridges: int = 0
    recordings: int = 0
    tasks: int = 0
    slots: int = 0

    @property
    def nothing(self) -> bool:
        """Whether everything was gone."""
        return self == Leaked()


@frozen
class FlowCounts:
    """How often calls came to the steps of one flow.

    Attributes:
        steps: number of visits of each step; one that no call came to is left out.
        outcomes: by the step, how often each of its outcomes was taken; the same holds.
    """

    steps: Mapping[StepId, int]
    outcomes: Mapping[StepId, Mapping[Outcome, int]]


Counted = Mapping[str, Mapping[str, FlowCounts]]
"""By the scenario's name and the flow's (`flow`, `inbound_flow`)."""


@frozen
class Report:
    """The figures of one run, for people and for machines.

    Attributes:
        seed: of a simulated run; None when the people were real.
        dispositions: number of attempts by result.
        inbound: number of calls that came in, by result.
        transfers: number of transfers to operators by outcome, in calls of either direction.
        violations: sentences, one for each limit that was exceeded and each object left over; none where no PBX's log was
            there to judge by.
        max_concurrent: by the line's number, the most channels at once; in a real run the most slots held.
        virtual_seconds: on the clock of the campaign; in a real run the same as `wall_seconds`.
        counts: of the flows that calls went through. A scenario that was read again meanwhile is counted as one.
        callbacks: that were asked for.
        opt_outs: numbers that were put on the do-not-dial list.
        test_mode: every outbound call went to one number.
    """

    seed: int | None
    attempts: int
    answered: int
    dispositions: Mapping[str, int]
    inbound: Mapping[str, int]
    transfers: Mapping[str, int]
    leaked: Leaked
    violations: tuple[str, ...]
    max_concurrent: Mapping[str, int]
    virtual_seconds: float
    wall_seconds: float
    counts: Counted = field(factory=dict)
    callbacks: int = 0
    opt_outs: int = 0
    test_mode: bool = False


@define(eq=False)
class Outcomes:
    """Counts the calls of one run as they end.

    Attributes:
        attempts: intents that were written down, be they placed or not.
    """

    attempts: int = 0
    answered: int = 0
    dispositions: Counter[str] = field(factory=Counter)
    inbound: Counter[str] = field(factory=Counter)
    transfers: Counter[str] = field(factory=Counter)

    def count(self, over: Attempt | Received) -> None:
        """A call of ours, or one that came in, has its outcome."""
        outcome = over.outcome
        if isinstance(over, Attempt):
            self.attempts += 1
        if outcome is None:
            return
        if isinstance(over, Attempt):
            self.answered += outcome.answered
            self.dispositions[outcome.result] += 1
        else:
            self.inbound[outcome.result] += 1
        if outcome.transfer is not None:
            self.transfers[outcome.transfer.value] += 1


@frozen
class AskedFor:
    """How much customers have asked for, so far."""

    callbacks: int = 0
    opt_outs: int = 0

    def since(self, before: "AskedFor") -> "AskedFor":
        """What has come since an earlier look."""
        return AskedFor(self.callbacks - before.callbacks, self.opt_outs - before.opt_outs)


def asked_for(book: Book) -> AskedFor:
    """What stands in the store now."""
    return AskedFor(len(book.callbacks()), book.do_not_dial.count())


def report_of(
    outcomes: Outcomes,
    *,
    seed: int | None,
    leaked: Leaked,
    violations: Iterable[str],
    max_concurrent: Mapping[str, int],
    virtual_seconds: float,
    wall_seconds: float,
    counts: Counted,
    asked: AskedFor,
    test_mode: bool = False,
) -> Report:
    """Sum up a run; besides what was counted of its calls, the rest is what only the caller knows."""
    return Report(
        seed=seed,
        attempts=outcomes.attempts,
        answered=outcomes.answered,
        dispositions=_sorted(outcomes.dispositions),
        inbound=_sorted(outcomes.inbound),
        transfers=_sorted(outcomes.transfers),
        leaked=leaked,
        violations=tuple(violations),
        max_concurrent=max_concurrent,
        virtual_seconds=round(virtual_seconds, 3),
        wall_seconds=round(wall_seconds, 3),
        counts=counts,
        callbacks=asked.callbacks,
        opt_outs=asked.opt_outs,
        test_mode=test_mode,
    )


def _sorted(words: Counter[str]) -> Mapping[str, int]:
    return dict(sorted(words.items()))
