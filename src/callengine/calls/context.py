"""What a step may use: the customer, the ears and the mind, and what the call remembers."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType

import trio
from attrs import define, field, frozen

from callengine.calls.beside import Beside
from callengine.calls.errands import Errands
from callengine.calls.legs import Leg
from callengine.calls.pbx import Pbx
from callengine.calls.talk import Talk
from callengine.calls.texts import filled
from callengine.calls.waiting import Waiting
from callengine.fsm import Chart
from callengine.fsm.steps import HOLD_PROMPT
from callengine.lines import Operators
from callengine.model import (
    CallId,
    Cause,
    Digits,
    Intent,
    Lines,
    MomentKind,
    Numbering,
    Operator,
    RecordingName,
    Result,
    StepId,
    TransferOutcome,
    Writer,
)
from callengine.providers import GreetingJudge, IntentClassifier, Messenger, Speaker, SpeechToText, WebService


@frozen
class CallRules:
    """What holds for every call, whatever its flow says.

    Attributes:
        longest_call: seconds after the answer.
        most_steps: a flow that takes more is taken to loop.
        operator_timeout: seconds an operator's phone rings.
        operator_wait: seconds a transfer waits for an operator while all are busy.
        operator_slot_wait: seconds an operator leg waits for a slot of a line before the transfer fails.
        operator_legs_count: whether legs to operators over the trunk take slots of lines and count in their limits.
        operator_caller_id: shown to operators where the customer's number is not known.
        keep_recordings: whether what customers say stays on the PBX, recorded.
        result_overrides: rows that replace those of the table from Q.850 causes to results.
        numbering: how numbers are read that are written to, taken off, or called back.
    """

    longest_call: float = 900.0
    most_steps: int = 500
    operator_timeout: float = 30.0
    operator_wait: float = 0.0
    operator_slot_wait: float = 15.0
    operator_legs_count: bool = True
    operator_caller_id: str = ""
    keep_recordings: bool = False
    result_overrides: Mapping[int, Result] = MappingProxyType({})
    numbering: Numbering = field(factory=Numbering)


@frozen
class Understood:
    """What a customer said, and what it was taken for.

    Attributes:
        intent: None where it could not be had.
        source: what found it: `model` or `keywords`.
    """

    call: CallId
    scenario: str
    step: StepId
    transcript: str
    intent: Intent | None
    source: str


@frozen
class Services:
    """What calls share.

    Attributes:
        ears: speech to text; without it every reply counts as empty.
        judge: tells people from machines by their voice; without it they are told by talk.
        speaker: speaks texts; without it none is heard.
        messenger: sends short messages; without it none is sent.
        web: asks web services; without it every `request` fails.
        writer: of the book, for do-not-dial and callbacks, which fail without it, and for the legs that count on a line.
        opted_out: told of each number that was put on the do-not-dial list in a call.
        errands: what is carried out though a call ends.
        playable: how the PBX calls the sound of a scenario's media URI.
        understood: told of each answer; must not wait.
    """

    pbx: Pbx
    lines: Lines
    operators: Operators
    classifier: IntentClassifier
    ears: SpeechToText | None = None
    judge: GreetingJudge | None = None
    speaker: Speaker | None = None
    messenger: Messenger | None = None
    web: WebService | None = None
    writer: Writer | None = None
    opted_out: Callable[[Digits], None] = field(default=lambda _: None)
    errands: Errands = field(factory=Errands)
    playable: Callable[[str], str] = field(default=lambda uri: uri)
    understood: Callable[[Understood], None] = field(default=lambda _: None)
    rules: CallRules = field(factory=CallRules)


@define
class Memory:
    """What the call has come to: the variables of its flow as far as they are set, and its transfer.

    Attributes:
        recordings: that stay on the PBX.
        variables: what the flow remembers, by the names it gave.
        transferring: an operator is being sought, and not yet bridged.
        transfer: what came of the last transfer.
        operator: who was rung last.
        waiting: for operators, and the conversations with them.
        part: parts the customer from the operator they are bridged with; None while there is none.
    """

    transcript: str = ""
    recordings: list[RecordingName] = field(factory=list)
    intent: Intent | None = None
    counters: dict[str, int] = field(factory=dict)
    variables: dict[str, str] = field(factory=dict)
    result: Result | None = None
    transferring: bool = False
    transfer: TransferOutcome | None = None
    operator: Operator | None = None
    waiting: Waiting = field(factory=Waiting)
    part: Callable[[], Awaitable[None]] | None = None


@frozen
class CallContext:
    """One call, as its steps see it.

    Attributes:
        talk: with the customer.
        customer_number: what an operator is shown; empty where it is withheld.
        fields: what is known of the customer besides. Data, never instructions.
        tasks: the call's nursery; what runs in it ends with the call.
        end: ends the call; the first cause wins.
        note: adds to the call's timeline.
    """

    id: CallId
    chart: Chart
    services: Services
    customer: Leg
    talk: Talk
    customer_number: str
    fields: Mapping[str, str]
    tasks: trio.Nursery
    beside: Beside
    end: Callable[[Cause], None]
    note: Callable[[MomentKind, str, str], None]
    memory: Memory = field(factory=Memory)

    def on_hold(self) -> AbstractAsyncContextManager[None]:
        """Keep the customer company for the time of a block: the scenario's hold audio, or the PBX's music."""
        return self.talk.hold(self.beside, self.media(HOLD_PROMPT) if HOLD_PROMPT in self.chart.scenario.prompts else None)

    def known(self) -> Mapping[str, str]:
        """What names in texts and in tests stand for at this moment; what is not there is empty.

        What the flow remembers stands before a field of the contact of the same name.
        """
        memory = self.memory
        counters = {name: str(memory.counters.get(name, 0)) for name in self.chart.counters}
        heard = {"transcript": memory.transcript, "intent": memory.intent or ""}
        return {**self.fields, **counters, **memory.variables, **heard, "number": self.customer_number}

    def text(self, template: str, more: Mapping[str, str] = MappingProxyType({})) -> str:
        """A text with its placeholders filled, each with `LONGEST_REMEMBERED` characters at most.

        Args:
            more: names that only this text knows; they stand before all others.
        """
        return filled(template, {**self.known(), **more})

    def media(self, prompt: str) -> str:
        """The media URI of a prompt."""
        return self.services.playable(self.chart.scenario.prompts[prompt])
