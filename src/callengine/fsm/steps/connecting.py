"""Steps that connect the caller to a human."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from attrs import frozen

from callengine.fsm.declarations import OPERATOR, Airtime
from callengine.fsm.kinds import Bounds, Key, Name, Seconds, Sentence
from callengine.fsm.outcomes import ON_FAILURE, ON_LEAVE, ON_SUCCESS, ON_TIMEOUT
from callengine.fsm.placeholders import names_in, read_by
from callengine.fsm.step import Step, Variables
from callengine.fsm.steps.limits import LAST_OPERATOR, LONGEST_TRANSFER
from callengine.model import Outcome, StepId


@frozen(kw_only=True)
class ToOperator(Step):
    """What the steps have in common that connect the customer to an operator.

    Attributes:
        agent_type: which roster of operators.
        on_success: the step that follows when both are bridged.
        on_failure: the step that follows when no operator took the call.
        whisper: a prompt that the operator hears before both are bridged, while the customer stays on hold.
        whisper_text: the same as a sentence that is spoken; `{number}` and `{field}` stand for what is known of the customer.
        accept_key: the key with which the operator takes the call; any other declines it, and the next one is tried.
    """

    defines: ClassVar[Mapping[Outcome, Variables]] = {ON_SUCCESS: (OPERATOR,)}
    plays: ClassVar[tuple[str, ...]] = ("whisper",)
    hold_audio: ClassVar[bool] = True
    agent_type: Literal["inbound", "outbound"]
    on_success: StepId
    on_failure: StepId
    whisper: Name | None = None
    whisper_text: Sentence | None = None
    accept_key: Key | None = None

    def __attrs_post_init__(self) -> None:
        if self.whisper is not None and self.whisper_text is not None:
            raise ValueError("has both `whisper` and `whisper_text`; keep the one that the operator is to hear")

    def reading(self) -> Variables:
        return read_by(self.whisper_text or "")

    def forgetting(self, outcome: Outcome) -> Variables:
        """An operator whom the customer talks with already is let go of before the next is rung."""
        return () if outcome == ON_SUCCESS else (OPERATOR,)


@frozen(kw_only=True)
class TransferToOperator(ToOperator):
    """Rings operators one after the other and bridges the customer to the first who takes the call.

    Attributes:
        wait: seconds to wait for an operator while all are busy; the engine's settings say how long if it is left out.
    """

    type: ClassVar[str] = "transfer_to_operator"
    outcomes: ClassVar[tuple[Outcome, ...]] = (ON_SUCCESS, ON_FAILURE)
    air: ClassVar[Airtime] = Airtime(audible=LONGEST_TRANSFER + LAST_OPERATOR)
    wait: Seconds | None = None


@frozen(kw_only=True)
class Queue(ToOperator):
    """Keeps the customer in line for an operator, first come first served, with music and word of their place.

    Attributes:
        on_timeout: the step that follows when the customer has waited too long.
        timeout: seconds they wait at most.
        prompt: a key of `prompts`; played again and again while they wait.
        position_text: a sentence that is spoken instead; `{position}` is their place in the queue, 1 for who is next.
        every: seconds between two of these announcements.
        leave_key: the key with which the customer leaves the queue.
        on_leave: the step that follows then.
    """

    type: ClassVar[str] = "queue"
    outcomes: ClassVar[tuple[Outcome, ...]] = (ON_SUCCESS, ON_FAILURE, ON_TIMEOUT)
    plays: ClassVar[tuple[str, ...]] = ("whisper", "prompt")
    on_timeout: StepId
    timeout: Annotated[float, Bounds(5, 3600)] = 300.0
    prompt: Name | None = None
    position_text: Sentence | None = None
    every: Annotated[float, Bounds(5, 600)] = 30.0
    leave_key: Key | None = None
    on_leave: StepId | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.prompt is not None and self.position_text is not None:
            raise ValueError("has both `prompt` and `position_text`; keep the one that the customer is to hear")
        if (self.leave_key is None) != (self.on_leave is None):
            raise ValueError("needs `leave_key` and `on_leave` together; add the other one")

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {**super().targets(), **({} if self.on_leave is None else {ON_LEAVE: self.on_leave})}

    def reading(self) -> Variables:
        told = (name for name in names_in(self.position_text or "") if name != "position")
        return (*super().reading(), *read_by("".join(f"{{{name}}}" for name in told)))

    def airtime(self, recording: float) -> Airtime:
        return Airtime(audible=self.timeout + LAST_OPERATOR)
