"""Steps about how a call was answered, by a person or by a machine."""

from typing import Annotated, ClassVar, Literal

from attrs import frozen

from callengine.fsm.declarations import Airtime
from callengine.fsm.kinds import Bounds
from callengine.fsm.outcomes import NEXT
from callengine.fsm.step import Step
from callengine.fsm.steps.limits import LONGEST_GREETING, LONGEST_PROMPT
from callengine.fsm.steps.talking import Uttering
from callengine.model import Outcome, StepId

_LONGEST_TALK = 1.5
"""Seconds, as Asterisk's AMD has it."""
_LONGEST_VOICE = 2.0
"""Seconds; docs/machines.md has what a shorter greeting costs."""


@frozen(kw_only=True)
class DetectMachine(Step):
    """Listens to how the call was answered, and tells people from answering machines.

    Whoever speaks briefly and then waits for an answer is a person; whoever speaks on and on is a machine. The figures are
    those of Asterisk's AMD. What was said before the step began is not heard, so it belongs right after the answer.

    `talk` goes by how long somebody makes a sound, as the PBX tells it. `voice` records them and goes by what is speech, by the
    pauses in it and by beeps. `amd` takes the word of Asterisk's AMD, which the dialplan has run before; the figures are the
    dialplan's then.

    Attributes:
        human: the step that follows when a person answered.
        machine: the step that follows when a machine did.
        not_sure: the step that follows when nothing was said, or it cannot be told.
        by: what tells them.
        initial_silence: seconds in which whoever answered must begin to speak.
        longest_greeting: seconds a person speaks at most: 1.5 by `talk` and 2 by `voice`, unless given.
        after_greeting: seconds of silence by which a greeting is over.
    """

    type: ClassVar[str] = "detect_machine"
    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("human"), Outcome("machine"), Outcome("not_sure"))
    human: StepId
    machine: StepId
    not_sure: StepId
    by: Literal["talk", "voice", "amd"] = "talk"
    initial_silence: Annotated[float, Bounds(0.5, 10)] = 2.5
    longest_greeting: Annotated[float, Bounds(0.5, 10)] | None = None
    after_greeting: Annotated[float, Bounds(0.2, 5)] = 0.8

    def airtime(self, recording: float) -> Airtime:
        return Airtime(turn=0.0 if self.by == "amd" else self.patience)

    @property
    def longest(self) -> float:
        """Seconds a person speaks at most."""
        if self.longest_greeting is not None:
            return self.longest_greeting
        return _LONGEST_VOICE if self.by == "voice" else _LONGEST_TALK

    @property
    def patience(self) -> float:
        """Seconds it listens at most; by voice the pauses in a greeting have their time, too."""
        greeting = self.longest + self.after_greeting
        return self.initial_silence + (2 * greeting if self.by == "voice" else greeting)


@frozen(kw_only=True)
class LeaveMessage(Uttering):
    """Waits until an answering machine's greeting and its beep are over, then leaves it a message.

    Attributes:
        next: the step that follows when the message was played.
        wait: seconds the machine's greeting and its beep are waited for; then the message is played all the same.
        silence: seconds of silence by which the greeting and the beep are over; from the beginning, too.
    """

    type: ClassVar[str] = "leave_message"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT,)
    next: StepId
    wait: Annotated[float, Bounds(1, LONGEST_GREETING)] = 30.0
    silence: Annotated[float, Bounds(0.5, 10)] = 2.0

    def airtime(self, recording: float) -> Airtime:
        return Airtime(before=max(self.wait, self.synthesis), audible=LONGEST_PROMPT)
