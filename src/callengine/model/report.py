"""What came of a campaign."""

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import field, frozen

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


def report_of(
    attempts: Iterable[Attempt],
    received: Iterable[Received],
    *,
    seed: int | None,
    leaked: Leaked,
    violations: Iterable[str],
    max_concurrent: Mapping[str, int],
    virtual_seconds: float,
    wall_seconds: float,
    counts: Counted,
    callbacks: int = 0,
    opt_outs: int = 0,
) -> Report:
    """Sum up attempts and calls that came in; the rest is what only the caller knows."""
    attempts = tuple(attempts)
    outcomes = [attempt.outcome for attempt in attempts if attempt.outcome is not None]
    inbound = [call.outcome for call in received if call.outcome is not None]
    return Report(
        seed=seed,
        attempts=len(attempts),
        answered=sum(outcome.answered for outcome in outcomes),
        dispositions=_counted(outcome.result for outcome in outcomes),
        inbound=_counted(outcome.result for outcome in inbound),
        transfers=_counted(outcome.transfer.value for outcome in (*outcomes, *inbound) if outcome.transfer is not None),
        leaked=leaked,
        violations=tuple(violations),
        max_concurrent=max_concurrent,
        virtual_seconds=round(virtual_seconds, 3),
        wall_seconds=round(wall_seconds, 3),
        counts=counts,
        callbacks=callbacks,
        opt_outs=opt_outs,
    )


def _counted(words: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(words).items()))
