"""Walks a call that was recorded through its chart again, and says where the two part."""

from collections.abc import Iterable

from attrs import define, field, frozen

from callengine.calls.result import Ending, result_of
from callengine.errors import FlowError
from callengine.fsm import Chart, ClassifyIntent, SetResult
from callengine.fsm.outcomes import NEXT
from callengine.model import (
    CallResult,
    Cause,
    Intent,
    Moment,
    MomentKind,
    Outcome,
    Result,
    StepId,
    TransferOutcome,
)


@frozen
class Replayed:
    """What came of it.

    Attributes:
        steps: that agree.
        parts: where call and chart part, as a sentence; empty if they agree.
    """

    steps: int
    parts: str = ""


class _Parts(Exception):
    """The call went another way than the chart."""


@define
class _Walk:
    """A walk through the chart beside the record.

    Attributes:
        here: the step that must come next, or goes on; None once the flow has ended.
        performing: whether that step has begun.
    """

    chart: Chart
    here: StepId | None = field(init=False)
    performing: bool = False
    steps: int = 0
    result: Result | None = None
    heard: Intent | None = None
    intent: Intent | None = None

    def __attrs_post_init__(self) -> None:
        self.here = self.chart.entry

    def see(self, moment: Moment) -> None:
        match moment.kind:
            case MomentKind.STEP:
                self._begin(StepId(moment.name))
            case MomentKind.OUTCOME:
                self._leave(StepId(moment.detail), Outcome(moment.name))
            case MomentKind.PROVIDER if moment.name.startswith("intent by "):
                self.heard = Intent(moment.detail)

    def _begin(self, step: StepId) -> None:
        if self.performing:
            raise _Parts(f"step {step} began, though {self.here} had no outcome yet")
        if step != self.here:
            raise _Parts(f"the call came to {step}; the chart leads to {self.here or 'the end'}")
        self.performing = True
        self.steps += 1

    def _leave(self, step: StepId, outcome: Outcome) -> None:
        if not self.performing or step != self.here:
            raise _Parts(f"outcome {outcome} of {step} was taken, while the chart is at {self.here or 'the end'}")
        try:
            self.here = self.chart.after(step, outcome)
        except FlowError as error:
            raise _Parts(str(error)) from error
        self._remember(step, outcome)
        self.performing = False

    def _remember(self, step: StepId, outcome: Outcome) -> None:
        what = self.chart.steps[step]
        if isinstance(what, SetResult):
            self.result = what.result
        if isinstance(what, ClassifyIntent) and outcome == NEXT:
            self.intent = self.heard
        if self.here is None:
            self.result = self.chart.result_at_end(step, outcome) or self.result


def replay(chart: Chart, moments: Iterable[Moment], outcome: CallResult | None, *, inbound: bool, whole: bool) -> Replayed:
    """Walk the steps and outcomes of a call through a chart, and work its result out again.

    The result of a call that was never answered depends on what the PBX said, and is not judged.

    Args:
        chart: compiled from what the call's own was.
        outcome: as it was written down; None where it was not.
        whole: whether no moment was left out.
    """
    walk = _Walk(chart)
    try:
        for moment in moments:
            walk.see(moment)
        if outcome is not None and outcome.answered and whole:
            _judge(walk, outcome, inbound=inbound)
    except _Parts as parts:
        return Replayed(walk.steps, str(parts))
    return Replayed(walk.steps)


def _judge(walk: _Walk, outcome: CallResult, *, inbound: bool) -> None:
    if outcome.cause is Cause.FLOW_ENDED and walk.here is not None and not walk.performing:
        raise _Parts(f"the flow ended before {walk.here}, to which the chart leads")
    expected = result_of(
        Ending(
            cause=outcome.cause,
            answered=True,
            inbound=inbound,
            set_result=walk.result,
            intent=walk.intent,
            transferring=outcome.transfer is TransferOutcome.CUSTOMER_LEFT,
        )
    )
    if expected != outcome.result:
        raise _Parts(f"the result was {outcome.result}; by the chart it is {expected}")
