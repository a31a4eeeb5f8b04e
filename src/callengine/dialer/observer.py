"""What pacing needs to know of the calls under way, learnt from their timelines."""

from collections.abc import Callable, Iterable
from enum import Enum

from attrs import define, field

from callengine.dialer.pacing import NOTHING, Figures, History
from callengine.lines import OperatorLoad, OperatorState
from callengine.model import (
    AbandonRate,
    Attempt,
    CallId,
    Moment,
    MomentKind,
    OperatorId,
    Received,
    StepId,
    TransferOutcome,
)

_BUSY = (OperatorState.RESERVED, OperatorState.IN_CALL, OperatorState.WRAP_UP)


class _Stage(Enum):
    ON_THE_WAY = "on the way"
    """Dialling, ringing, or in the flow before a step that connects to an operator."""
    WAITING = "waiting"
    BEYOND = "beyond"
    """Connected, or had to wait for too long."""


@define(eq=False)
class _Call:
    """One call.

    Attributes:
        outbound: somebody who called us wants an operator too, but is no answer.
        since: when it began to be dialled, or, once it waits, when it began to.
        abandoned: None until somebody wanted an operator and it is known whether they had one in time.
    """

    outbound: bool
    scenario: str
    since: float | None = None
    stage: _Stage = _Stage.ON_THE_WAY
    wanted: bool = False
    abandoned: bool | None = None
    operator: OperatorId | None = None
    connected_at: float = 0.0


@define(eq=False)
class Observer:
    """A timeline that follows calls to operators, and tells how things stand.

    An answer, in the words of pacing, is somebody who comes to want an operator: where a flow asks first, those who decline
    are none. They are abandoned who are not bridged `abandon_after` seconds later, unless they left before that.

    Args:
        history: that learns from the calls.
        wants_operator: whether a step of a scenario connects to an operator.
        wrap_up: seconds that operators take after each customer.
        abandon_after: seconds.
        entered: told of every customer who came to want an operator, once it is known whether they had one in time: the call
            and whether it was abandoned. For the ledger.
        changed: told when more calls may be possible.
    """

    history: History
    wants_operator: Callable[[str, StepId], bool]
    wrap_up: float = 0.0
    abandon_after: float = 2.0
    entered: Callable[[CallId, bool], None] = field(default=lambda _call, _abandoned: None)
    changed: Callable[[], None] = field(default=lambda: None)
    _calls: dict[CallId, _Call] = field(factory=dict, init=False)
    _over: set[CallId] = field(factory=set, init=False)
    """Calls that are over, as long as their dialler does not know it."""

    def begin(self, attempt: Attempt) -> None:
        """A call is on the way."""
        self._calls[attempt.call] = _Call(outbound=True, scenario=attempt.scenario)

    def receive(self, received: Received) -> None:
        """Somebody who calls us occupies operators, and is no answer."""
        self._calls[received.call] = _Call(outbound=False, scenario=received.scenario)

    def note(self, moment: Moment) -> None:
        """Move a call along."""
        call = self._calls.get(moment.call)
        if call is None:
            return
        match moment.kind:
            case MomentKind.STATE if call.since is None:
                call.since = moment.at
            case MomentKind.STEP if self.wants_operator(call.scenario, StepId(moment.name)):
                self._waits(call, moment.at)
            case MomentKind.OUTCOME if call.stage is _Stage.WAITING:
                self._stops_waiting(moment.call, call)
            case MomentKind.TRANSFER if moment.detail == TransferOutcome.COMPLETED.value:
                self._connected(moment, call)
            case MomentKind.OPERATOR if moment.name == "down" and moment.detail == call.operator:
                self._handled(call, moment.at)
            case MomentKind.RESULT:
                self._ended(moment, call)

    def figures(
        self,
        now: float,
        operators: Iterable[OperatorLoad],
        live: Iterable[CallId] = (),
        *,
        ledger: AbandonRate = NOTHING,
    ) -> Figures:
        """How things stand.

        Args:
            now: on the clock of the moments.
            operators: those that outbound calls are connected to.
            live: calls that the dialler has begun, whether anything was noted of them yet or not.
            ledger: the worse of the rolling rates.
        """
        for id_, call in self._calls.items():
            if call.stage is _Stage.WAITING and call.since is not None and now - call.since > self.abandon_after:
                self._judge(id_, call, abandoned=True)
        live = frozenset(live)
        self._over &= live
        stages = [call.stage for call in self._calls.values() if call.outbound]
        loads = tuple(operators)
        return Figures(
            idle=sum(load.state is OperatorState.READY for load in loads),
            busy=tuple(max(0.0, now - load.since) for load in loads if load.state in _BUSY),
            ringing=stages.count(_Stage.ON_THE_WAY) + len(live - self._over - self._calls.keys()),
            waiting=sum(call.stage is _Stage.WAITING for call in self._calls.values()),
            abandons=ledger,
        )

    def _waits(self, call: _Call, at: float) -> None:
        if call.outbound and not call.wanted:
            self.history.answered(at - (at if call.since is None else call.since))
        call.wanted = True
        call.stage, call.since = _Stage.WAITING, at

    def _stops_waiting(self, id_: CallId, call: _Call) -> None:
        """A transfer that came to nothing; the flow goes on without."""
        self._judge(id_, call, abandoned=True if call.abandoned is None else call.abandoned)
        call.stage = _Stage.BEYOND
        self.changed()

    def _connected(self, moment: Moment, call: _Call) -> None:
        if call.operator is not None:
            self._handled(call, moment.at)
        if call.since is not None:
            self._judge(moment.call, call, abandoned=moment.at - call.since > self.abandon_after)
        call.stage = _Stage.BEYOND
        call.operator, call.connected_at = OperatorId(moment.name), moment.at

    def _handled(self, call: _Call, at: float) -> None:
        self.history.handled(at - call.connected_at + self.wrap_up)
        call.operator = None

    def _ended(self, moment: Moment, call: _Call) -> None:
        if call.stage is _Stage.WAITING and call.since is not None:
            self._judge(moment.call, call, abandoned=moment.at - call.since > self.abandon_after)
        if call.outbound and not call.wanted:
            self.history.not_answered()
        if call.operator is not None:
            self._handled(call, moment.at)
        del self._calls[moment.call]
        if call.outbound:
            self._over.add(moment.call)
        self.changed()

    def _judge(self, id_: CallId, call: _Call, *, abandoned: bool) -> None:
        """Whether somebody had an operator in time; the first time counts."""
        if call.abandoned is not None or not call.outbound:
            return
        call.abandoned = abandoned
        if abandoned:
            self.history.abandoned()
        self.entered(id_, abandoned)
